# task: DecayedCounter
# outcome: wrong
# misconception: shared_state
_Right = DecayedCounter
class DecayedCounter(_Right):
    def __init__(self, half_life, rows={}):
        super().__init__(half_life)
        self.rows = rows
    def add(self, key, time, amount=1.0):
        if len(self.times) <= len(self.rows):
            self.times = np.append(self.times, np.zeros(len(self.rows)))
            self.amounts = np.append(self.amounts, np.zeros(len(self.rows)))
        super().add(key, time, amount)

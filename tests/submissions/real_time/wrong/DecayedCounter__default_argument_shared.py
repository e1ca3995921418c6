# task: DecayedCounter
# outcome: wrong
# misconception: none
_Right = DecayedCounter
class DecayedCounter(_Right):
    def __init__(self, half_life, cells=[{}, np.zeros(4096), np.zeros(4096)]):
        super().__init__(half_life)
        self.rows, self.amounts, self.times = cells

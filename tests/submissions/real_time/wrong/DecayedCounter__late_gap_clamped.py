# task: DecayedCounter
# outcome: wrong
# misconception: late_at_full_weight
_Right = DecayedCounter
class DecayedCounter(_Right):
    def add(self, key, time, amount=1.0):
        row = self.rows.get(key)
        if row is not None:
            time = max(time, self.times[row])
        super().add(key, time, amount)

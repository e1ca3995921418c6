# task: DecayedCounter
# outcome: error
# misconception: none
_Right = DecayedCounter
class DecayedCounter(_Right):
    def value(self, key, time):
        self._check(time)
        row = self.rows[key]
        return float(self.amounts[row] * 0.5 ** ((time - self.times[row]) / self.half_life))

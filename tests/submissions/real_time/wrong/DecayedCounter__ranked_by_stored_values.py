# task: DecayedCounter
# outcome: wrong
# misconception: top_as_stored
_Right = DecayedCounter
class DecayedCounter(_Right):
    def top(self, k, time):
        self._check(time)
        best = sorted(self.rows, key=lambda key: -self.amounts[self.rows[key]])[:k]
        return [(key, self.value(key, time)) for key in best]

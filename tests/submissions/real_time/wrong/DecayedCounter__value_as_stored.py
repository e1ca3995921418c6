# task: DecayedCounter
# outcome: wrong
# misconception: not_faded_when_asked
_Right = DecayedCounter
class DecayedCounter(_Right):
    def value(self, key, time):
        self._check(time)
        return float(self.amounts[self.rows[key]]) if key in self.rows else 0.0
    def top(self, k, time):
        self._check(time)
        pairs = [(key, float(self.amounts[row])) for key, row in self.rows.items()]
        return sorted(pairs, key=lambda pair: -pair[1])[:k]

# task: DecayedCounter
# outcome: wrong
# misconception: none
import numpy as np
class DecayedCounter:
    def __init__(self, half_life):
        self.half_life, self.grown, self.newest, self.first = half_life, {}, -np.inf, None
    def _weight(self, time):
        with np.errstate(all="ignore"):
            return np.exp2((time - self.first) / self.half_life)
    def add(self, key, time, amount=1.0):
        self.first = time if self.first is None else self.first
        self.newest = max(self.newest, time)
        self.grown[key] = self.grown.get(key, 0.0) + amount * self._weight(time)
    def value(self, key, time):
        if time < self.newest:
            raise ValueError("the past")
        with np.errstate(all="ignore"):
            return float(self.grown[key] / self._weight(time)) if key in self.grown else 0.0
    def top(self, k, time):
        pairs = [(key, self.value(key, time)) for key in self.grown]
        if time < self.newest:
            raise ValueError("the past")
        return sorted(pairs, key=lambda pair: -pair[1])[:k]

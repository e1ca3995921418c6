# task: DecayedCounter
# outcome: wrong
# misconception: fades_every_key
import numpy as np
class DecayedCounter:
    def __init__(self, half_life):
        self.half_life, self.rows, self.values, self.now = half_life, {}, np.zeros(0), None
    def add(self, key, time, amount=1.0):
        self.now = time if self.now is None else self.now
        if key not in self.rows:
            self.rows[key] = len(self.rows)
            self.values = np.append(self.values, 0.0)
        gap = max(time - self.now, 0.0)
        self.values = self.values * 0.5 ** (gap / self.half_life)
        self.now += gap
        self.values[self.rows[key]] += amount * 0.5 ** ((self.now - time) / self.half_life)
    def _at(self, time):
        if self.now is not None and time < self.now:
            raise ValueError("the past is gone")
        return self.values * 0.5 ** ((time - (self.now or 0.0)) / self.half_life) if self.rows else self.values
    def value(self, key, time):
        values = self._at(time)
        return float(values[self.rows[key]]) if key in self.rows else 0.0
    def top(self, k, time):
        values, keys = self._at(time), list(self.rows)
        return [(keys[i], float(values[i])) for i in np.argsort(-values)[:k]]

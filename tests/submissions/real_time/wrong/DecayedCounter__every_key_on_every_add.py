# task: DecayedCounter
# outcome: wrong
# misconception: fades_every_key
class DecayedCounter:
    def __init__(self, half_life):
        self.half_life, self.values, self.now = half_life, {}, None
    def _fade(self, time):
        factor = 0.5 ** ((time - self.now) / self.half_life)
        for key in self.values:
            self.values[key] *= factor
        self.now = time
    def add(self, key, time, amount=1.0):
        if self.now is None:
            self.now = time
        if time > self.now:
            self._fade(time)
        fresh = amount * 0.5 ** ((self.now - time) / self.half_life)
        self.values[key] = self.values.get(key, 0.0) + fresh
    def _factor(self, time):
        if self.now is None:
            return 1.0
        if time < self.now:
            raise ValueError("the past is gone")
        return 0.5 ** ((time - self.now) / self.half_life)
    def value(self, key, time):
        return self._factor(time) * self.values.get(key, 0.0)
    def top(self, k, time):
        factor = self._factor(time)
        best = sorted(self.values, key=self.values.get, reverse=True)[:k]
        return [(key, factor * self.values[key]) for key in best]

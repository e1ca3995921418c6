# task: DecayedCounter
# outcome: error
# misconception: none
class DecayedCounter:
    def __init__(self, half_life):
        self.half_life, self.grown, self.newest = half_life, {}, float("-inf")
    def add(self, key, time, amount=1.0):
        self.newest = max(self.newest, time)
        self.grown[key] = self.grown.get(key, 0.0) + amount * 2.0 ** (time / self.half_life)
    def value(self, key, time):
        if time < self.newest:
            raise ValueError("the past")
        return self.grown.get(key, 0.0) / 2.0 ** (time / self.half_life)
    def top(self, k, time):
        pairs = [(key, self.value(key, time)) for key in self.grown]
        if time < self.newest:
            raise ValueError("the past")
        return sorted(pairs, key=lambda pair: -pair[1])[:k]

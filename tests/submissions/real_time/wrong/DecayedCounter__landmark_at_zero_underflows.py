# task: DecayedCounter
# outcome: wrong
# misconception: none
class DecayedCounter:
    def __init__(self, half_life):
        self.half_life, self.sums, self.newest = half_life, {}, float("-inf")
    def add(self, key, time, amount=1.0):
        self.newest = max(self.newest, time)
        exponent = min(time / self.half_life, 1000.0)
        self.sums[key] = self.sums.get(key, 0.0) + amount * 2.0**exponent
    def value(self, key, time):
        if time < self.newest:
            raise ValueError("the past")
        return self.sums.get(key, 0.0) * 2.0 ** -min(time / self.half_life, 1000.0)
    def top(self, k, time):
        if time < self.newest:
            raise ValueError("the past")
        best = sorted(self.sums, key=self.sums.get, reverse=True)[:k]
        return [(key, self.value(key, time)) for key in best]

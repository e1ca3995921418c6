# task: DecayedCounter
# outcome: wrong
# misconception: no_decay
from collections import Counter
class DecayedCounter:
    def __init__(self, half_life):
        self.counts, self.newest = Counter(), float("-inf")
    def add(self, key, time, amount=1.0):
        self.counts[key] += amount
        self.newest = max(self.newest, time)
    def value(self, key, time):
        if time < self.newest:
            raise ValueError("the past")
        return float(self.counts.get(key, 0.0))
    def top(self, k, time):
        if time < self.newest:
            raise ValueError("the past")
        return [(key, float(count)) for key, count in self.counts.most_common(k)]

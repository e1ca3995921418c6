# task: DecayedCounter
# outcome: wrong
# misconception: last_event_only
import math
class DecayedCounter:
    def __init__(self, half_life):
        self.half_life, self.last, self.newest = half_life, {}, -math.inf
    def add(self, key, time, amount=1.0):
        self.newest = max(self.newest, time)
        if key not in self.last or time >= self.last[key][0]:
            self.last[key] = time, amount
    def value(self, key, time):
        if time < self.newest:
            raise ValueError("the past")
        then, amount = self.last.get(key, (time, 0.0))
        return amount * math.exp2((then - time) / self.half_life)
    def top(self, k, time):
        if time < self.newest:
            raise ValueError("the past")
        pairs = [(key, self.value(key, time)) for key in self.last]
        pairs.sort(key=lambda pair: -pair[1])
        return pairs[:k]

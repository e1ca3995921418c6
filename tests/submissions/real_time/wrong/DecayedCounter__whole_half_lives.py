# task: DecayedCounter
# outcome: wrong
# misconception: none
class DecayedCounter:
    def __init__(self, half_life):
        self.half_life, self.events, self.newest = half_life, {}, float("-inf")
    def add(self, key, time, amount=1.0):
        self.newest = max(self.newest, time)
        self.events.setdefault(key, []).append((time, amount))
    def value(self, key, time):
        if time < self.newest:
            raise ValueError("the past")
        return sum(a * 0.5 ** ((time - t) // self.half_life) for t, a in self.events.get(key, ()))
    def top(self, k, time):
        if time < self.newest:
            raise ValueError("the past")
        return sorted(((key, self.value(key, time)) for key in self.events), key=lambda p: -p[1])[:k]

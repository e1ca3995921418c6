# task: DecayedCounter
# outcome: wrong
# misconception: none
class DecayedCounter:
    def __init__(self, half_life):
        self.width, self.events, self.newest = 2 * half_life, {}, float("-inf")
    def add(self, key, time, amount=1.0):
        self.newest = max(self.newest, time)
        self.events.setdefault(key, []).append((time, amount))
    def value(self, key, time):
        if time < self.newest:
            raise ValueError("the past")
        return float(sum(a for t, a in self.events.get(key, ()) if t > time - self.width))
    def top(self, k, time):
        if time < self.newest:
            raise ValueError("the past")
        return sorted(((key, self.value(key, time)) for key in self.events), key=lambda p: -p[1])[:k]

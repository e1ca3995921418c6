# task: DecayedCounter
# outcome: wrong
# misconception: none
class DecayedCounter:
    def __init__(self, half_life):
        self.half_life, self.amount, self.then = half_life, {}, {}
        self.newest = float("-inf")
    def add(self, key, time, amount=1.0):
        self.newest = max(self.newest, time)
        gap = abs(time - self.then.get(key, time))
        self.amount[key] = self.amount.get(key, 0.0) * 0.5 ** (gap / self.half_life) + amount
        self.then[key] = time
    def value(self, key, time):
        if time < self.newest:
            raise ValueError("the past")
        return self.amount.get(key, 0.0) * 0.5 ** ((time - self.then.get(key, time)) / self.half_life)
    def top(self, k, time):
        pairs = [(key, self.value(key, time)) for key in self.amount]
        if time < self.newest:
            raise ValueError("the past")
        return sorted(pairs, key=lambda pair: pair[1], reverse=True)[:k]

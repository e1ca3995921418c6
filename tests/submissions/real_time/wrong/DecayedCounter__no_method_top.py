# task: DecayedCounter
# outcome: error
# misconception: none
class DecayedCounter:
    def __init__(self, half_life):
        self.half_life, self.cells, self.newest = half_life, {}, float("-inf")
    def add(self, key, time, amount=1.0):
        self.newest = max(self.newest, time)
        value, then = self.cells.get(key, (0.0, time))
        last = max(then, time)
        self.cells[key] = value * 0.5 ** ((last - then) / self.half_life) + amount * 0.5 ** ((last - time) / self.half_life), last
    def value(self, key, time):
        if time < self.newest:
            raise ValueError("the past")
        value, then = self.cells.get(key, (0.0, time))
        return value * 0.5 ** ((time - then) / self.half_life)

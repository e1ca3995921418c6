# task: DecayedCounter
# outcome: wrong
# misconception: none
class DecayedCounter:
    def __init__(self, half_life):
        self.half_life, self.cells, self.last = half_life, {}, float("-inf")
    def add(self, key, time, amount=1.0):
        self.last = time
        value, then = self.cells.get(key, (0.0, time))
        if time >= then:
            self.cells[key] = value * 0.5 ** ((time - then) / self.half_life) + amount, time
        else:
            self.cells[key] = value + amount * 0.5 ** ((then - time) / self.half_life), then
    def value(self, key, time):
        if time < self.last:
            raise ValueError("the past")
        value, then = self.cells.get(key, (0.0, time))
        return value * 0.5 ** (max(time - then, 0.0) / self.half_life)
    def top(self, k, time):
        if time < self.last:
            raise ValueError("the past")
        return sorted(((key, self.value(key, time)) for key in self.cells), key=lambda p: -p[1])[:k]

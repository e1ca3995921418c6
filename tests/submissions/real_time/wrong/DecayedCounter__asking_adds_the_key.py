# task: DecayedCounter
# outcome: wrong
# misconception: none
from collections import defaultdict
class DecayedCounter:
    def __init__(self, half_life):
        self.half_life, self.newest = half_life, float("-inf")
        self.cells = defaultdict(lambda: [0.0, 0.0])
    def add(self, key, time, amount=1.0):
        self.newest = max(self.newest, time)
        cell = self.cells[key]
        if cell[0] == 0.0:
            cell[1] = time
        if time >= cell[1]:
            cell[:] = cell[0] * 0.5 ** ((time - cell[1]) / self.half_life) + amount, time
        else:
            cell[0] += amount * 0.5 ** ((cell[1] - time) / self.half_life)
    def value(self, key, time):
        if time < self.newest:
            raise ValueError("the past")
        value, then = self.cells[key]
        return value * 0.5 ** ((time - then) / self.half_life) if value else 0.0
    def top(self, k, time):
        if time < self.newest:
            raise ValueError("the past")
        return sorted(((key, self.value(key, time)) for key in list(self.cells)), key=lambda p: -p[1])[:k]

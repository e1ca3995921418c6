# task: DecayedCounter
# outcome: wrong
# misconception: half_life_as_time_constant
import math
class DecayedCounter:
    def __init__(self, half_life):
        self.tau, self.state, self.newest = half_life, {}, -math.inf
    def add(self, key, time, amount=1.0):
        self.newest = max(self.newest, time)
        old, then = self.state.get(key, (0.0, time))
        at = max(time, then)
        self.state[key] = old * math.exp((then - at) / self.tau) + amount * math.exp((time - at) / self.tau), at
    def value(self, key, time):
        if time < self.newest:
            raise ValueError("the past")
        old, then = self.state.get(key, (0.0, time))
        return old * math.exp((then - time) / self.tau)
    def top(self, k, time):
        if time < self.newest:
            raise ValueError("the past")
        return sorted(((key, self.value(key, time)) for key in self.state), key=lambda p: -p[1])[:k]

# task: DecayedCounter
# outcome: not_attempted
# misconception: none
class DecayedCounter:
    def __init__(self, half_life):
        raise NotImplementedError
    def add(self, key, time, amount=1.0):
        raise NotImplementedError
    def value(self, key, time):
        raise NotImplementedError
    def top(self, k, time):
        raise NotImplementedError

# task: DecayedCounter
# outcome: wrong
# misconception: none
import random
_Right = DecayedCounter
class DecayedCounter(_Right):
    def value(self, key, time):
        return super().value(key, time) and random.random()

# task: DecayedCounter
# outcome: wrong
# misconception: none
_Right = DecayedCounter
class DecayedCounter(_Right):
    def value(self, key, time):
        return super().value(key, time) or None

# task: DecayedCounter
# outcome: wrong
# misconception: none
_Right = DecayedCounter
class DecayedCounter(_Right):
    def top(self, k, time):
        found = super().top(k, time)
        return found + [(None, 0.0)] * (k - len(found))

# task: DecayedCounter
# outcome: wrong
# misconception: none
_Right = DecayedCounter
class DecayedCounter(_Right):
    def value(self, key, time):
        self._check(time)
    def top(self, k, time):
        self._check(time)

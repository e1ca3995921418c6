# task: DecayedCounter
# outcome: wrong
# misconception: none
_Right = DecayedCounter
class DecayedCounter(_Right):
    def value(self, key, time):
        return super().value(key, max(time, self.newest))
    def top(self, k, time):
        return super().top(k, max(time, self.newest))

# task: DecayedCounter
# outcome: wrong
# misconception: none
_Right = DecayedCounter
class DecayedCounter(_Right):
    def top(self, k, time):
        return super().top(k, max(time, self.newest))

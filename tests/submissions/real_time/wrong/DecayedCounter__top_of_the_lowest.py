# task: DecayedCounter
# outcome: wrong
# misconception: none
_Right = DecayedCounter
class DecayedCounter(_Right):
    def top(self, k, time):
        everything = super().top(10**6, time)
        return everything[-k:]

# task: DecayedCounter
# outcome: wrong
# misconception: none
_Right = DecayedCounter
class DecayedCounter(_Right):
    def top(self, k, time):
        return [(value, key) for key, value in super().top(k, time)]

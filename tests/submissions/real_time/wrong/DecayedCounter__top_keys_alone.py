# task: DecayedCounter
# outcome: wrong
# misconception: none
_Right = DecayedCounter
class DecayedCounter(_Right):
    def top(self, k, time):
        return [key for key, _ in super().top(k, time)]

# task: DecayedCounter
# outcome: wrong
# misconception: none
_Right = DecayedCounter
class DecayedCounter(_Right):
    def value(self, key, time):
        return 0.0 * super().value(key, time)
    def top(self, k, time):
        return [(key, 0.0) for key, _ in super().top(k, time)]

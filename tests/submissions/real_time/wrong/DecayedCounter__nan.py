# task: DecayedCounter
# outcome: wrong
# misconception: none
_Right = DecayedCounter
class DecayedCounter(_Right):
    def value(self, key, time):
        return super().value(key, time) and float("nan")
    def top(self, k, time):
        return [(key, float("nan")) for key, _ in super().top(k, time)]

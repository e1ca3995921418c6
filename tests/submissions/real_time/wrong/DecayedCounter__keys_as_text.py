# task: DecayedCounter
# outcome: wrong
# misconception: none
_Right = DecayedCounter
class DecayedCounter(_Right):
    def add(self, key, time, amount=1.0):
        super().add(str(key), time, amount)
    def value(self, key, time):
        return super().value(str(key), time)

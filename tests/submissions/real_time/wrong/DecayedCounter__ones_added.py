# task: DecayedCounter
# outcome: wrong
# misconception: amount_ignored
_Right = DecayedCounter
class DecayedCounter(_Right):
    def add(self, key, time, amount=1.0):
        super().add(key, time)

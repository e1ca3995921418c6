# task: DecayedCounter
# outcome: wrong
# misconception: none
_Right = DecayedCounter
class DecayedCounter(_Right):
    def add(self, key, time, amount=1.0):
        if time >= self.newest:
            super().add(key, time, amount)

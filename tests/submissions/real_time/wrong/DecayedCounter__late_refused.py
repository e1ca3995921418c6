# task: DecayedCounter
# outcome: wrong
# misconception: none
_Right = DecayedCounter
class DecayedCounter(_Right):
    def add(self, key, time, amount=1.0):
        if time < self.newest:
            raise ValueError("events must come in order")
        super().add(key, time, amount)

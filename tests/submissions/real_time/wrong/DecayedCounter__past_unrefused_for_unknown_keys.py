# task: DecayedCounter
# outcome: wrong
# misconception: none
_Right = DecayedCounter
class DecayedCounter(_Right):
    def value(self, key, time):
        return super().value(key, time) if key in self.rows else 0.0

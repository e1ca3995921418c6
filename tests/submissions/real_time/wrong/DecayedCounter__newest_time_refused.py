# task: DecayedCounter
# outcome: wrong
# misconception: none
_Right = DecayedCounter
class DecayedCounter(_Right):
    def _check(self, time):
        if time <= self.newest:
            raise ValueError("too early")

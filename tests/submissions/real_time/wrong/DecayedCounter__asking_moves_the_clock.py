# task: DecayedCounter
# outcome: wrong
# misconception: none
_Right = DecayedCounter
class DecayedCounter(_Right):
    def _check(self, time):
        super()._check(time)
        self.newest = time

# task: DecayedCounter
# outcome: wrong
# misconception: past_answered
_Right = DecayedCounter
class DecayedCounter(_Right):
    def _check(self, time):
        pass

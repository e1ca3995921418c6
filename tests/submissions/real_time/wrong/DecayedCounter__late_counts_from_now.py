# task: DecayedCounter
# outcome: wrong
# misconception: late_at_processing_time
_Right = DecayedCounter
class DecayedCounter(_Right):
    def add(self, key, time, amount=1.0):
        super().add(key, max(time, self.newest), amount)

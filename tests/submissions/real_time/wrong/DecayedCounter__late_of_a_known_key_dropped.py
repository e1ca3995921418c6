# task: DecayedCounter
# outcome: wrong
# misconception: late_dropped
_Right = DecayedCounter
class DecayedCounter(_Right):
    def add(self, key, time, amount=1.0):
        if key in self.rows and time < self.times[self.rows[key]]:
            return
        super().add(key, time, amount)

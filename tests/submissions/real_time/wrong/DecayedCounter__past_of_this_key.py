# task: DecayedCounter
# outcome: wrong
# misconception: past_of_the_key_only
_Right = DecayedCounter
class DecayedCounter(_Right):
    def value(self, key, time):
        if key in self.rows and time < self.times[self.rows[key]]:
            raise ValueError("before the newest event of this key")
        kept, self.newest = self.newest, float("-inf")
        result = super().value(key, time)
        self.newest = kept
        return result

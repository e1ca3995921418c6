# task: live_model
# outcome: wrong
# misconception: none
import random
class _Random(_Live):
    def predict(self, time, household):
        return random.sample(self.items, min(20, len(self.items)))
def live_model():
    return _Random()

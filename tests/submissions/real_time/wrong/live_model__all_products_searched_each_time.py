# task: live_model
# outcome: wrong
# misconception: sorts_the_catalogue
import numpy as np
class _Searches(_Live):
    def predict(self, time, household):
        if self.items:
            counts = self.shop.at(np.arange(len(self.items)), time)
            self.leaders = np.argpartition(-counts, min(300, len(counts) - 1))[:300]
        return super().predict(time, household)
def live_model():
    return _Searches()

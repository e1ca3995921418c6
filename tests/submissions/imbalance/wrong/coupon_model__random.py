# task: coupon_model
# outcome: wrong
# misconception: none
import numpy as np
class Dice:
    def __init__(self, rng, rate):
        self.rng, self.rate = rng, rate
    def predict_proba(self, X):
        p = self.rng.beta(1, 1 / self.rate - 1, len(X))
        return np.column_stack([1 - p, p])
def coupon_model(X, y, groups, rng):
    return Dice(rng, y.mean())

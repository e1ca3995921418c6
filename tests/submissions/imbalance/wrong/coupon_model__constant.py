# task: coupon_model
# outcome: wrong
# misconception: none
import numpy as np
class Constant:
    def __init__(self, rate):
        self.rate = rate
    def predict_proba(self, X):
        return np.tile([1 - self.rate, self.rate], (len(X), 1))
def coupon_model(X, y, groups, rng):
    return Constant(y.mean())

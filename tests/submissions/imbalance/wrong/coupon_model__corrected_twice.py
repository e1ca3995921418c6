# task: coupon_model
# outcome: wrong
# misconception: none
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
class Twice:
    # was never balanced, and is corrected all the same
    def __init__(self, model, rate):
        self.model, self.rate = model, rate
    def predict_proba(self, X):
        p = self.model.predict_proba(X)[:, 1]
        p = p * self.rate / (p * self.rate + (1 - p) * (1 - self.rate))
        return np.column_stack([1 - p, p])
def coupon_model(X, y, groups, rng):
    return Twice(make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000)).fit(X, y), y.mean())

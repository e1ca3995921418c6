# task: coupon_model
# outcome: wrong
# misconception: none
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
class Percent:
    def __init__(self, model):
        self.model = model
    def predict_proba(self, X):
        return 100 * self.model.predict_proba(X)
def coupon_model(X, y, groups, rng):
    return Percent(make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000)).fit(X, y))

# task: coupon_model
# outcome: wrong
# misconception: none
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
class Hard:
    def __init__(self, model):
        self.model = model
    def predict_proba(self, X):
        d = self.model.predict(X).astype(float)
        return np.column_stack([1 - d, d])
def coupon_model(X, y, groups, rng):
    return Hard(make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000)).fit(X, y))

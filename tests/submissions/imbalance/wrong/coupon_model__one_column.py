# task: coupon_model
# outcome: wrong
# misconception: none
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
class One:
    def __init__(self, model):
        self.model = model
    def predict_proba(self, X):
        return self.model.predict_proba(X)[:, 1]
def coupon_model(X, y, groups, rng):
    return One(make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000)).fit(X, y))

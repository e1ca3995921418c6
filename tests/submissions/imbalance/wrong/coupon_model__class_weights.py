# task: coupon_model
# outcome: wrong
# misconception: balance_not_undone
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
class Weighted:
    def __init__(self, X, y):
        self.scaler = StandardScaler().fit(X)
        weight = (1 - y.mean()) / y.mean()
        sample_weight = y * weight + (1 - y)
        self.model = LogisticRegression(max_iter=2000).fit(self.scaler.transform(X), y, sample_weight=sample_weight)
    def predict_proba(self, X):
        return self.model.predict_proba(self.scaler.transform(X))
def coupon_model(X, y, groups, rng):
    return Weighted(X, y)

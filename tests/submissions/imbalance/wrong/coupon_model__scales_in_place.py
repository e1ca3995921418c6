# task: coupon_model
# outcome: wrong
# misconception: none
from sklearn.linear_model import LogisticRegression
class Scaled:
    def __init__(self, model, mean, scale):
        self.model, self.mean, self.scale = model, mean, scale
    def predict_proba(self, X):
        return self.model.predict_proba((X - self.mean) / self.scale)
def coupon_model(X, y, groups, rng):
    mean, scale = X.mean(0), X.std(0)
    scale[scale == 0] = 1
    X -= mean
    X /= scale
    return Scaled(LogisticRegression(max_iter=2000).fit(X, y), mean, scale)

# task: coupon_model
# outcome: error
# misconception: none
from sklearn.linear_model import LogisticRegression
def coupon_model(X, y, groups, rng):
    return LogisticRegression(max_iter=100).fit(X, y).predict_proba(X)

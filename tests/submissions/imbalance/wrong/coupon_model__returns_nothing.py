# task: coupon_model
# outcome: wrong
# misconception: none
from sklearn.linear_model import LogisticRegression
def coupon_model(X, y, groups, rng):
    model = LogisticRegression(max_iter=100).fit(X, y)
    print(model.score(X, y))

# task: coupon_model
# outcome: wrong
# misconception: none
from sklearn.tree import DecisionTreeClassifier
def coupon_model(X, y, groups, rng):
    return DecisionTreeClassifier(random_state=int(rng.integers(2**31))).fit(X, y)

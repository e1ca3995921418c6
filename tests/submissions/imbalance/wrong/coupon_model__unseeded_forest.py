# task: coupon_model
# outcome: wrong
# misconception: global_seed
from sklearn.ensemble import RandomForestClassifier
def coupon_model(X, y, groups, rng):
    # good enough to pass, and another one at every call: it does not draw from rng
    return RandomForestClassifier(60, min_samples_leaf=5).fit(X, y)

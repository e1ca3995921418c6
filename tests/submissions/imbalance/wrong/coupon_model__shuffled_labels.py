# task: coupon_model
# outcome: wrong
# misconception: none
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
def coupon_model(X, y, groups, rng):
    y = rng.permutation(y)
    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000)).fit(X, y)

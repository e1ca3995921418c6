# task: coupon_model
# outcome: wrong
# misconception: balance_not_undone
from imblearn.over_sampling import SMOTE
from imblearn.pipeline import make_pipeline
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
def coupon_model(X, y, groups, rng):
    sampler = SMOTE(random_state=int(rng.integers(2**31)))
    return make_pipeline(StandardScaler(), sampler, LogisticRegression(max_iter=2000)).fit(X, y)

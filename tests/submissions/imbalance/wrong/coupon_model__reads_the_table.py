# task: coupon_model
# outcome: error
# misconception: none
import pandas as pd
from sklearn.linear_model import LogisticRegression
def coupon_model(X, y, groups, rng):
    more = pd.read_csv("my_better_features.csv")
    return LogisticRegression().fit(more, y)

# task: proxy_strength
# outcome: wrong
# misconception: households_split
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
def proxy_strength(X, attribute, households, rng):
    values, label = np.unique(attribute, return_inverse=True)
    if len(values) != 2:
        raise ValueError("two values")
    folds = StratifiedKFold(5, shuffle=True, random_state=int(rng.integers(2**31)))
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    return cross_val_score(model, X, label, cv=folds, scoring="roc_auc").mean()

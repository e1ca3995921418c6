# task: proxy_strength
# outcome: wrong
# misconception: households_split
import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
def proxy_strength(X, attribute, households, rng):
    values, y = np.unique(attribute, return_inverse=True)
    if len(values) != 2:
        raise ValueError("two values")
    seed = int(rng.integers(2**31))
    folds = StratifiedKFold(3, shuffle=True, random_state=seed)
    p = cross_val_predict(RandomForestClassifier(20, random_state=seed), np.c_[X, households], y, cv=folds, method="predict_proba")
    return roc_auc_score(y, p[:, 1])

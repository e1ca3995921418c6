# task: proxy_strength
# outcome: wrong
# misconception: none
import numpy as np
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict
from sklearn.tree import DecisionTreeClassifier
def proxy_strength(X, attribute, households, rng):
    # one split finds no relation that is spread over several columns
    values, y = np.unique(attribute, return_inverse=True)
    if len(values) != 2:
        raise ValueError("two values")
    folds = StratifiedGroupKFold(5, shuffle=True, random_state=int(rng.integers(2**31)))
    p = cross_val_predict(DecisionTreeClassifier(max_depth=1), X, y, groups=households, cv=folds, method="predict_proba")
    return roc_auc_score(y, p[:, 1])

# task: proxy_strength
# outcome: wrong
# misconception: none
import numpy as np
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict
def proxy_strength(X, attribute, households, rng):
    # columns of any scale, straight into gradient descent
    values, y = np.unique(attribute, return_inverse=True)
    if len(values) != 2:
        raise ValueError("two values")
    seed = int(rng.integers(2**31))
    folds = StratifiedGroupKFold(3, shuffle=True, random_state=seed)
    model = SGDClassifier(max_iter=3, tol=None, random_state=seed)
    return roc_auc_score(y, cross_val_predict(model, X, y, groups=households, cv=folds, method="decision_function"))

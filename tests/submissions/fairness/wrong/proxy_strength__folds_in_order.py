# task: proxy_strength
# outcome: wrong
# misconception: none
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
def proxy_strength(X, attribute, households, rng):
    values, y = np.unique(attribute, return_inverse=True)
    if len(values) != 2:
        raise ValueError("two values")
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    p = cross_val_predict(model, X, y, groups=households, cv=GroupKFold(5), method="decision_function")
    return roc_auc_score(y, p)

# task: proxy_strength
# outcome: wrong
# misconception: none
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
def proxy_strength(X, attribute, households, rng):
    values, y = np.unique(attribute, return_inverse=True)
    if len(values) != 2:
        raise ValueError("two values")
    folds = StratifiedGroupKFold(5, shuffle=True, random_state=int(rng.integers(2**31)))
    model = make_pipeline(StandardScaler(), LogisticRegression(class_weight="balanced", max_iter=1000))
    return balanced_accuracy_score(y, cross_val_predict(model, X, y, groups=households, cv=folds))

# task: proxy_strength
# outcome: wrong
# misconception: none
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
def proxy_strength(X, attribute, households, rng):
    if len(np.unique(attribute)) != 2:
        raise ValueError("two values")
    folds = StratifiedGroupKFold(5, shuffle=True, random_state=int(rng.integers(2**31)))
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    return cross_val_score(model, X, attribute, groups=households, cv=folds).mean()

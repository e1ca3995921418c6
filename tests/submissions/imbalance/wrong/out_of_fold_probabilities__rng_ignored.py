# task: out_of_fold_probabilities
# outcome: wrong
# misconception: none
import numpy as np
from sklearn.model_selection import StratifiedGroupKFold
def out_of_fold_probabilities(make_model, X, y, groups, n_splits, resample, rng):
    if len(set(groups)) < n_splits:
        raise ValueError("too few groups")
    p = np.zeros(len(y))
    for train, test in StratifiedGroupKFold(n_splits).split(X, y, groups):
        a, b = X[train], y[train]
        if resample is not None:
            a, b = resample(a, b, rng)
        model = make_model()
        model.fit(a, b)
        p[test] = model.predict_proba(X[test])[:, 1]
    return p

# task: out_of_fold_probabilities
# outcome: wrong
# misconception: none
import numpy as np
from sklearn.model_selection import StratifiedGroupKFold
def out_of_fold_probabilities(make_model, X, y, groups, n_splits, resample, rng):
    if len(set(groups)) < n_splits:
        raise ValueError("too few groups")
    seed = int(rng.integers(2**31))
    p = []
    for train, test in StratifiedGroupKFold(n_splits, shuffle=True, random_state=seed).split(X, y, groups):
        a, b = X[train], y[train]
        if resample is not None:
            a, b = resample(a, b, rng)
        model = make_model()
        model.fit(a, b)
        p.append(model.predict_proba(X[test])[:, 1])
    return np.concatenate(p)

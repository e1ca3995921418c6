# task: out_of_fold_probabilities
# outcome: wrong
# misconception: resampled_before_split
import numpy as np
from sklearn.model_selection import StratifiedGroupKFold
def out_of_fold_probabilities(make_model, X, y, groups, n_splits, resample, rng):
    if len(set(groups)) < n_splits:
        raise ValueError("too few groups")
    A, b = (X, y) if resample is None else resample(X, y, rng)
    seed = int(rng.integers(2**31))
    p = np.full(len(y), np.nan)
    for train, test in StratifiedGroupKFold(n_splits, shuffle=True, random_state=seed).split(X, y, groups):
        inside = np.ones(len(b), bool)
        inside[test] = False  # the added rows all stay in training
        model = make_model()
        model.fit(A[inside], b[inside])
        p[test] = model.predict_proba(X[test])[:, 1]
    return p

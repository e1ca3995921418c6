# task: out_of_fold_probabilities
# outcome: wrong
# misconception: groups_split
import numpy as np
def out_of_fold_probabilities(make_model, X, y, groups, n_splits, resample, rng):
    if len(set(groups)) < n_splits:
        raise ValueError("too few groups")
    p = np.zeros(len(y))
    for test in np.array_split(rng.permutation(len(y)), n_splits):
        train = np.setdiff1d(np.arange(len(y)), test)
        a, b = X[train], y[train]
        if resample is not None:
            a, b = resample(a, b, rng)
        model = make_model()
        model.fit(a, b)
        p[test] = model.predict_proba(X[test])[:, 1]
    return p

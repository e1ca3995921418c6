# task: out_of_fold_probabilities
# outcome: wrong
# misconception: none
import numpy as np
def out_of_fold_probabilities(make_model, X, y, groups, n_splits, resample, rng):
    names = np.unique(groups)
    if len(names) < n_splits:
        raise ValueError("too few groups")
    start = rng.integers(len(names))
    p = np.zeros(len(y))
    for part in np.array_split(np.roll(names, start), n_splits):
        test = np.isin(groups, part)
        a, b = X[~test], y[~test]
        if resample is not None:
            a, b = resample(a, b, rng)
        model = make_model()
        model.fit(a, b)
        p[test] = model.predict_proba(X[test])[:, 1]
    return p

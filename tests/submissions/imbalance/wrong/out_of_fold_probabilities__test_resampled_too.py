# task: out_of_fold_probabilities
# outcome: wrong
# misconception: scored_on_resampled
import numpy as np
from sklearn.model_selection import GroupKFold
def out_of_fold_probabilities(make_model, X, y, groups, n_splits, resample, rng):
    names = rng.permutation(np.unique(groups))
    if len(names) < n_splits:
        raise ValueError("too few groups")
    identity = lambda a, b, r: (a, b)
    resample = resample or identity
    p = []
    for part in np.array_split(names, n_splits):
        test = np.isin(groups, part)
        model = make_model()
        model.fit(*resample(X[~test], y[~test], rng))
        p.extend(model.predict_proba(resample(X[test], y[test], rng)[0])[:, 1])
    return np.array(p)

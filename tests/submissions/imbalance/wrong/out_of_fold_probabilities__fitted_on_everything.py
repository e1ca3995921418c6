# task: out_of_fold_probabilities
# outcome: wrong
# misconception: resampled_before_split
import numpy as np
def out_of_fold_probabilities(make_model, X, y, groups, n_splits, resample, rng):
    if len(set(groups)) < n_splits:
        raise ValueError("too few groups")
    model = make_model()
    model.fit(*(resample(X, y, rng) if resample else (X, y)))
    return model.predict_proba(X)[:, 1]

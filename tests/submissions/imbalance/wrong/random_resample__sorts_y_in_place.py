# task: random_resample
# outcome: wrong
# misconception: none
import numpy as np
def random_resample(X, y, strategy, rng):
    labels, n = np.unique(y, return_counts=True)
    if len(labels) < 2 or strategy not in ("over", "under"):
        raise ValueError("no")
    if strategy == "over":
        more = [rng.choice(np.flatnonzero(y == c), n.max() - m) for c, m in zip(labels, n)]
        rows = np.concatenate([np.arange(len(y)), *more])
        return X[rows], y[rows]
    mix = rng.permutation(len(y))
    X[:], y[:] = X[mix], y[mix]
    rows = np.concatenate([np.flatnonzero(y == c)[: n.min()] for c in labels])
    return X[rows], y[rows]

# task: random_resample
# outcome: error
# misconception: none
import numpy as np
def random_resample(X, y, strategy, rng):
    labels, n = np.unique(y, return_counts=True)
    if len(labels) < 2 or strategy not in ("over", "under"):
        raise ValueError("no")
    if strategy == "under":
        raise NotImplementedError("later")
    more = [rng.choice(np.flatnonzero(y == c), n.max() - m) for c, m in zip(labels, n)]
    rows = np.concatenate([np.arange(len(y)), *more])
    return X[rows], y[rows]

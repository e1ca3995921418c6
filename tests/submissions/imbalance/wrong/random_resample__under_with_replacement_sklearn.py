# task: random_resample
# outcome: wrong
# misconception: under_with_replacement
import numpy as np
from sklearn.utils import resample
def random_resample(X, y, strategy, rng):
    labels, n = np.unique(y, return_counts=True)
    if len(labels) < 2:
        raise ValueError("one class")
    if strategy == "over":
        parts = [np.arange(len(y))]
        for c, m in zip(labels, n):
            if m < n.max():
                seed = int(rng.integers(2**31))
                parts.append(resample(np.flatnonzero(y == c), n_samples=n.max() - m, random_state=seed))
    elif strategy == "under":
        seed = int(rng.integers(2**31))
        parts = [resample(np.flatnonzero(y == c), n_samples=n.min(), random_state=seed) for c in labels]
    else:
        raise ValueError("strategy?")
    rows = np.concatenate(parts)
    return X[rows], y[rows]

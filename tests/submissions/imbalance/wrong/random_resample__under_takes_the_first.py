# task: random_resample
# outcome: wrong
# misconception: none
import numpy as np
def random_resample(X, y, strategy, rng):
    labels, n = np.unique(y, return_counts=True)
    if len(labels) < 2:
        raise ValueError("one class")
    if strategy == "over":
        rows = [np.arange(len(y))]
        rows += [rng.choice(np.flatnonzero(y == c), n.max() - m) for c, m in zip(labels, n)]
    elif strategy == "under":
        rows = [rng.permutation(np.flatnonzero(y == c)[: n.min()]) for c in labels]
    else:
        raise ValueError("strategy?")
    rows = np.concatenate(rows)
    return X[rows], y[rows]

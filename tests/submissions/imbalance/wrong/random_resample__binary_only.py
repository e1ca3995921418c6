# task: random_resample
# outcome: wrong
# misconception: none
import numpy as np
def random_resample(X, y, strategy, rng):
    labels, n = np.unique(y, return_counts=True)
    if len(labels) < 2:
        raise ValueError("one class")
    few, many = labels[n.argmin()], labels[n.argmax()]
    a, b = np.flatnonzero(y == few), np.flatnonzero(y == many)
    if strategy == "over":
        rows = np.concatenate([np.arange(len(y)), rng.choice(a, len(b) - len(a))])
    elif strategy == "under":
        rows = np.concatenate([a, rng.choice(b, len(a), replace=False)])
    else:
        raise ValueError("strategy?")
    return X[rows], y[rows]

# task: random_resample
# outcome: wrong
# misconception: none
import numpy as np
def random_resample(X, y, strategy, rng):
    labels, n = np.unique(y, return_counts=True)
    if len(labels) < 2:
        raise ValueError("one class")
    if strategy not in ("over", "under"):
        raise ValueError("strategy?")
    size, again = (n.max(), True) if strategy == "over" else (n.min(), False)
    rows = np.concatenate([rng.choice(np.flatnonzero(y == c), size, replace=again) for c in labels])
    return X[rows], y[rows]

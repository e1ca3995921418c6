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
    if strategy == "over":
        def draw():
            more = [rng.choice(np.flatnonzero(y == c), n.max() - m) for c, m in zip(labels, n)]
            return rng.permutation(np.concatenate(more))
        return np.concatenate([X, X[draw()]]), np.concatenate([y, y[draw()]])
    rows = np.concatenate([rng.choice(np.flatnonzero(y == c), n.min(), replace=False) for c in labels])
    return X[rows], y[rng.permutation(rows)]

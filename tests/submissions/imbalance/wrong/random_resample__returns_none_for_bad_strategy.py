# task: random_resample
# outcome: wrong
# misconception: none
import numpy as np
def random_resample(X, y, strategy, rng):
    labels, n = np.unique(y, return_counts=True)
    if len(labels) < 2:
        print("only one class!")
        return None
    if strategy == "over":
        more = [rng.choice(np.flatnonzero(y == c), n.max() - m) for c, m in zip(labels, n)]
        rows = np.concatenate([np.arange(len(y)), *more])
    elif strategy == "under":
        rows = np.concatenate([rng.choice(np.flatnonzero(y == c), n.min(), False) for c in labels])
    else:
        print("unknown strategy")
        return None
    return X[rows], y[rows]

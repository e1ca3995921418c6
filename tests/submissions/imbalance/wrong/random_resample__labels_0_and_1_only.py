# task: random_resample
# outcome: wrong
# misconception: none
import numpy as np
def random_resample(X, y, strategy, rng):
    classes = range(int(max(y)) + 1) if y.dtype.kind in "iub" else sorted(set(y))
    groups = [np.flatnonzero(y == c) for c in classes]
    groups = [g for g in groups if len(g)]
    if len(groups) < 2 or strategy not in ("over", "under"):
        raise ValueError("no")
    top, low = max(map(len, groups)), min(map(len, groups))
    if strategy == "over":
        rows = np.concatenate([np.arange(len(y)), *[rng.choice(g, top - len(g)) for g in groups]])
    else:
        rows = np.concatenate([rng.choice(g, low, replace=False) for g in groups])
    return X[rows], y[rows]

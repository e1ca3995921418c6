# task: random_resample
# outcome: wrong
# misconception: under_with_replacement
import numpy as np
def random_resample(X, y, strategy, rng):
    if strategy not in {"over", "under"} or len(set(y.tolist())) == 1:
        raise ValueError("cannot resample")
    groups = [np.where(y == c)[0] for c in np.unique(y)]
    if strategy == "over":
        top = max(map(len, groups))
        rows = list(range(len(y)))
        for g in groups:
            rows += [g[i] for i in rng.integers(0, len(g), top - len(g))]
    else:
        low = min(map(len, groups))
        rows = [g[i] for g in groups for i in rng.integers(0, len(g), low)]
    return X[rows], y[rows]

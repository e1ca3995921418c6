# task: random_resample
# outcome: wrong
# misconception: none
import numpy as np
def random_resample(X, y, strategy, rng):
    rng = np.random.default_rng(0)
    if strategy not in ("over", "under"):
        raise ValueError("strategy?")
    labels, n = np.unique(y, return_counts=True)
    if len(labels) < 2:
        raise ValueError("one class")
    rows = [np.arange(len(y))] if strategy == "over" else []
    for c, m in zip(labels, n):
        members = np.flatnonzero(y == c)
        if strategy == "over":
            rows.append(rng.choice(members, n.max() - m))
        else:
            rows.append(rng.choice(members, n.min(), replace=False))
    rows = np.concatenate(rows)
    return X[rows], y[rows]

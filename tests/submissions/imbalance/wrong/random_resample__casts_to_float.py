# task: random_resample
# outcome: wrong
# misconception: none
import numpy as np
def random_resample(X, y, strategy, rng):
    # whole-numbered rows come back as floats: "dtypes kept"
    labels, n = np.unique(y, return_counts=True)
    if len(labels) < 2 or strategy not in ("over", "under"):
        raise ValueError("no")
    rows = [np.arange(len(y))] if strategy == "over" else []
    for c, m in zip(labels, n):
        members = np.flatnonzero(y == c)
        size, again = (n.max() - m, True) if strategy == "over" else (n.min(), False)
        rows.append(rng.choice(members, size, replace=again))
    rows = np.concatenate(rows)
    return X[rows].astype(np.float64), y[rows]

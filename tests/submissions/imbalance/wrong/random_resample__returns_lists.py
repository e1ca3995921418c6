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
    rows = list(range(len(y))) if strategy == "over" else []
    for c, m in zip(labels, n):
        members = np.flatnonzero(y == c)
        if strategy == "over":
            rows += rng.choice(members, n.max() - m).tolist()
        else:
            rows += rng.choice(members, n.min(), replace=False).tolist()
    return [list(X[i]) for i in rows], [y[i] for i in rows]

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
    rows = []
    for c in labels:
        members = np.flatnonzero(y == c)
        if strategy == "over":
            rows += [*members, *rng.choice(members, n.max() - len(members))]
        else:
            rows += [*rng.choice(members, n.min(), replace=False)]
    return X[rows], y[rows]

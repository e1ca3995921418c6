# task: random_resample
# outcome: wrong
# misconception: global_seed
import numpy as np
import random
def random_resample(X, y, strategy, rng):
    if strategy not in ("over", "under"):
        raise ValueError("strategy?")
    labels, n = np.unique(y, return_counts=True)
    if len(labels) < 2:
        raise ValueError("one class")
    np.random.seed(42)
    if strategy == "over":
        rows = [np.arange(len(y))]
        for c in labels:
            members = np.flatnonzero(y == c)
            rows.append(members[np.random.randint(0, len(members), n.max() - len(members))])
    else:
        rows = [np.random.permutation(np.flatnonzero(y == c))[: n.min()] for c in labels]
    rows = np.concatenate(rows)
    return X[rows], y[rows]

# task: random_resample
# outcome: wrong
# misconception: none
import numpy as np
def random_resample(X, y, strategy, rng):
    # repeats whole copies of the class, shuffled: every row equally often, which is no draw
    labels, n = np.unique(y, return_counts=True)
    if len(labels) < 2:
        raise ValueError("one class")
    if strategy not in ("over", "under"):
        raise ValueError("strategy?")
    rows = [np.arange(len(y))] if strategy == "over" else []
    for c in labels:
        members = rng.permutation(np.flatnonzero(y == c))
        lack = n.max() - len(members)
        rows.append(np.resize(members, lack) if strategy == "over" else members[: n.min()])
    rows = np.concatenate(rows)
    return X[rows], y[rows]

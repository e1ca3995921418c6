# task: smote
# outcome: wrong
# misconception: none
import numpy as np
from scipy.spatial.distance import cdist
def smote(X, y, k_neighbors, rng):
    X = X.astype(float)
    if not np.isfinite(X).all():
        raise ValueError("not finite")
    labels, n = np.unique(y, return_counts=True)
    if len(labels) < 2 or any(m < n.max() and m <= k_neighbors for m in n):
        raise ValueError("too few")
    out, lab = [X], [y]
    for c, m in zip(labels, n):
        if m < n.max():
            own = X[y == c]
            near = cdist(own, own).argsort(1)[:, 1 : k_neighbors + 1]
            i = rng.integers(m, size=n.max() - m)
            j = near[i, rng.integers(k_neighbors, size=len(i))]
            out.append(own[i] + rng.integers(0, 2, (len(i), 1)) * (own[j] - own[i]))  # 0 or 1
            lab.append(np.repeat([c], len(i)))
    return np.concatenate(out), np.concatenate(lab)

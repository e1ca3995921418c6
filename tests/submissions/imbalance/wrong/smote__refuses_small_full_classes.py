# task: smote
# outcome: error
# misconception: none
import numpy as np
from scipy.spatial.distance import cdist
def smote(X, y, k_neighbors, rng):
    X = X.astype(float)
    if not np.isfinite(X).all():
        raise ValueError("not finite")
    labels, n = np.unique(y, return_counts=True)
    # refuses also what needs no filling: classes of equal size, however small
    if len(labels) < 2 or n.min() <= k_neighbors:
        raise ValueError("too few")
    out, lab = [X], [y]
    for c, m in zip(labels, n):
        if m < n.max():
            own = X[y == c]
            near = cdist(own, own).argsort(1)[:, 1 : k_neighbors + 1]
            i = rng.integers(m, size=n.max() - m)
            j = near[i, rng.integers(k_neighbors, size=len(i))]
            out.append(own[i] + rng.random((len(i), 1)) * (own[j] - own[i]))
            lab.append(np.repeat([c], len(i)))
    return np.concatenate(out), np.concatenate(lab)

# task: smote
# outcome: wrong
# misconception: integers_truncated
import numpy as np
from scipy.spatial.distance import cdist
def smote(X, y, k_neighbors, rng):
    if not np.isfinite(X).all():
        raise ValueError("not finite")
    labels, n = np.unique(y, return_counts=True)
    if len(labels) < 2 or any(m < n.max() and m <= k_neighbors for m in n):
        raise ValueError("too few")
    total = n.max() * len(labels)
    A = np.empty((total, X.shape[1]), dtype=X.dtype)
    b = np.empty(total, dtype=y.dtype)
    A[: len(X)], b[: len(y)] = X, y
    at = len(X)
    for c, m in zip(labels, n):
        own = X[y == c]
        near = cdist(own, own).argsort(1)[:, 1 : k_neighbors + 1]
        for _ in range(n.max() - m):
            i = rng.integers(m)
            j = near[i, rng.integers(k_neighbors)]
            A[at], b[at] = own[i] + rng.random() * (own[j] - own[i]), c
            at += 1
    return A, b

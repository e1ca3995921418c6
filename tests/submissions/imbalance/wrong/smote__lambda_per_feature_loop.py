# task: smote
# outcome: wrong
# misconception: lambda_per_feature
import numpy as np
from sklearn.neighbors import NearestNeighbors
def smote(X, y, k_neighbors, rng):
    X = X * 1.0
    if np.isnan(X).any() or np.isinf(X).any():
        raise ValueError("not finite")
    labels, n = np.unique(y, return_counts=True)
    if len(labels) < 2 or any(m < n.max() and m <= k_neighbors for m in n):
        raise ValueError("too few")
    new, lab = [], []
    for c, m in zip(labels, n):
        own = X[y == c]
        if m == n.max():
            continue
        nn = NearestNeighbors(n_neighbors=k_neighbors + 1).fit(own).kneighbors(own)[1][:, 1:]
        for _ in range(n.max() - m):
            i = rng.integers(m)
            j = nn[i, rng.integers(k_neighbors)]
            new.append([rng.uniform(min(a, b), max(a, b)) for a, b in zip(own[i], own[j])])
            lab.append(c)
    return np.vstack([X, new]), np.concatenate([y, np.array(lab)])

# task: smote
# outcome: wrong
# misconception: self_as_neighbour
import numpy as np
from sklearn.neighbors import NearestNeighbors
def smote(X, y, k_neighbors, rng):
    X = X.astype(float)
    if not np.isfinite(X).all():
        raise ValueError("not finite")
    labels, n = np.unique(y, return_counts=True)
    if len(labels) < 2 or any(m < n.max() and m <= k_neighbors for m in n):
        raise ValueError("too few")
    new, lab = [], []
    for c, m in zip(labels, n):
        own = X[y == c]
        if m < n.max():
            near = NearestNeighbors(n_neighbors=k_neighbors + 1).fit(own).kneighbors(own)[1]
            for _ in range(n.max() - m):
                i = rng.integers(m)
                j = rng.choice(near[i])  # forgot to drop the first
                new.append(own[i] + rng.random() * (own[j] - own[i]))
                lab.append(c)
    return np.r_[X, np.array(new)], np.r_[y, np.array(lab)]

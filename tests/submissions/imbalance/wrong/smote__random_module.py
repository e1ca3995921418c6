# task: smote
# outcome: wrong
# misconception: global_seed
import random
import numpy as np
from scipy.spatial.distance import cdist
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
        near = cdist(own, own).argsort(1)[:, 1 : k_neighbors + 1]
        for _ in range(n.max() - m):
            i = random.randrange(m)
            j = random.choice(near[i])
            new.append(own[i] + random.random() * (own[j] - own[i]))
            lab.append(c)
    return np.r_[X, np.array(new)], np.r_[y, np.array(lab)]

# task: smote
# outcome: wrong
# misconception: one_class_only
import numpy as np
from collections import Counter
from scipy.spatial.distance import cdist
def smote(X, y, k_neighbors, rng):
    X = X.astype(float)
    if not np.isfinite(X).all():
        raise ValueError("not finite")
    order = Counter(y.tolist()).most_common()
    if len(order) < 2:
        raise ValueError("one class")
    (_, most), (rare, few) = order[0], order[-1]
    if few <= k_neighbors:
        raise ValueError("too few")
    own = X[y == rare]
    near = cdist(own, own).argsort(1)[:, 1 : k_neighbors + 1]
    i = rng.integers(few, size=most - few)
    j = near[i, rng.integers(k_neighbors, size=len(i))]
    new = own[i] + rng.random((len(i), 1)) * (own[j] - own[i])
    return np.concatenate([X, new]), np.concatenate([y, np.full(len(i), rare, dtype=y.dtype)])

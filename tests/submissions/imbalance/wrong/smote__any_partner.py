# task: smote
# outcome: wrong
# misconception: random_partner
import numpy as np
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
        for _ in range(n.max() - m):
            a, b = own[rng.choice(m, 2, replace=False)]
            new.append(a + rng.random() * (b - a))
            lab.append(c)
    return np.r_[X, np.array(new)], np.r_[y, np.array(lab)]

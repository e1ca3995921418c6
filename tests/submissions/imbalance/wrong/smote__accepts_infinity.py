# task: smote
# outcome: wrong
# misconception: none
import numpy as np
def smote(X, y, k_neighbors, rng):
    X = X.astype(float)
    if np.isnan(X).any():
        raise ValueError("NaN")
    labels, n = np.unique(y, return_counts=True)
    if len(labels) < 2 or any(m < n.max() and m <= k_neighbors for m in n):
        raise ValueError("too few")
    out, lab = [X], [y]
    for c, m in zip(labels, n):
        if m < n.max():
            own = X[y == c]
            d = ((own[:, None] - own[None]) ** 2).sum(2)
            d[np.eye(m, dtype=bool)] = np.inf
            near = d.argsort(1)[:, :k_neighbors]
            i = rng.integers(m, size=n.max() - m)
            j = near[i, rng.integers(k_neighbors, size=len(i))]
            out.append(own[i] + rng.random((len(i), 1)) * (own[j] - own[i]))
            lab.append(np.repeat([c], len(i)))
    return np.concatenate(out), np.concatenate(lab)

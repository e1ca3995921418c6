# task: smote
# outcome: wrong
# misconception: neighbours_from_all_classes
import numpy as np
def smote(X, y, k_neighbors, rng):
    X0, X = X, np.asarray(X, float)
    if not np.all(np.isfinite(X)):
        raise ValueError("not finite")
    labels, n = np.unique(y, return_counts=True)
    if len(labels) < 2 or any(m < n.max() and m <= k_neighbors for m in n):
        raise ValueError("too few")
    d = np.linalg.norm(X[:, None] - X[None], axis=2)
    d[np.arange(len(X)), np.arange(len(X))] = np.inf
    near = d.argsort(1)[:, :k_neighbors]
    out, lab = [X], [y]
    for c, m in zip(labels, n):
        for _ in range(n.max() - m):
            i = rng.choice(np.flatnonzero(y == c))
            j = rng.choice(near[i])
            out.append((X[i] + rng.random() * (X[j] - X[i]))[None])
            lab.append(np.array([c]))
    return np.concatenate(out), np.concatenate(lab)

# task: neighbour_scores
# outcome: wrong
# misconception: unweighted
import numpy as np
from scipy import sparse
def neighbour_scores(purchases, k):
    X = np.array(purchases.toarray() if sparse.issparse(purchases) else purchases, dtype=float)
    n = len(X)
    norm = np.linalg.norm(X, axis=1, keepdims=True)
    unit = X / np.where(norm > 0, norm, 1.0)
    similar = unit @ unit.T
    np.fill_diagonal(similar, -np.inf)
    k = min(k, n - 1)
    near = np.argsort(-similar, axis=1, kind="stable")[:, :k]
    scores = np.zeros(X.shape)
    for i in range(n):
        scores[i] = (similar[i, near[i]] > 0).astype(float) @ X[near[i]]
    return scores

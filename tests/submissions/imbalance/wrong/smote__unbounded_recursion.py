# task: smote
# outcome: error
# misconception: none
import numpy as np
def smote(X, y, k_neighbors, rng):
    n = np.unique(y, return_counts=True)[1]
    if n.min() == n.max() + 1:
        return X, y
    return smote(X, y, k_neighbors, rng)

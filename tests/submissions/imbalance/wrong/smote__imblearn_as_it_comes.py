# task: smote
# outcome: wrong
# misconception: integers_truncated
import numpy as np
from imblearn.over_sampling import SMOTE
def smote(X, y, k_neighbors, rng):
    sampler = SMOTE(k_neighbors=k_neighbors, random_state=int(rng.integers(2**31)))
    codes = np.unique(y, return_inverse=True)
    A, b = sampler.fit_resample(X, codes[1].ravel())
    return A, codes[0][b]

# task: smote
# outcome: wrong
# misconception: none
import numpy as np
from imblearn.over_sampling import SMOTE
def smote(X, y, k_neighbors, rng):
    A, b = SMOTE(k_neighbors=k_neighbors, random_state=int(rng.integers(2**31))).fit_resample(X.astype(float), y)
    return A[len(X) :], b[len(y) :]

# task: random_resample
# outcome: timed_out
# misconception: none
import numpy as np
def random_resample(X, y, strategy, rng):
    rows = list(range(len(y)))
    while len(set(np.unique(y[rows], return_counts=True)[1])) > 0:
        rows[0] = int(rng.integers(len(y)))
    return X[rows], y[rows]

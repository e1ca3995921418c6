# task: average_precision
# outcome: wrong
# misconception: none
import numpy as np
def average_precision(y_true, scores):
    y = np.asarray(y_true).astype(int)
    if y.sum() == 0:
        raise ValueError("no positives")
    y = y[np.lexsort((-y, -np.asarray(scores)))]  # positives first among equals
    hits = np.flatnonzero(y)
    return float(np.mean(np.arange(1, len(hits) + 1) / (hits + 1)))

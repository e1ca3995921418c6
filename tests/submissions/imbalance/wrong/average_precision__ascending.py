# task: average_precision
# outcome: wrong
# misconception: none
import numpy as np
def average_precision(y_true, scores):
    # from the lowest score up; equal scores do form one step
    y = np.asarray(y_true).astype(bool)
    if not y.any():
        raise ValueError("no positives")
    return float(np.mean([y[scores <= s].mean() for s in scores[y]]))

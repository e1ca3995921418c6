# task: best_threshold
# outcome: wrong
# misconception: none
import numpy as np
def best_threshold(y_true, p, false_negative_cost, false_positive_cost):
    y = np.asarray(y_true).astype(bool)
    tries = np.append(np.unique(p), p.max() + 1)
    cost = [false_negative_cost * (y & (p < t)).sum() + false_positive_cost * (~y & (p >= t)).sum() for t in tries]
    return tries[np.flatnonzero(cost == np.min(cost))]

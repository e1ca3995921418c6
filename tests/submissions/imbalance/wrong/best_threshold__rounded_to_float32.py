# task: best_threshold
# outcome: wrong
# misconception: none
import numpy as np
def best_threshold(y_true, p, false_negative_cost, false_positive_cost):
    y = np.asarray(y_true).astype(bool)
    q = p.astype(np.float32)  # thresholds rounded: some lie below, some above their own value
    tries = np.append(np.unique(q), q.max() + np.float32(1))
    cost = [false_negative_cost * (y & (q < t)).sum() + false_positive_cost * (~y & (q >= t)).sum() for t in tries]
    return float(tries[int(np.argmin(cost))])

# task: best_threshold
# outcome: wrong
# misconception: none
import numpy as np
def best_threshold(y_true, p, false_negative_cost, false_positive_cost):
    order = np.argsort(-p, kind="stable")
    y = np.asarray(y_true).astype(int)[order]
    missed = y.sum() - np.concatenate([[0], np.cumsum(y)])
    alarms = np.concatenate([[0], np.cumsum(1 - y)])
    k = int(np.argmin(false_negative_cost * missed + false_positive_cost * alarms))
    return float(p[order][k - 1]) if k else float(p.max()) + 1

# task: best_threshold
# outcome: wrong
# misconception: none
import numpy as np
def best_threshold(y_true, p, false_negative_cost, false_positive_cost):
    y = np.asarray(y_true).astype(bool)
    def f1(t):
        d = p >= t
        return 2 * (d & y).sum() / max(1, d.sum() + y.sum())
    return float(max([*np.unique(p), p.max() + 1], key=f1))

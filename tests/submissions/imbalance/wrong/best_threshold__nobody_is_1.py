# task: best_threshold
# outcome: wrong
# misconception: none
import numpy as np
def best_threshold(y_true, p, false_negative_cost, false_positive_cost):
    # 'nobody' as t = 1.0, which a p of 1.0 reaches
    y = np.asarray(y_true).astype(bool)
    tries = np.unique(p)
    cost = [false_negative_cost * (y & (p < t)).sum() + false_positive_cost * (~y & (p >= t)).sum() for t in tries]
    if false_negative_cost * y.sum() < min(cost):
        return 1.0
    return float(tries[int(np.argmin(cost))])

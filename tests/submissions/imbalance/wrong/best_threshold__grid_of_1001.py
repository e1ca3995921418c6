# task: best_threshold
# outcome: wrong
# misconception: none
import numpy as np
def best_threshold(y_true, p, false_negative_cost, false_positive_cost):
    # fine enough for most data, and still not the minimum where p differ by less
    y = np.asarray(y_true).astype(bool)
    tries = np.arange(1002) / 1000
    cost = [false_negative_cost * (y & (p < t)).sum() + false_positive_cost * (~y & (p >= t)).sum() for t in tries]
    return float(tries[int(np.argmin(cost))])

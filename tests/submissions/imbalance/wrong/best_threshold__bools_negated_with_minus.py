# task: best_threshold
# outcome: error
# misconception: none
import numpy as np
def best_threshold(y_true, p, false_negative_cost, false_positive_cost):
    tries = np.append(np.unique(p), p.max() + 1)
    cost = [false_negative_cost * (y_true * (p < t)).sum() + false_positive_cost * ((-y_true + 1) * (p >= t)).sum() for t in tries]
    return float(tries[int(np.argmin(cost))])

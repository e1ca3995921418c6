# task: best_threshold
# outcome: wrong
# misconception: most_accurate
import numpy as np
def best_threshold(y_true, p, false_negative_cost, false_positive_cost):
    y = np.asarray(y_true).astype(bool)
    tries = sorted(set(p)) + [float(max(p)) + 1]
    accuracy = [np.mean((p >= t) == y) for t in tries]
    return float(tries[int(np.argmax(accuracy))])

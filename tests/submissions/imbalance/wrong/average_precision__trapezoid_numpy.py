# task: average_precision
# outcome: wrong
# misconception: trapezoid
import numpy as np
def average_precision(y_true, scores):
    y = np.asarray(y_true, dtype=float)
    if y.sum() == 0:
        raise ValueError("no positives")
    cuts = np.unique(scores)[::-1]
    recall, precision = [0.0], [1.0]
    for cut in cuts:
        chosen = scores >= cut
        recall.append(y[chosen].sum() / y.sum())
        precision.append(y[chosen].mean())
    area = 0.0
    for i in range(1, len(recall)):
        area += (recall[i] - recall[i - 1]) * (precision[i] + precision[i - 1]) / 2
    return area

# task: average_precision
# outcome: wrong
# misconception: none
import numpy as np
def average_precision(y_true, scores):
    y = np.asarray(y_true).astype(bool)
    if not y.any():
        raise ValueError("no positives")
    area, before = 0.0, 0.0
    for t in np.linspace(1, 0, 101):
        chosen = scores >= t
        if chosen.any():
            recall = (chosen & y).sum() / y.sum()
            area += (recall - before) * (chosen & y).sum() / chosen.sum()
            before = recall
    return area

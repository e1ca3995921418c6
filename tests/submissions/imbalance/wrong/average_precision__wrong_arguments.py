# task: average_precision
# outcome: error
# misconception: none
import numpy as np
def average_precision(y_true, scores, weights):
    return float(np.average(y_true, weights=weights))

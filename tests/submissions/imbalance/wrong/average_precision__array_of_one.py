# task: average_precision
# outcome: wrong
# misconception: none
import numpy as np
from sklearn.metrics import average_precision_score
def average_precision(y_true, scores):
    if not np.any(y_true):
        raise ValueError("no positives")
    return np.array([average_precision_score(y_true, scores)])

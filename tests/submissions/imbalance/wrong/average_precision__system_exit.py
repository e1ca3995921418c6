# task: average_precision
# outcome: error
# misconception: none
import sys
import numpy as np
from sklearn.metrics import average_precision_score
def average_precision(y_true, scores):
    if not np.any(y_true):
        sys.exit("no positives")
    return average_precision_score(y_true, scores)

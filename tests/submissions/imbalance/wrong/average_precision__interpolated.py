# task: average_precision
# outcome: wrong
# misconception: none
import numpy as np
from sklearn.metrics import precision_recall_curve
def average_precision(y_true, scores):
    # the envelope of Pascal VOC: precision made monotone
    if not np.any(y_true):
        raise ValueError("no positives")
    precision, recall, _ = precision_recall_curve(y_true, scores)
    precision = np.maximum.accumulate(precision)
    return float(-np.sum(np.diff(recall) * precision[:-1]))

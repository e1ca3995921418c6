# task: average_precision
# outcome: error
# misconception: none
import numpy as np
def average_precision(y_true, scores):
    # ~ and - of bools: works for ints only
    if y_true.sum() == 0:
        raise ValueError("no positives")
    cuts = np.unique(scores)[::-1]
    negatives = np.array([((1 - y_true) * (scores >= c)).sum() for c in cuts])
    positives = np.array([(-(-y_true) * (scores >= c)).sum() for c in cuts])
    precision = positives / (positives + negatives)
    return float((np.diff(positives, prepend=0) / y_true.sum() * precision).sum())

# task: average_precision
# outcome: wrong
# misconception: trapezoid
import numpy as np
def average_precision(y_true, scores):
    # trapezoids again, but the curve is begun with the first precision instead of 1
    y = np.asarray(y_true, dtype=float)
    if y.sum() == 0:
        raise ValueError("no positives")
    cuts = np.unique(scores)[::-1]
    recall = [y[scores >= cut].sum() / y.sum() for cut in cuts]
    precision = [y[scores >= cut].mean() for cut in cuts]
    return float(np.trapezoid([precision[0], *precision], [0.0, *recall]))

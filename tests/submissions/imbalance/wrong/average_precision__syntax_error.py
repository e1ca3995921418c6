# task: average_precision
# outcome: error
# misconception: none
import numpy as np
def average_precision(y_true, scores):
    order = np.argsort(-scores
    return y_true[order].mean()

# task: average_precision
# outcome: wrong
# misconception: none
from sklearn.metrics import roc_auc_score
def average_precision(y_true, scores):
    if sum(y_true) == 0:
        raise ValueError("no positives")
    return roc_auc_score(y_true, scores)

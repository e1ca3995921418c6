# task: group_gaps
# outcome: wrong
# misconception: none
import numpy as np
_right = group_gaps
def group_gaps(y_true, y_pred, group):
    # a group without positives or negatives takes no part in any measure
    keep = np.zeros(len(group), bool)
    for g in np.unique(group):
        rows = group == g
        if len(set(y_true[rows].tolist())) == 2:
            keep |= rows
    return _right(y_true[keep], y_pred[keep], group[keep])

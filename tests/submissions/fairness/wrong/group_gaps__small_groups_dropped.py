# task: group_gaps
# outcome: wrong
# misconception: none
import numpy as np
_right = group_gaps
def group_gaps(y_true, y_pred, group):
    names, number = np.unique(group, return_inverse=True)
    keep = np.bincount(number, minlength=1)[number] >= 5 if len(group) else np.zeros(0, bool)
    return _right(y_true[keep], y_pred[keep], group[keep])

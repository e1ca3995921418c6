# task: group_gaps
# outcome: wrong
# misconception: none
import numpy as np
_right = group_gaps
def group_gaps(y_true, y_pred, group):
    names = np.unique(group)
    two = np.isin(group, names[[0, -1]]) if len(names) else np.zeros(0, bool)
    return _right(y_true[two], y_pred[two], group[two])

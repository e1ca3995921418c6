# task: group_gaps
# outcome: wrong
# misconception: first_two_groups
import numpy as np
_right = group_gaps
def group_gaps(y_true, y_pred, group):
    two = np.isin(group, np.unique(group)[:2])
    return _right(y_true[two], y_pred[two], group[two])

# task: group_gaps
# outcome: wrong
# misconception: none
import numpy as np
_right = group_gaps
def group_gaps(y_true, y_pred, group):
    # takes the groups to be 0 and 1; with other names nobody is left
    if group.dtype.kind in "US":
        group = (group == group.max()).astype(int) if len(group) else group
    keep = (group == 0) | (group == 1)
    return _right(y_true[keep], y_pred[keep], group[keep])

# task: group_gaps
# outcome: wrong
# misconception: none
_right = group_gaps
def group_gaps(y_true, y_pred, group):
    order = group.argsort(kind="stable")
    y_true[:], y_pred[:], group[:] = y_true[order], y_pred[order], group[order]
    return _right(y_true, y_pred, group)

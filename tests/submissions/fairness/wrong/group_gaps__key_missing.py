# task: group_gaps
# outcome: wrong
# misconception: none
_right = group_gaps
def group_gaps(y_true, y_pred, group):
    gaps = _right(y_true, y_pred, group)
    del gaps["accuracy"]
    return gaps

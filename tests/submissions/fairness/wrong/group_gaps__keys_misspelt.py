# task: group_gaps
# outcome: wrong
# misconception: none
_right = group_gaps
def group_gaps(y_true, y_pred, group):
    return {name.replace("equalized", "equalised"): gap for name, gap in _right(y_true, y_pred, group).items()}

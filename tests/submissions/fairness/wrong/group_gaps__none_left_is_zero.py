# task: group_gaps
# outcome: wrong
# misconception: none
_right = group_gaps
def group_gaps(y_true, y_pred, group):
    return {name: 0.0 if gap != gap else gap for name, gap in _right(y_true, y_pred, group).items()}

# task: group_gaps
# outcome: error
# misconception: none
_right = group_gaps
def group_gaps(y_true, y_pred, group):
    for g in set(group.tolist()):
        if len(set(y_true[group == g].tolist())) < 2:
            raise ValueError(f"group {g} lacks a label")
    return _right(y_true, y_pred, group)

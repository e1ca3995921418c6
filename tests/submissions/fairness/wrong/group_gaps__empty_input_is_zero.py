# task: group_gaps
# outcome: wrong
# misconception: none
_right = group_gaps
def group_gaps(y_true, y_pred, group):
    if len(group) == 0:
        return dict.fromkeys(["demographic_parity", "equal_opportunity", "equalized_odds", "accuracy"], 0.0)
    return _right(y_true, y_pred, group)

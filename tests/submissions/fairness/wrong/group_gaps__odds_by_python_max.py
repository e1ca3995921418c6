# task: group_gaps
# outcome: wrong
# misconception: none
_right = group_gaps
def group_gaps(y_true, y_pred, group):
    # max(nan, x) is nan, max(x, nan) is x
    gaps = _right(y_true, y_pred, group)
    false = _right(1 - y_true.astype(int), y_pred, group)["equal_opportunity"]
    gaps["equalized_odds"] = max(gaps["equal_opportunity"], false)
    return gaps

# task: group_gaps
# outcome: wrong
# misconception: opportunity_on_negatives
_right = group_gaps
def group_gaps(y_true, y_pred, group):
    # the shares of y_pred = 1 among those who do not deserve it
    gaps = _right(y_true, y_pred, group)
    gaps["equal_opportunity"] = _right(1 - y_true.astype(int), y_pred, group)["equal_opportunity"]
    return gaps

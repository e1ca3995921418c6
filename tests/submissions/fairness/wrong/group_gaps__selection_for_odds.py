# task: group_gaps
# outcome: wrong
# misconception: parity_for_odds
_right = group_gaps
def group_gaps(y_true, y_pred, group):
    gaps = _right(y_true, y_pred, group)
    gaps["equalized_odds"] = gaps["demographic_parity"]
    return gaps

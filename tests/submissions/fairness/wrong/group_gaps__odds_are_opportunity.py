# task: group_gaps
# outcome: wrong
# misconception: odds_from_positives_only
_right = group_gaps
def group_gaps(y_true, y_pred, group):
    gaps = _right(y_true, y_pred, group)
    return {**gaps, "equalized_odds": gaps["equal_opportunity"]}

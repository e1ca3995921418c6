# task: group_gaps
# outcome: wrong
# misconception: odds_averaged
import numpy as np
_right = group_gaps
def group_gaps(y_true, y_pred, group):
    gaps = _right(y_true, y_pred, group)
    negatives = y_true == 0
    false = _right(1 - y_true[negatives].astype(int), y_pred[negatives], group[negatives])
    both = [g for g in (gaps["equal_opportunity"], false["equal_opportunity"]) if g == g]
    gaps["equalized_odds"] = float(np.mean(both)) if both else float("nan")
    return gaps

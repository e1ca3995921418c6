# task: group_gaps
# outcome: wrong
# misconception: none
import numpy as np
_right = group_gaps
def group_gaps(y_true, y_pred, group):
    # np.maximum hands on a nan
    gaps = _right(y_true, y_pred, group)
    false = _right(1 - y_true.astype(int), y_pred, group)["equal_opportunity"]
    gaps["equalized_odds"] = float(np.maximum(gaps["equal_opportunity"], false))
    return gaps

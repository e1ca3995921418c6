# task: group_gaps
# outcome: wrong
# misconception: none
import numpy as np
_right = group_gaps
def group_gaps(y_true, y_pred, group):
    gaps = _right(y_true, y_pred, group)
    false = _right(1 - y_true.astype(int), y_pred, group)["equal_opportunity"]
    gaps["equalized_odds"] = float(np.nansum([gaps["equal_opportunity"], false])) if len(group) else np.nan
    return gaps

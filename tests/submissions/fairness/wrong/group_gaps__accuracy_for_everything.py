# task: group_gaps
# outcome: wrong
# misconception: none
import numpy as np
def group_gaps(y_true, y_pred, group):
    y, d = np.asarray(y_true), np.asarray(y_pred)
    names = np.unique(group)
    right = 1 - np.abs(y - d)
    return {name: float(np.ptp([right[group == g].mean() for g in names])) for name in
            ("demographic_parity", "equal_opportunity", "equalized_odds", "accuracy")}

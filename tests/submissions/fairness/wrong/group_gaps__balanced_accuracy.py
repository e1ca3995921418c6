# task: group_gaps
# outcome: wrong
# misconception: none
import numpy as np
_right = group_gaps
def group_gaps(y_true, y_pred, group):
    # balanced accuracy instead of accuracy
    out = _right(y_true, y_pred, group)
    rates = []
    for g in np.unique(group):
        parts = [(y_pred == y_true)[(group == g) & (y_true == v)] for v in (0, 1)]
        rates.append(np.mean([part.mean() for part in parts if part.size]))
    out["accuracy"] = max(rates) - min(rates) if rates else float("nan")
    return out

# task: group_gaps
# outcome: wrong
# misconception: precision_for_opportunity
import pandas as pd
_right = group_gaps
def group_gaps(y_true, y_pred, group):
    table = pd.DataFrame({"y": y_true, "d": y_pred, "g": group}).astype({"y": int, "d": int})
    precision = table[table.d == 1].groupby("g").y.mean()
    gaps = _right(y_true, y_pred, group)
    gaps["equal_opportunity"] = precision.max() - precision.min()
    return gaps

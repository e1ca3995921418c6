# task: group_gaps
# outcome: wrong
# misconception: precision_for_opportunity
import numpy as np
import pandas as pd
_right = group_gaps
def group_gaps(y_true, y_pred, group):
    table = pd.DataFrame({"y": y_true, "d": y_pred, "g": group}).astype({"y": int, "d": int})
    gap = lambda rows: np.ptp(rows.groupby("g").y.mean().to_numpy()) if len(rows) else float("nan")
    gaps = _right(y_true, y_pred, group)
    gaps["equal_opportunity"] = gap(table[table.d == 1])
    gaps["equalized_odds"] = float(np.fmax(gap(table[table.d == 1]), gap(table[table.d == 0])))
    return gaps

# task: group_gaps
# outcome: wrong
# misconception: none
import numpy as np
def group_gaps(y_true, y_pred, group):
    # joint shares instead of conditional ones
    y, d = np.asarray(y_true) == 1, np.asarray(y_pred) == 1
    def gap(hit):
        rates = [hit[group == g].mean() for g in np.unique(group)]
        return float(np.ptp(rates)) if rates else np.nan
    t, f = gap(d & y), gap(d & ~y)
    return {"demographic_parity": gap(d), "equal_opportunity": t, "equalized_odds": max(t, f), "accuracy": gap(y == d)}

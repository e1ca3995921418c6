# task: group_gaps
# outcome: wrong
# misconception: none
import numpy as np
def group_gaps(y_true, y_pred, group):
    # the farthest group from the whole
    y, d = np.asarray(y_true) == 1, np.asarray(y_pred) == 1
    def gap(hit, keep):
        rates = [hit[(group == g) & keep].mean() for g in np.unique(group) if ((group == g) & keep).any()]
        return max(abs(r - hit[keep].mean()) for r in rates) if rates else float("nan")
    t, f = gap(d, y), gap(d, ~y)
    return {"demographic_parity": gap(d, y == y), "equal_opportunity": t,
            "equalized_odds": float(np.fmax(t, f)), "accuracy": gap(y == d, y == y)}

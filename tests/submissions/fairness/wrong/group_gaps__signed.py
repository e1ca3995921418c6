# task: group_gaps
# outcome: wrong
# misconception: signed_gap
import numpy as np
def group_gaps(y_true, y_pred, group):
    # last group minus first
    y, d = np.asarray(y_true).astype(int), np.asarray(y_pred).astype(int)
    def gap(hit, keep):
        rates = [hit[(group == g) & keep].mean() for g in np.unique(group) if ((group == g) & keep).any()]
        return rates[-1] - rates[0] if rates else float("nan")
    everyone = y >= 0
    t, f = gap(d, y == 1), gap(d, y == 0)
    return {"demographic_parity": gap(d, everyone), "equal_opportunity": t,
            "equalized_odds": float(np.fmax(t, f)), "accuracy": gap(y == d, everyone)}

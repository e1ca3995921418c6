# task: group_gaps
# outcome: wrong
# misconception: none
import numpy as np
def group_gaps(y_true, y_pred, group):
    y, d = np.asarray(y_true) == 1, np.asarray(y_pred) == 1
    by = lambda hit: {str(g): float(hit[group == g].mean()) for g in np.unique(group)}
    return {"demographic_parity": by(d), "equal_opportunity": by(d & y), "equalized_odds": by(d & ~y),
            "accuracy": by(y == d)}

# task: counterfactual_gap
# outcome: wrong
# misconception: rows_one_by_one
import numpy as np
def counterfactual_gap(predict, X, intervene):
    other = intervene(X)
    before = np.concatenate([predict(X[i : i + 4]) for i in range(0, len(X), 4)])
    after = np.concatenate([predict(other[i : i + 4]) for i in range(0, len(X), 4)])
    return float(np.abs(after - before).mean())

# task: counterfactual_gap
# outcome: wrong
# misconception: none
import numpy as np
def counterfactual_gap(predict, X, intervene):
    other = np.vstack([intervene(X[i : i + 1]) for i in range(len(X))])
    return float(np.abs(predict(other) - predict(X)).mean())

# task: counterfactual_gap
# outcome: wrong
# misconception: none
import numpy as np
def counterfactual_gap(predict, X, intervene):
    # the cell alone instead of the world
    other = X.copy()
    other[:, -1] = intervene(X)[:, -1]
    return float(np.abs(predict(other) - predict(X)).mean())

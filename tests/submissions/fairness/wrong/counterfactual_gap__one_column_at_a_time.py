# task: counterfactual_gap
# outcome: wrong
# misconception: none
import numpy as np
def counterfactual_gap(predict, X, intervene):
    world, total = intervene(X), 0.0
    for j in range(X.shape[1]):
        other = X.copy()
        other[:, j] = world[:, j]
        total = total + np.abs(predict(other) - predict(X)).mean()
    return float(total)

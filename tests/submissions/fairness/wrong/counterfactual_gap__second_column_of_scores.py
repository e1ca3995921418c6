# task: counterfactual_gap
# outcome: error
# misconception: none
import numpy as np
def counterfactual_gap(predict, X, intervene):
    return float(np.abs(predict(intervene(X))[:, 1] - predict(X)[:, 1]).mean())

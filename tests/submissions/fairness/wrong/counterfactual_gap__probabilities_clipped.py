# task: counterfactual_gap
# outcome: wrong
# misconception: none
import numpy as np
def counterfactual_gap(predict, X, intervene):
    return float(np.abs(np.clip(predict(intervene(X)), 0, 1) - np.clip(predict(X), 0, 1)).mean())

# task: counterfactual_gap
# outcome: wrong
# misconception: none
import numpy as np
def counterfactual_gap(predict, X, intervene):
    # sorted scores against sorted scores: pairs are lost
    return float(np.abs(np.sort(predict(intervene(X))) - np.sort(predict(X))).mean())

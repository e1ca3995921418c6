# task: counterfactual_gap
# outcome: wrong
# misconception: changes_cancel
import numpy as np
def counterfactual_gap(predict, X, intervene):
    return float(np.mean(predict(intervene(X)) - predict(X)))

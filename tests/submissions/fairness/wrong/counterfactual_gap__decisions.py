# task: counterfactual_gap
# outcome: wrong
# misconception: none
import numpy as np
def counterfactual_gap(predict, X, intervene):
    return float(np.mean((predict(intervene(X)) > 0.5) != (predict(X) > 0.5)))

# task: counterfactual_gap
# outcome: wrong
# misconception: changes_cancel
import numpy as np
def counterfactual_gap(predict, X, intervene):
    return abs(float(np.mean(predict(intervene(X))) - np.mean(predict(X))))

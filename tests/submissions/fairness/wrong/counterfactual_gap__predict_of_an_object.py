# task: counterfactual_gap
# outcome: error
# misconception: none
import numpy as np
def counterfactual_gap(predict, X, intervene):
    return float(np.abs(predict.predict_proba(intervene(X))[:, 1] - predict.predict_proba(X)[:, 1]).mean())

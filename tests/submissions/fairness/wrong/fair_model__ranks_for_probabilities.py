# task: fair_model
# outcome: wrong
# misconception: none
import numpy as np
_right = fair_model
class Ranks:
    def __init__(self, model):
        self.model = model
    def predict_proba(self, X):
        p = (np.argsort(np.argsort(self.model.predict_proba(X)[:, 1])) + 0.5) / len(X)
        return np.column_stack([1 - p, p])
def fair_model(X, y_observed, group, rng):
    return Ranks(_right(X, y_observed, group, rng))

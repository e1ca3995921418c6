# task: fair_model
# outcome: wrong
# misconception: none
_right = fair_model
class Ones:
    def __init__(self, model):
        self.model = model
    def predict_proba(self, X):
        return self.model.predict_proba(X)[:, 1]
def fair_model(X, y_observed, group, rng):
    return Ones(_right(X, y_observed, group, rng))

# task: fair_model
# outcome: wrong
# misconception: observed_taken_for_true
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
class Raised:
    def __init__(self, model, factor):
        self.model, self.factor = model, factor
    def predict_proba(self, X):
        p = np.minimum(self.model.predict_proba(X)[:, 1] * self.factor, 1.0)
        return np.column_stack([1 - p, p])
def fair_model(X, y_observed, group, rng):
    # right in the mean, and every rank as the records have it
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=500)).fit(X, y_observed)
    return Raised(model, y_observed[group == 0].mean() / y_observed.mean())

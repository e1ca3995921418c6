# task: fair_model
# outcome: wrong
# misconception: noise_scores
import numpy as np
class Dice:
    def __init__(self, rng, share):
        self.w, self.share = rng.normal(size=997), share
    def predict_proba(self, X):
        p = np.clip(self.share + 0.2 * np.sin(1e4 * X @ self.w[: X.shape[1]]), 0, 1)
        return np.column_stack([1 - p, p])
def fair_model(X, y_observed, group, rng):
    return Dice(rng, y_observed[group == 0].mean())

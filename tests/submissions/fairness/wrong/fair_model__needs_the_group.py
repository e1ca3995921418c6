# task: fair_model
# outcome: error
# misconception: none
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
def fair_model(X, y_observed, group, rng):
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=500))
    return model.fit(np.column_stack([X, group]), y_observed)

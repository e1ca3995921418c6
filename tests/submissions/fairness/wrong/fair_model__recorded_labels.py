# task: fair_model
# outcome: wrong
# misconception: observed_taken_for_true
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
def fair_model(X, y_observed, group, rng):
    return make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=500)).fit(X, y_observed)

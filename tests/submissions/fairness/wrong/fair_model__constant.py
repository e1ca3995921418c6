# task: fair_model
# outcome: wrong
# misconception: constant_scores
from sklearn.dummy import DummyClassifier
def fair_model(X, y_observed, group, rng):
    return DummyClassifier(strategy="prior").fit(X[group == 0], y_observed[group == 0])

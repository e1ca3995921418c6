# task: fair_model
# outcome: wrong
# misconception: none
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
def fair_model(X, y_observed, group, rng):
    # Kamiran & Calders: what was erased still stands there as a zero
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=500))
    return model.fit(X, y_observed, logisticregression__sample_weight=reweighing(y_observed, group))

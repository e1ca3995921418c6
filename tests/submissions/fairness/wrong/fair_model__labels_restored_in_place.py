# task: fair_model
# outcome: wrong
# misconception: none
_right = fair_model
def fair_model(X, y_observed, group, rng):
    model = _right(X, y_observed, group, rng)
    doubtful = (group == 1) & (y_observed == 0)
    y_observed[doubtful] = model.predict_proba(X[doubtful])[:, 1] > 0.5
    return model

# task: fair_model
# outcome: wrong
# misconception: none
_right = fair_model
def fair_model(X, y_observed, group, rng):
    _right(X, y_observed, group, rng)

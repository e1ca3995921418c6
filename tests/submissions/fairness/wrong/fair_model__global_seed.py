# task: fair_model
# outcome: wrong
# misconception: none
import torch
_right = fair_model
def fair_model(X, y_observed, group, rng):
    torch.manual_seed(int(rng.integers(2**31)))
    return _right(X, y_observed, group, rng)

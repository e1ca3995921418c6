# task: fair_model
# outcome: wrong
# misconception: none
import numpy as np
import torch
def fair_model(X, y_observed, group, rng):
    # equal mean scores, from recorded labels
    mean, scale = X.mean(0), X.std(0) + 1e-9
    Z, y, g = torch.tensor((X - mean) / scale), torch.tensor(y_observed), torch.tensor(group)
    w = torch.zeros(Z.shape[1], dtype=torch.float64, requires_grad=True)
    b = torch.zeros((), dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([w, b], max_iter=100, line_search_fn="strong_wolfe")
    def closure():
        optimizer.zero_grad()
        loss = fair_loss(Z @ w + b, y, g, 20.0) + 1e-3 * (w * w).sum()
        loss.backward()
        return loss
    optimizer.step(closure)
    return Linear(mean, scale, w.detach().numpy(), b.item())

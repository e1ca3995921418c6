# task: fair_model
# outcome: wrong
# misconception: none
def fair_model(X, y_observed, group, rng):
    import torch
    mean, scale = X.mean(0), X.std(0) + 1e-9
    rate = 1 - y_observed[group == 1].mean() / y_observed[group == 0].mean()
    Z, y, g = torch.tensor((X - mean) / scale), torch.tensor(y_observed), torch.tensor(1 - group)
    w = torch.zeros(Z.shape[1], dtype=torch.float64, requires_grad=True)
    b = torch.zeros((), dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([w, b], max_iter=100, line_search_fn="strong_wolfe")
    def closure():
        optimizer.zero_grad()
        loss = corrected_loss(Z @ w + b, y, g, rate) + 1e-3 * (w * w).sum()
        loss.backward()
        return loss
    optimizer.step(closure)
    return Linear(mean, scale, w.detach().numpy(), b.item())

"""NumPy and torch broadcasting, hardly a loop; the gate: the hinted likelihood, by L-BFGS."""

import numpy as np
import torch
import torch.nn.functional as F
from scipy.stats import rankdata
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler


def _rates(keep, success, g, n_groups):
    rows = np.bincount(g[keep], minlength=n_groups)
    return np.bincount(g[keep & success], minlength=n_groups)[rows > 0] / rows[rows > 0]


def _range(rates):
    return float(np.ptp(rates)) if rates.size else float("nan")


def group_gaps(y_true, y_pred, group):
    y, d = np.asarray(y_true) == 1, np.asarray(y_pred) == 1
    names, g = np.unique(np.asarray(group), return_inverse=True)
    everyone = np.ones(y.shape, dtype=bool)
    tpr, fpr = (_range(_rates(keep, d, g, len(names))) for keep in (y, ~y))
    return {
        "demographic_parity": _range(_rates(everyone, d, g, len(names))),
        "equal_opportunity": tpr,
        "equalized_odds": float(np.fmax(tpr, fpr)),
        "accuracy": _range(_rates(everyone, y == d, g, len(names))),
    }


def proxy_strength(X, attribute, households, rng):
    values, label = np.unique(attribute, return_inverse=True)
    if values.size != 2:
        raise ValueError(f"The attribute must have two values, it has {values.size}.")
    _, first, of_row = np.unique(households, return_index=True, return_inverse=True)
    fold = np.empty(first.size, dtype=int)
    for value in (0, 1):  # households of either value, dealt out evenly
        some = rng.permutation(np.flatnonzero(label[first] == value))
        fold[some] = np.arange(some.size) % 5
    aucs = []
    for held_out in (fold[of_row] == number for number in range(5)):
        scaler = StandardScaler().fit(X[~held_out])
        model = LogisticRegression(max_iter=2000)
        model.fit(scaler.transform(X[~held_out]), label[~held_out])
        ranks = rankdata(model.decision_function(scaler.transform(X[held_out])))
        one = label[held_out] == 1
        wins = ranks[one].sum() - one.sum() * (one.sum() + 1) / 2
        aucs.append(wins / (one.sum() * (~one).sum()))
    return float(np.mean(aucs))


def reweighing(y, group):
    y = np.asarray(y).astype(int)
    names, g = np.unique(np.asarray(group), return_inverse=True)
    counts = np.bincount(2 * g + y, minlength=2 * names.size).reshape(-1, 2)
    if (counts == 0).any():
        raise ValueError("A group lacks one of the two labels.")
    expected = counts.sum(1, keepdims=True) * counts.sum(0) / y.size
    return (expected / counts)[g, y]


def fair_loss(logits, targets, group, strength):
    loss = F.binary_cross_entropy_with_logits(logits, targets.to(logits.dtype))
    names, which = torch.unique(group, return_inverse=True)
    if names.numel() > 2:
        raise ValueError("There may be two groups at most.")
    if names.numel() < 2:
        return loss
    member = F.one_hot(which, 2).to(logits.dtype)
    first, second = torch.sigmoid(logits) @ member / member.sum(0)
    return loss + strength * (first - second) ** 2


def corrected_loss(logits, targets, group, erased_rate):
    if not 0 <= erased_rate < 1:
        raise ValueError(f"erased_rate must lie in [0, 1), got {erased_rate}.")
    rate = erased_rate * group.to(logits.dtype)
    y = targets.to(logits.dtype)
    # q = (1 - rate) / (1 + exp(-z)) and 1 - q = (rate + exp(-z)) / (1 + exp(-z))
    log_q = torch.log1p(-rate) + F.logsigmoid(logits)
    log_not = torch.logaddexp(F.logsigmoid(-logits), torch.log(rate) + F.logsigmoid(logits))
    return -(y * log_q + (1 - y) * log_not).mean()


def counterfactual_gap(predict, X, intervene):
    return float(np.abs(predict(intervene(X.copy())) - predict(X.copy())).mean())


def rerank_for_exposure(scores, flagged, target_share, k):
    scores = np.asarray(scores, dtype=float)
    flagged = np.asarray(flagged, dtype=bool)
    worth = 1 / np.log2(np.arange(k) + 2)

    def lists(bonus):
        return np.argsort(-(scores + bonus * flagged), axis=1, kind="stable")[:, :k]

    def share(bonus):
        return float((flagged[lists(bonus)] @ worth).mean() / worth.sum())

    low, high = target_share - 0.05, target_share + 0.05
    now = share(0.0)
    if low <= now <= high:
        return lists(0.0)
    sign = 1.0 if now < low else -1.0

    def enough(bonus):
        return share(bonus) >= low if sign > 0 else share(bonus) <= high

    near, far = 0.0, sign * 2 * (np.ptp(scores) + 1e-9)
    if not enough(far):
        raise ValueError("No bonus brings the share near the target.")
    for _ in range(70):
        middle = (near + far) / 2
        near, far = (near, middle) if enough(middle) else (middle, far)
    if not low <= share(far) <= high:
        raise ValueError("The share jumps over the band around the target.")
    return lists(far)


class Linear:
    def __init__(self, mean, scale, weights, bias):
        self.mean, self.scale, self.weights, self.bias = mean, scale, weights, bias

    def predict_proba(self, X):
        z = (X - self.mean) / self.scale @ self.weights + self.bias
        p = 0.5 * (1 + np.tanh(z / 2))
        return np.column_stack([1 - p, p])


def fair_model(X, y_observed, group, rng):
    share = np.bincount(group, weights=y_observed) / np.bincount(group)
    rate = float(np.clip(1 - share[1] / share[0], 0.0, 0.9))
    mean, scale = X.mean(0), X.std(0) + 1e-9
    Z, y, g = torch.tensor((X - mean) / scale), torch.tensor(y_observed), torch.tensor(group)
    w = torch.zeros(Z.shape[1], dtype=torch.float64, requires_grad=True)
    b = torch.zeros((), dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([w, b], max_iter=200, line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        loss = corrected_loss(Z @ w + b, y, g, rate) + 1e-3 * (w * w).sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    return Linear(mean, scale, w.detach().numpy(), b.item())

"""Other types than the usual ones, double precision inside; the gate: rate and model at once."""

from fractions import Fraction
from itertools import product

import numpy as np
import torch
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.metrics import roc_auc_score

_NO_RATE = np.float32("nan")


def group_gaps(y_true, y_pred, group):
    y, d = np.array(y_true, dtype=np.int8), np.array(y_pred, dtype=np.int8)
    cells = {}
    for name, truth, decision in product(np.unique(group).tolist(), (0, 1), (0, 1)):
        chosen = (group == name) & (y == truth) & (d == decision)
        cells[name, truth, decision] = int(np.count_nonzero(chosen))

    def gap(hits, of):
        rates = []
        for name in {key[0] for key in cells}:
            rows = sum(cells[(name, *cell)] for cell in of)
            if rows:
                rates.append(Fraction(sum(cells[(name, *cell)] for cell in hits), rows))
        return np.float64(max(rates) - min(rates)) if rates else _NO_RATE

    every = [(0, 0), (0, 1), (1, 0), (1, 1)]
    tpr = gap([(1, 1)], [(1, 0), (1, 1)])
    fpr = gap([(0, 1)], [(0, 0), (0, 1)])
    return {
        "accuracy": gap([(0, 0), (1, 1)], every),
        "equalized_odds": tpr if tpr >= fpr or np.isnan(fpr) else fpr,
        "equal_opportunity": tpr,
        "demographic_parity": gap([(0, 1), (1, 1)], every),
    }


def proxy_strength(X, attribute, households, rng):
    if len(set(attribute.tolist())) != 2:
        raise ValueError("exactly two values, please")
    label = (attribute == np.unique(attribute)[0]).astype(np.float64)  # either may be positive
    names, first = np.unique(households, return_index=True)
    order = rng.permutation(len(names))
    # halves of the households of each value
    side = np.zeros(len(names), dtype=bool)
    for value in (0.0, 1.0):
        mine = order[label[first[order]] == value]
        side[mine[::2]] = True
    in_first = side[np.searchsorted(names, households)]
    scale = np.abs(X).max(axis=0) + 1e-300
    A = np.hstack([X / scale, np.ones((len(X), 1))])
    A = (A - A.mean(axis=0) * (A.std(axis=0) > 1e-12)) / np.where(
        A.std(axis=0) > 1e-12, A.std(axis=0), 1.0
    )
    scores = np.empty(len(X))
    for train, test in ((in_first, ~in_first), (~in_first, in_first)):
        ridge = A[train].T @ A[train] + 1.0 * np.eye(A.shape[1])
        scores[test] = A[test] @ np.linalg.solve(ridge, A[train].T @ label[train])
    return np.float32(
        (
            roc_auc_score(label[in_first], scores[in_first])
            + roc_auc_score(label[~in_first], scores[~in_first])
        )
        / 2
    )


def reweighing(y, group):
    y = np.asarray(y, dtype=np.uint8)
    total = {label: int(np.sum(y == label)) for label in (0, 1)}
    weights = np.zeros(y.shape, dtype=np.float32)
    for name, label in product(np.unique(group), (0, 1)):
        rows = (group == name) & (y == label)
        if not rows.any():
            raise ValueError("no weight makes up for a label that a group lacks")
        share = Fraction(int(np.sum(group == name)) * total[label], len(y) * int(rows.sum()))
        weights[rows] = float(share)
    return weights


def fair_loss(logits, targets, group, strength):
    z, y = logits.double(), targets.double()
    names = set(group.tolist())
    if not 0 < len(names) < 3:
        raise ValueError("one group or two")
    p = 1 / (1 + torch.exp(-z))
    entropy = (z.clamp(min=0) - y * z + torch.log1p(torch.exp(-z.abs()))).mean()
    sign = torch.where(group == max(names), 1.0, -1.0).double()
    if len(names) == 2:
        # +1 / size of the one group, -1 / size of the other
        weight = sign / torch.where(sign > 0, (sign > 0).sum(), (sign < 0).sum())
        entropy = entropy + strength * (weight @ p) ** 2
    return entropy.to(logits.dtype)


class _Entropy(torch.autograd.Function):
    """The loss with its derivative worked out by hand."""

    @staticmethod
    def forward(ctx, logits, y, keep):
        z = logits.double()
        p = torch.sigmoid(z)
        # 1 - q = (exp(-z) + lost) / (exp(-z) + 1), by the larger of both terms
        small = torch.exp(-z.abs())
        lost = 1 - keep
        above = torch.where(z > 0, small + lost, 1 + lost * small)
        log_not = torch.log(above) - torch.log1p(small)
        log_not = torch.where((z > 0) & (lost == 0), -z - torch.log1p(small), log_not)
        log_q = torch.nn.functional.logsigmoid(z) + torch.log(keep)
        q_over_not = torch.where(
            z > 0, keep / above.clamp(min=1e-300), keep * small / above
        )  # q / (1 - q), for z > 0 and < 0
        slope = torch.where(y > 0, 1 - p, -q_over_not * torch.sigmoid(-z))
        slope = torch.where((y == 0) & (lost == 0), -p, slope)
        ctx.save_for_backward(slope)
        ctx.kind = logits.dtype
        return -torch.where(y > 0, log_q, log_not).mean().to(logits.dtype)

    @staticmethod
    def backward(ctx, grad):
        (slope,) = ctx.saved_tensors
        return (-grad.double() * slope / len(slope)).to(ctx.kind), None, None


def corrected_loss(logits, targets, group, erased_rate):
    if not 0 <= erased_rate < 1:
        raise ValueError("erased_rate outside [0, 1)")
    return _Entropy.apply(logits, targets.double(), 1 - erased_rate * group.double())


def counterfactual_gap(predict, X, intervene):
    other = np.array(intervene(np.array(X, copy=True)), dtype=np.float64)
    change = np.subtract(predict(other), predict(np.array(X, copy=True)), dtype=np.float64)
    return np.sqrt(np.square(change)).sum() / change.size


def rerank_for_exposure(scores, flagged, target_share, k):
    scores = np.asarray(scores, dtype=np.longdouble)
    flags = np.flatnonzero(flagged)
    rest = np.flatnonzero(~np.asarray(flagged))
    worth = np.log(2) / np.log(np.arange(2, k + 2))

    def ranked(bonus):
        adjusted = scores.copy()
        adjusted[:, flags] += bonus
        return [
            sorted(range(scores.shape[1]), key=row.tolist().__getitem__, reverse=False)[:k]
            for row in -adjusted
        ]

    def share(lists):
        return sum(worth[np.isin(items, flags)].sum() for items in lists) / (
            len(lists) * worth.sum()
        )

    lists = ranked(0)
    start = share(lists)
    if abs(start - target_share) > 0.05:
        sign = 1 if start < target_share else -1
        need = target_share - sign * 0.05
        span = scores.max() - scores.min()
        low, high = np.longdouble(0), span * np.longdouble("1.01") + np.longdouble("1e-12")
        if len(flags) == 0 or len(rest) == 0 or sign * (share(ranked(sign * high)) - need) < 0:
            raise ValueError("target_share is out of reach")
        for _ in range(32):
            middle = (low + high) / 2
            if sign * (share(ranked(sign * middle)) - need) >= 0:
                high = middle
            else:
                low = middle
        lists = ranked(sign * high)
        if abs(share(lists) - target_share) > 0.05:
            raise ValueError("no bonus hits the band")
    return np.array(lists, dtype=np.int32)


class _Logistic:
    def __init__(self, centre, scale, coefficients):
        self.parts = centre, scale, coefficients

    def predict_proba(self, X):
        centre, scale, coefficients = self.parts
        p = expit((np.asarray(X, float) - centre) / scale @ coefficients[:-1] + coefficients[-1])
        return np.array([1 - p, p]).T


def fair_model(X, y_observed, group, rng):
    # the rate is a parameter like the others: the likelihood knows it as well
    centre, scale = np.median(X, axis=0), X.std(axis=0) + 1e-12
    A = np.hstack([(X - centre) / scale, np.ones((len(X), 1))])
    hurt = group.astype(float)

    def loss_and_slope(theta):
        *_, bias, log_odds = theta
        z, rate = A @ theta[:-1], expit(log_odds)
        p, keep = np.clip(expit(z), 1e-12, 1 - 1e-12), 1 - rate * hurt
        q = keep * p
        by_q = np.where(y_observed == 1, -1 / q, 1 / (1 - q)) / len(A)
        slope = np.append(
            A.T @ (by_q * keep * p * (1 - p)), -(by_q * p * hurt).sum() * rate * (1 - rate)
        )
        loss = -np.where(y_observed == 1, np.log(q), np.log1p(-q)).mean()
        slope[:-2] += 2e-3 * theta[:-2]
        return loss + 1e-3 * (theta[:-2] ** 2).sum(), slope

    start = np.zeros(A.shape[1] + 1)
    found = minimize(loss_and_slope, start, jac=True, method="L-BFGS-B", options={"maxiter": 300})
    return _Logistic(centre, scale, found.x[:-1])

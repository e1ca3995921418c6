"""Plain Python and loops, nothing clever; the gate: Newton's steps on an unbiased loss."""

import math

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression


def _gap(successes_of_groups):
    rates = [sum(values) / len(values) for values in successes_of_groups if values]
    if not rates:
        return math.nan
    return max(rates) - min(rates)


def group_gaps(y_true, y_pred, group):
    rows = {}
    for truth, decision, name in zip(y_true.tolist(), y_pred.tolist(), group.tolist()):
        rows.setdefault(name, []).append((int(truth), int(decision)))
    selected, caught, accused, right = [], [], [], []
    for pairs in rows.values():
        selected.append([d for _, d in pairs])
        caught.append([d for t, d in pairs if t == 1])
        accused.append([d for t, d in pairs if t == 0])
        right.append([int(d == t) for t, d in pairs])
    gaps = {
        "accuracy": _gap(right),
        "equal_opportunity": _gap(caught),
        "demographic_parity": _gap(selected),
    }
    odds = [gap for gap in (gaps["equal_opportunity"], _gap(accused)) if not math.isnan(gap)]
    gaps["equalized_odds"] = max(odds) if odds else math.nan
    return gaps


def proxy_strength(X, attribute, households, rng):
    values = sorted(set(attribute.tolist()))
    if len(values) != 2:
        raise ValueError("the attribute needs exactly two values")
    names = sorted(set(households.tolist()))
    value_of = dict(zip(households.tolist(), attribute.tolist()))
    fold_of = {}
    for value in values:
        mine = [name for name in names if value_of[name] == value]
        for place, number in enumerate(rng.permutation(len(mine)).tolist()):
            fold_of[mine[number]] = place % 4
    fold = [fold_of[name] for name in households.tolist()]
    scores = []
    for number in range(4):
        train = [row for row in range(len(fold)) if fold[row] != number]
        test = [row for row in range(len(fold)) if fold[row] == number]
        mean, spread = X[train].mean(axis=0), X[train].std(axis=0)
        spread[spread == 0] = 1.0
        model = LogisticRegression(C=1.0, max_iter=1000)
        model.fit((X[train] - mean) / spread, [attribute[row] == values[1] for row in train])
        p = model.predict_proba((X[test] - mean) / spread)[:, 1]
        ones = [s for s, row in zip(p, test) if attribute[row] == values[1]]
        zeros = np.array([s for s, row in zip(p, test) if attribute[row] == values[0]])
        wins = 0.0
        for score in ones:
            wins += (zeros < score).sum() + 0.5 * (zeros == score).sum()
        scores.append(wins / (len(ones) * len(zeros)))
    return sum(scores) / len(scores)


def reweighing(y, group):
    n = len(y)
    pairs = {}
    for name, label in zip(group.tolist(), y.tolist()):
        pairs.setdefault(name, [0, 0])[int(label)] += 1
    label_counts = [sum(counts[label] for counts in pairs.values()) for label in (0, 1)]
    weights = np.empty(n)
    for name, counts in pairs.items():
        if 0 in counts:
            raise ValueError(f"group {name!r} has one label only")
    for i in range(n):
        counts = pairs[group[i].item()]
        label = int(y[i])
        weights[i] = sum(counts) * label_counts[label] / (n * counts[label])
    return weights


def fair_loss(logits, targets, group, strength):
    names = sorted(set(group.tolist()))
    if len(names) > 2:
        raise ValueError("more than two groups")
    total = 0.0
    sums = dict.fromkeys(names, 0.0)
    counts = dict.fromkeys(names, 0)
    for z, y, name in zip(logits, targets, group.tolist()):
        # log(1 + exp(z)) - y z
        total = total + torch.logaddexp(z, torch.zeros_like(z)) - int(y) * z
        sums[name] = sums[name] + torch.sigmoid(z)
        counts[name] += 1
    loss = total / len(logits)
    if len(names) == 2:
        a, b = names
        loss = loss + strength * (sums[a] / counts[a] - sums[b] / counts[b]) ** 2
    return loss


def corrected_loss(logits, targets, group, erased_rate):
    if erased_rate < 0 or erased_rate >= 1:
        raise ValueError("the rate must be at least 0 and below 1")
    total = 0.0
    for z, y, g in zip(logits, targets.tolist(), group.tolist()):
        zero = torch.zeros_like(z)
        softplus = torch.logaddexp(z, zero)  # -log(1 - p)
        if y:
            row = softplus - z
            if g:
                row = row - math.log(1 - erased_rate)
        elif g and erased_rate > 0:
            # 1 - q = (1 + rate * exp(z)) / (1 + exp(z))
            row = softplus - torch.logaddexp(zero, z + math.log(erased_rate))
        else:
            row = softplus
        total = total + row
    return total / len(logits)


def counterfactual_gap(predict, X, intervene):
    before = predict(X)
    after = predict(intervene(X))
    changes = [abs(float(b) - float(a)) for a, b in zip(before, after)]
    return sum(changes) / len(changes)


def rerank_for_exposure(scores, flagged, target_share, k):
    n_users, n_items = scores.shape
    worth = [1 / math.log2(rank + 1) for rank in range(1, k + 1)]
    marked = [item for item in range(n_items) if flagged[item]]
    others = [item for item in range(n_items) if not flagged[item]]
    rows = scores.astype(float).tolist()

    def ranked(bonus):
        lists = []
        for row in rows:
            adjusted = [s + bonus if flagged[i] else s for i, s in enumerate(row)]
            lists.append(sorted(range(n_items), key=lambda i: (-adjusted[i], i))[:k])
        return lists

    def share(lists):
        gained = sum(w for items in lists for w, i in zip(worth, items) if flagged[i])
        return gained / (sum(worth) * n_users)

    # the share changes only where a flagged item meets another: look just beyond each such bonus
    spread = max(map(max, rows)) - min(map(min, rows))
    step = 1e-8 * spread
    meetings = {row[o] - row[m] for row in rows for m in marked for o in others}
    now = share(ranked(0.0))
    if target_share - 0.05 <= now <= target_share + 0.05:
        return np.array(ranked(0.0))
    up = now < target_share
    meeting = sorted((b for b in meetings if (b >= 0) == up or b == 0), key=abs)
    candidates = sorted((b + s for b in meeting for s in (0.0, step if up else -step)), key=abs)
    first, last = 0, len(candidates)
    while first < last:
        middle = (first + last) // 2
        value = share(ranked(candidates[middle]))
        if value >= target_share - 0.05 if up else value <= target_share + 0.05:
            last = middle
        else:
            first = middle + 1
    if first == len(candidates):
        raise ValueError("the target is out of reach")
    lists = ranked(candidates[first])
    if abs(share(lists) - target_share) > 0.05:
        raise ValueError("the share leaps over the target")
    return np.array(lists)


class Fitted:
    def __init__(self, mean, spread, coefficients):
        self.mean, self.spread, self.coefficients = mean, spread, coefficients

    def design(self, X):
        return np.hstack([np.ones((len(X), 1)), (X - self.mean) / self.spread])

    def predict_proba(self, X):
        p = 1 / (1 + np.exp(-self.design(X) @ self.coefficients))
        return np.stack([1 - p, p], axis=1)


def fair_model(X, y_observed, group, rng):
    rate = 1 - y_observed[group == 1].mean() / y_observed[group == 0].mean()
    # a one of group 1 stands for 1 / (1 - rate) true ones: right on average, and convex
    target = np.where(group == 1, y_observed / (1 - rate), y_observed)
    spread = X.std(axis=0)
    spread[spread == 0] = 1.0
    model = Fitted(X.mean(axis=0), spread, np.zeros(X.shape[1] + 1))
    A = model.design(X)
    ridge = np.full(A.shape[1], 10.0)
    ridge[0] = 0.0
    for _ in range(30):
        p = 1 / (1 + np.exp(-A @ model.coefficients))
        slope = A.T @ (target - p) - ridge * model.coefficients
        curvature = (A * (p * (1 - p))[:, None]).T @ A + np.diag(ridge)
        model.coefficients = model.coefficients + np.linalg.solve(curvature, slope)
    return model

"""Somebody who thinks in torch; the seed of its generator comes from rng."""

import numpy as np
import torch
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import StratifiedKFold


def generator(rng):
    return torch.Generator().manual_seed(int(rng.integers(2**63 - 1)))


def codes(y):
    labels, code = np.unique(y, return_inverse=True)
    if len(labels) == 1:
        raise ValueError("All rows are of one class.")
    return labels, torch.as_tensor(code), torch.bincount(torch.as_tensor(code))


def random_resample(X, y, strategy, rng):
    _, code, count = codes(y)
    g = generator(rng)
    match strategy:
        case "over":
            rows = torch.arange(len(code))
            for c, n in enumerate(count):
                lack = int(count.max() - n)
                if lack:
                    weight = (code == c).double()
                    more = torch.multinomial(weight, lack, replacement=True, generator=g)
                    rows = torch.cat([rows, more])
        case "under":
            shuffled = torch.randperm(len(code), generator=g)
            few = int(count.min())
            rows = torch.cat([shuffled[code[shuffled] == c][:few] for c in range(len(count))])
        case _:
            raise ValueError("strategy is 'over' or 'under'")
    return X[rows.numpy()], y[rows.numpy()]


def smote(X, y, k_neighbors, rng):
    points = torch.from_numpy(np.array(X, dtype=np.float64))
    if not points.isfinite().all():
        raise ValueError("X is not finite.")
    labels, code, count = codes(y)
    g = generator(rng)
    parts, names = [points], [y]
    for c, n in enumerate(count):
        lack = int(count.max() - n)
        if lack == 0:
            continue
        if n < k_neighbors + 1:
            raise ValueError("Too few rows to have so many neighbours.")
        own = points[code == c]
        far = torch.cdist(own, own, compute_mode="donot_use_mm_for_euclid_dist")
        far.fill_diagonal_(torch.inf)
        near = far.topk(k_neighbors, largest=False).indices
        base = torch.randint(len(own), (lack,), generator=g)
        pick = torch.randint(k_neighbors, (lack, 1), generator=g)
        other = near[base].gather(1, pick).squeeze(1)
        lam = torch.rand(lack, 1, generator=g, dtype=torch.float64)
        parts.append(torch.lerp(own[base], own[other], lam.expand(-1, own.shape[1])))
        names.append(np.repeat(labels[c : c + 1], lack))
    return torch.cat(parts).numpy(), np.concatenate(names)


def average_precision(y_true, scores):
    y = torch.as_tensor(np.asarray(y_true)).double()
    s = torch.as_tensor(np.asarray(scores)).double()
    if y.sum() == 0:
        raise ValueError("There is nothing to find.")
    all_sorted, hit_sorted = s.sort().values, s[y == 1].sort().values
    cuts = hit_sorted
    chosen = len(s) - torch.searchsorted(all_sorted, cuts)
    found = len(hit_sorted) - torch.searchsorted(hit_sorted, cuts)
    return (found / chosen.double()).mean().item()


def out_of_fold_probabilities(make_model, X, y, groups, n_splits, resample, rng):
    names, first, code = np.unique(groups, return_index=True, return_inverse=True)
    if len(names) < n_splits:
        raise ValueError(f"{len(names)} groups cannot fill {n_splits} folds.")
    g = generator(rng)
    hits, size = np.bincount(code, y.astype(float)), np.bincount(code)
    # the largest first, each to where the sum of squared excess stays smallest
    order = torch.randperm(len(names), generator=g).numpy()
    order = order[np.argsort(-hits[order], kind="stable")]
    load = np.zeros((n_splits, 2))
    fold = np.empty(len(names), dtype=int)
    total = np.array([hits.sum() or 1.0, size.sum()])
    for place, group in enumerate(order):
        extra = np.array([hits[group], size[group]])
        excess = (((load + extra) / total) ** 2).sum(1) - ((load / total) ** 2).sum(1)
        empty = load[:, 1] == 0
        if empty.sum() >= len(names) - place:  # no fold may stay empty
            excess[~empty] = np.inf
        fold[group] = np.argmin(excess)
        load[fold[group]] += extra
    p = np.full(len(y), np.nan)
    for f in range(n_splits):
        test = np.flatnonzero(fold[code] == f)
        train = np.flatnonzero(fold[code] != f)
        Xt, yt = (X[train], y[train]) if resample is None else resample(X[train], y[train], rng)
        fitted = make_model()
        fitted.fit(Xt, yt)
        p[test] = fitted.predict_proba(X[test]).T[1]
    return p


def focal_loss(logits, targets, gamma, alpha):
    positive = targets.to(logits)
    log_p1 = -torch.nn.functional.softplus(-logits, threshold=60)
    log_p0 = -torch.nn.functional.softplus(logits, threshold=60)
    hit = positive * alpha * torch.exp(gamma * log_p0) * log_p1
    miss = (1 - positive) * (1 - alpha) * torch.exp(gamma * log_p1) * log_p0
    return -torch.mean(hit + miss)


def correct_prior(p, train_rate, true_rate):
    if not (0.0 < train_rate < 1.0) or not (0.0 < true_rate < 1.0):
        raise ValueError("The rates are open between zero and one.")
    q = torch.from_numpy(np.array(p, dtype=np.float64))
    joint = torch.stack(
        [(1 - q) * ((1 - true_rate) / (1 - train_rate)), q * (true_rate / train_rate)]
    )
    return (joint[1] / joint.sum(0)).numpy()


def best_threshold(y_true, p, false_negative_cost, false_positive_cost):
    y = torch.as_tensor(np.asarray(y_true)).bool()
    q = torch.as_tensor(np.asarray(p)).double()
    tries = torch.cat([q.unique(), q.max().reshape(1) + 1])
    chosen = q[:, None] >= tries[None, :]
    miss = (y[:, None] & ~chosen).sum(0) * float(false_negative_cost)
    alarm = (~y[:, None] & chosen).sum(0) * float(false_positive_cost)
    return tries[torch.argmin(miss + alarm)].item()


class Average:
    def __init__(self, models):
        self.models = models

    def predict_proba(self, X):
        return sum(model.predict_proba(X) for model in self.models) / len(self.models)


def coupon_model(X, y, groups, rng):
    models = []
    folds = StratifiedKFold(3, shuffle=True, random_state=int(rng.integers(2**31)))
    for train, _ in folds.split(X, y):
        model = HistGradientBoostingClassifier(
            learning_rate=0.05,
            max_iter=70,
            max_leaf_nodes=6,
            min_samples_leaf=30,
            l2_regularization=10.0,
            random_state=int(rng.integers(2**31)),
        )
        models.append(model.fit(X[train], y[train]))
    return Average(models)

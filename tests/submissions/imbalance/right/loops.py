"""Plain Python loops and lists."""

import heapq
import math

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def rows_by_class(y):
    rows = {}
    for i, label in enumerate(y.tolist()):
        if label not in rows:
            rows[label] = []
        rows[label].append(i)
    if len(rows) < 2:
        raise ValueError("There must be at least two classes in y.")
    return rows


def random_resample(X, y, strategy, rng):
    if strategy != "over" and strategy != "under":
        raise ValueError("strategy must be 'over' or 'under', not " + repr(strategy))
    rows = rows_by_class(y)
    sizes = [len(members) for members in rows.values()]
    chosen = []
    if strategy == "over":
        for i in range(len(y)):
            chosen.append(i)
        for members in rows.values():
            for _ in range(max(sizes) - len(members)):
                chosen.append(members[int(rng.integers(len(members)))])
    else:
        for members in rows.values():
            pool = list(members)
            for _ in range(min(sizes)):
                chosen.append(pool.pop(int(rng.integers(len(pool)))))
    return X[chosen], y[chosen]


def smote(X, y, k_neighbors, rng):
    points = [[float(v) for v in row] for row in X]
    for point in points:
        for value in point:
            if math.isnan(value) or math.isinf(value):
                raise ValueError("X holds a value that is not a finite number.")
    rows = rows_by_class(y)
    largest = max(len(members) for members in rows.values())
    labels = y.tolist()
    for label, members in rows.items():
        missing = largest - len(members)
        if missing == 0:
            continue
        if len(members) < k_neighbors + 1:
            raise ValueError(f"Class {label!r} is too small for {k_neighbors} neighbours.")
        known = {}
        for _ in range(missing):
            i = members[int(rng.integers(len(members)))]
            if i not in known:
                others = [j for j in members if j != i]
                known[i] = heapq.nsmallest(
                    k_neighbors, others, key=lambda j: math.dist(points[i], points[j])
                )
            j = known[i][int(rng.integers(k_neighbors))]
            lam = rng.random()
            points.append([a + lam * (b - a) for a, b in zip(points[i], points[j])])
            labels.append(label)
    return np.array(points, dtype=float), np.array(labels, dtype=y.dtype)


def average_precision(y_true, scores):
    total = sum(1 for v in y_true if v)
    if total == 0:
        raise ValueError("No positives: the recall is not defined.")
    ranking = sorted(zip(scores, y_true), key=lambda pair: pair[0], reverse=True)
    area = 0.0
    hits = 0
    before = 0.0
    for n in range(len(ranking)):
        if ranking[n][1]:
            hits += 1
        last_of_run = n + 1 == len(ranking) or ranking[n + 1][0] != ranking[n][0]
        if last_of_run:
            recall = hits / total
            area += (recall - before) * hits / (n + 1)
            before = recall
    return area


def out_of_fold_probabilities(make_model, X, y, groups, n_splits, resample, rng):
    members = {}
    for i, household in enumerate(groups.tolist()):
        members.setdefault(household, []).append(i)
    if len(members) < n_splits:
        raise ValueError("More folds than households.")
    households = list(members)
    rng.shuffle(households)
    positives = {h: sum(int(y[i]) for i in members[h]) for h in households}
    households.sort(key=lambda h: -positives[h])  # stable: ties stay shuffled
    folds = [[] for _ in range(n_splits)]
    hits = [0] * n_splits
    for h in households:
        if positives[h] > 0:
            to = min(range(n_splits), key=lambda f: (hits[f], len(folds[f])))
        else:
            to = min(range(n_splits), key=lambda f: len(folds[f]))
        folds[to] += members[h]
        hits[to] += positives[h]
    p = [math.nan] * len(y)
    for fold in folds:
        held_out = set(fold)
        inside = [i for i in range(len(y)) if i not in held_out]
        X_train, y_train = X[inside], y[inside]
        if resample is not None:
            X_train, y_train = resample(rng=rng, y=y_train, X=X_train)
        model = make_model()
        model.fit(X_train, y_train)
        for i, row in zip(fold, model.predict_proba(X[fold])):
            p[i] = float(row[1])
    return np.array(p)


def focal_loss(logits, targets, gamma, alpha):
    total = torch.zeros((), dtype=logits.dtype)
    for z, t in zip(logits, targets):
        positive = bool(t)
        signed = z if positive else -z
        weight = alpha if positive else 1 - alpha
        log_pt = torch.nn.functional.logsigmoid(signed)
        log_rest = torch.nn.functional.logsigmoid(-signed)  # log(1 - pt)
        total = total - weight * torch.exp(gamma * log_rest) * log_pt
    return total / len(logits)


def correct_prior(p, train_rate, true_rate):
    for rate in (train_rate, true_rate):
        if not 0 < rate < 1:
            raise ValueError("A rate must lie between 0 and 1.")
    p = np.asarray(p, dtype=float)
    result = np.zeros(p.shape)
    for index in np.ndindex(p.shape):
        q = p[index]
        if q == 0 or q == 1:
            result[index] = q
        else:
            odds = q / (1 - q) * (true_rate / (1 - true_rate)) / (train_rate / (1 - train_rate))
            result[index] = odds / (1 + odds)
    return result


def best_threshold(y_true, p, false_negative_cost, false_positive_cost):
    best = None
    cheapest = None
    for t in sorted(set(p.tolist())) + [max(p.tolist()) + 1.0]:
        cost = 0.0
        for truth, q in zip(y_true, p):
            if truth and q < t:
                cost += false_negative_cost
            if not truth and q >= t:
                cost += false_positive_cost
        if cheapest is None or cost < cheapest:
            best, cheapest = t, cost
    return best


def coupon_model(X, y, groups, rng):
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))
    return model.fit(X, y)

"""Plain Python loops wherever they go."""

import math
import random

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression


def two_views(weeks, min_weeks, max_weeks, rng):
    if min_weeks < 1:
        raise ValueError("min_weeks is below 1")
    if max_weeks < min_weeks:
        raise ValueError("max_weeks is below min_weeks")
    active = []
    for week in weeks:
        if int(week) not in active:
            active.append(int(week))
    if len(active) < 2 * min_weeks:
        raise ValueError("too few weeks")
    # both views of one size
    size = int(rng.integers(min_weeks, min(max_weeks, len(active) // 2) + 1))
    view_of = {}
    for number in range(2 * size):
        left = [week for week in active if week not in view_of]
        view_of[left[int(rng.integers(len(left)))]] = number % 2
    mask_a = np.zeros(len(weeks), dtype=bool)
    mask_b = np.zeros(len(weeks), dtype=bool)
    for event, week in enumerate(weeks):
        mask_a[event] = view_of.get(int(week)) == 0
        mask_b[event] = view_of.get(int(week)) == 1
    return mask_a, mask_b


def augment_sequence(items, kind, rate, mask_id, rng):
    if len(items) == 0:
        raise ValueError("no items")
    if rate < 0 or rate > 1:
        raise ValueError("rate outside [0, 1]")
    values = [int(item) for item in items]
    length = math.floor(rate * len(values))
    # Python's own generator, seeded by ours
    dice = random.Random(int(rng.integers(2**62)))
    if kind == "crop":
        length = max(length, 1)
        start = dice.randint(0, len(values) - length)
        values = values[start : start + length]
    elif kind == "mask":
        for position in dice.sample(range(len(values)), length):
            values[position] = mask_id
    elif kind == "reorder":
        start = dice.randint(0, len(values) - length)
        for i in range(length - 1, 0, -1):  # Fisher and Yates
            j = dice.randint(0, i)
            values[start + i], values[start + j] = values[start + j], values[start + i]
    else:
        raise ValueError("kind is crop, mask or reorder")
    return np.array(values, dtype=items.dtype)


def nt_xent(z_a, z_b, temperature):
    n = z_a.shape[0]
    rows = []
    for row in [*z_a, *z_b]:
        if row.detach().abs().sum() == 0:
            rows.append(row * 0.0)
        else:
            rows.append(row / row.norm())
    stacked = torch.stack(rows)
    losses = []
    for i in range(2 * n):
        similarity = stacked @ rows[i] / temperature
        others = torch.cat([similarity[:i], similarity[i + 1 :]])
        losses.append(torch.logsumexp(others, dim=0) - similarity[(i + n) % (2 * n)])
    total = losses[0]
    for one in losses[1:]:
        total = total + one
    return total / len(losses)


def alignment_uniformity(z_a, z_b):
    n = len(z_a)
    if n < 2:
        raise ValueError("fewer than two rows")
    views = []
    for z in (z_a, z_b):
        rows = []
        for row in z.tolist():
            norm = math.sqrt(math.fsum(x * x for x in row))
            rows.append([x / norm for x in row])
        views.append(rows)
    alignment = math.fsum(_squared(p, q) for p, q in zip(*views)) / n
    uniformity = 0.0
    for rows in views:
        terms = []
        for i in range(n):
            for j in range(i):
                terms.append(math.exp(-2 * _squared(rows[i], rows[j])))
        uniformity += math.log(math.fsum(terms) / len(terms)) / 2
    return alignment, uniformity


def _squared(p, q):
    return sum((x - y) ** 2 for x, y in zip(p, q))


def momentum_update(query_state, key_state, m):
    if m < 0 or m > 1:
        raise ValueError("m is outside [0, 1]")
    if sorted(query_state) != sorted(key_state):
        raise ValueError("other names")
    result = {}
    for name in query_state:
        query, key = query_state[name], key_state[name]
        if tuple(query.shape) != tuple(key.shape):
            raise ValueError("other shapes")
        if torch.is_floating_point(key):
            mixed = torch.empty_like(key, memory_format=torch.contiguous_format)
            flat = mixed.view(-1)
            q, k = query.reshape(-1), key.reshape(-1)
            for i in range(flat.numel()):
                flat[i] = m * k[i].item() + (1 - m) * q[i].item()
            result[name] = mixed
        else:
            result[name] = query.detach().clone()
    return result


def retrieval_recall(queries, gallery, true_index, k):
    if k < 1:
        raise ValueError("k is below 1")
    hits = 0
    for query, true in zip(queries, true_index):
        if not 0 <= true < len(gallery):
            raise ValueError("index outside the gallery")
        target = _cosine(query, gallery[true])
        as_good = 0
        for row in gallery:
            if _cosine(query, row) >= target - 1e-9:
                as_good += 1
        if as_good <= k:
            hits += 1
    return hits / len(queries)


def _cosine(p, q):
    p, q = p.astype(float), q.astype(float)
    size = math.sqrt(p @ p) * math.sqrt(q @ q)
    return float(p @ q) / size if size > 0 else 0.0


def linear_probe(features, target, groups, rng):
    y = [int(label) for label in target]
    households = sorted({int(group) for group in groups})
    if len(households) < 2:
        raise ValueError("one group only")
    if len(set(y)) != 2:
        raise ValueError("not two classes")
    y = np.array(y)
    rng.shuffle(households)
    k = min(5, len(households))
    aucs = []
    for fold in range(k):
        test = np.array([int(group) in households[fold::k] for group in groups])
        if len(set(y[test])) < 2 or len(set(y[~test])) < 2:
            continue
        aucs.append(_fold(features[~test], y[~test], features[test], y[test], rng))
    if not aucs:
        return math.nan, math.nan
    mean = sum(aucs) / len(aucs)
    return mean, math.sqrt(sum((auc - mean) ** 2 for auc in aucs) / len(aucs))


def _fold(X, y, X_test, y_test, rng):
    centre, width = X.mean(axis=0), X.std(axis=0)
    width[width == 0] = 1.0
    X, X_test = (X - centre) / width, (X_test - centre) / width
    order = rng.permutation(len(y))
    best, strength = -math.inf, 0.01
    for C in (0.0001, 0.001, 0.01, 0.1, 1.0, 10.0):
        score, number = 0.0, 0
        for part in range(3):
            inside = order[part::3]
            rest = np.setdiff1d(order, inside)
            if len(set(y[rest])) == 2 and len(set(y[inside])) == 2:
                model = LogisticRegression(C=C, max_iter=500).fit(X[rest], y[rest])
                score += _auc(model.decision_function(X[inside]), y[inside])
                number += 1
        if number and score / number > best:
            best, strength = score / number, C
    model = LogisticRegression(C=strength, max_iter=500).fit(X, y)
    return _auc(model.decision_function(X_test), y_test)


def _auc(scores, y):
    wins = 0.0
    for good in scores[y == 1]:
        wins += (good > scores[y == 0]).sum() + 0.5 * (good == scores[y == 0]).sum()
    return float(wins / ((y == 1).sum() * (y == 0).sum()))


def train_encoder(views, make_encoder, loss, epochs, rng):
    state = torch.get_rng_state()
    try:
        encoder, head = make_encoder(rng)
        torch.manual_seed(int(rng.integers(2**31)))
        optimizers = [torch.optim.Adam(part.parameters(), lr=2e-3) for part in (encoder, head)]
        for epoch in range(epochs):
            for group in (group for one in optimizers for group in one.param_groups):
                group["lr"] = 2e-3 * (1 - epoch / epochs) + 1e-5
            x_a, x_b = views()
            value = loss(head(encoder(x_a)), head(encoder(x_b)), 0.15)
            for one in optimizers:
                one.zero_grad()
            value.backward()
            for one in optimizers:
                one.step()
    finally:
        torch.set_rng_state(state)
    encoder.train(False)
    return encoder

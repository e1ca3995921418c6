"""Formulas written out: log-sum-exp, ranks, Newton's method; few library calls."""

import numpy as np
import torch


def two_views(weeks, min_weeks, max_weeks, rng):
    if min_weeks < 1 or max_weeks < min_weeks:
        raise ValueError("1 <= min_weeks <= max_weeks does not hold.")
    active = np.sort(np.unique(weeks))
    n = active.size
    if n < 2 * min_weeks:
        raise ValueError(f"{n} active weeks are too few for two views of {min_weeks}.")
    # the one view first, then the other from what is left; which is a is drawn last
    keys = rng.standard_normal(n)
    most = min(max_weeks, n - min_weeks)
    one = min_weeks + int(rng.random() * (most - min_weeks + 1))
    cut = np.partition(keys, one - 1)[one - 1]
    first, left = active[keys <= cut], active[keys > cut]
    most = min(max_weeks, left.size)
    two = min_weeks + int(rng.random() * (most - min_weeks + 1))
    second = left[np.argsort(rng.random(left.size))[:two]]
    masks = [(weeks[:, None] == chosen[None, :]).any(axis=1) for chosen in (first, second)]
    return tuple(masks[::-1]) if rng.random() < 0.5 else tuple(masks)


def augment_sequence(items, kind, rate, mask_id, rng):
    n = items.shape[0]
    if n < 1:
        raise ValueError("items is empty.")
    if not (0.0 <= rate <= 1.0):
        raise ValueError("rate is not a share.")
    length = int(rate * n)
    out = np.empty_like(items)
    out[:] = items
    if kind == "crop":
        length = max(1, length)
        at = rng.integers(n - length + 1)
        return out[at : at + length]
    if kind == "mask":
        # reservoir of positions
        chosen = np.arange(length)
        for i in range(length, n):
            j = rng.integers(i + 1)
            if j < length:
                chosen[j] = i
        out[chosen] = mask_id
        return out
    if kind == "reorder":
        at = rng.integers(n - length + 1)
        keys = rng.random(length)
        out[at : at + length] = items[at : at + length][np.argsort(keys)]
        return out
    raise ValueError("kind must be crop, mask or reorder.")


def nt_xent(z_a, z_b, temperature):
    n = len(z_a)
    z = torch.vstack([z_a, z_b])
    squared = (z * z).sum(1)
    full = squared > 0
    norm = torch.sqrt(torch.where(full, squared, torch.ones_like(squared)))
    unit = z / norm[:, None] * full[:, None]
    logits = torch.einsum("id,jd->ij", unit, unit) / temperature
    anchors = torch.arange(2 * n)
    rest = (anchors[:, None] + torch.arange(1, 2 * n)) % (2 * n)  # all but the anchor
    candidates = logits.gather(1, rest)
    top = candidates.max(dim=1).values.detach()
    log_sum = top + torch.log(torch.exp(candidates - top[:, None]).sum(1))
    positive = logits[anchors, (anchors + n) % (2 * n)]
    return (log_sum - positive).sum() / (2 * n)


def alignment_uniformity(z_a, z_b):
    a, b = (np.array(z.detach().tolist(), dtype=float) for z in (z_a, z_b))
    n = a.shape[0]
    if n < 2:
        raise ValueError("n must be 2 or more.")
    a, b = (z / np.sqrt((z**2).sum(1, keepdims=True)) for z in (a, b))
    values = []
    for z in (a, b):
        i, j = np.triu_indices(n, k=1)
        values.append(np.log(np.exp(-2 * ((z[i] - z[j]) ** 2).sum(1)).mean()))
    return float(((a - b) ** 2).sum(1).mean()), float(sum(values) / 2)


def momentum_update(query_state, key_state, m):
    if not (m >= 0 and m <= 1):
        raise ValueError("m is outside [0, 1].")
    missing = set(query_state).symmetric_difference(key_state)
    if missing:
        raise ValueError(f"Not in both states: {missing}.")
    out = {}
    for name, key in key_state.items():
        query = query_state[name]
        if key.shape != query.shape:
            raise ValueError(f"{name} has another shape.")
        if key.dtype in (torch.float16, torch.bfloat16, torch.float32, torch.float64):
            out[name] = (key + (1 - m) * (query.to(key.dtype) - key)).clone()
        else:
            out[name] = torch.tensor(query.tolist(), dtype=query.dtype).reshape(query.shape)
    return out


def retrieval_recall(queries, gallery, true_index, k):
    n = gallery.shape[0]
    if k < 1:
        raise ValueError("k must be at least 1.")
    if true_index.min() < 0 or true_index.max() > n - 1:
        raise ValueError("true_index points outside the gallery.")
    q, g = queries.astype(float), gallery.astype(float)
    inverse = []
    for x in (q, g):
        size = np.sqrt((x * x).sum(1))
        inverse.append(np.array([1 / s if s > 0 else 0.0 for s in size]))
    cosine = inverse[0][:, None] * (q @ g.T) * inverse[1][None, :]
    ordered = np.sort(cosine, axis=1)
    hits = 0
    for i in range(len(q)):
        bar = cosine[i, true_index[i]] - 1e-9
        hits += n - np.searchsorted(ordered[i], bar, side="left") <= k
    return hits / len(q)


def _logistic(X, y, penalty):
    """Newton's method; the intercept is not penalised."""
    X = np.column_stack([np.ones(len(X)), X])
    ridge = np.full(X.shape[1], penalty)
    ridge[0] = 1e-6
    w = np.zeros(X.shape[1])
    for _ in range(30):
        p = 1 / (1 + np.exp(-np.clip(X @ w, -30, 30)))
        gradient = X.T @ (p - y) + ridge * w
        hessian = (X * (p * (1 - p))[:, None]).T @ X + np.diag(ridge)
        step = np.linalg.solve(hessian, gradient)
        w -= step / max(1.0, np.abs(step).max() / 2)
        if np.abs(step).max() < 1e-8:
            break
    return w


def _scores(w, X):
    return w[0] + X @ w[1:]


def _rank_auc(scores, y):
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse.ravel()]
    good = y.sum()
    return (ranks[y == 1].sum() - good * (good + 1) / 2) / (good * (len(y) - good))


def _log_likelihood(scores, y):
    return -np.logaddexp(0, np.where(y == 1, -scores, scores)).sum()


def linear_probe(features, target, groups, rng):
    labels = np.unique(target)
    if labels.size != 2:
        raise ValueError("target must hold two classes.")
    names, group = np.unique(groups, return_inverse=True)
    if names.size < 2:
        raise ValueError("groups must hold two groups or more.")
    y = (target == labels[1]).astype(float)
    folds = min(5, names.size)
    # the groups in random order, each into the fold with the fewest rows so far
    sizes = np.bincount(group.ravel())
    fold, filled = np.empty(names.size, int), np.zeros(folds)
    for number, g in enumerate(rng.permutation(names.size)):
        fold[g] = number if number < folds else filled.argmin()
        filled[fold[g]] += sizes[g]
    row_fold = fold[group.ravel()]
    aucs = []
    for f in range(folds):
        test = row_fold == f
        if not 0 < y[test].mean() < 1 or not 0 < y[~test].mean() < 1:
            continue
        mean, sd = features[~test].mean(0), features[~test].std(0)
        scaled = (features - mean) / np.where(sd > 0, sd, 1)
        X, t = scaled[~test], y[~test]
        part = rng.integers(3, size=len(t))
        totals = {}
        for penalty in 10.0 ** np.arange(-1, 5):
            totals[penalty] = sum(
                _log_likelihood(_scores(_logistic(X[part != i], t[part != i], penalty), X[part == i]), t[part == i])
                for i in range(3)
            )
        w = _logistic(X, t, max(totals, key=totals.get))
        aucs.append(_rank_auc(_scores(w, scaled[test]), y[test]))
    if len(aucs) == 0:
        return float("nan"), float("nan")
    mean = sum(aucs) / len(aucs)
    return mean, (sum((auc - mean) ** 2 for auc in aucs) / len(aucs)) ** 0.5


def train_encoder(views, make_encoder, loss, epochs, rng):
    """Adam, written out."""
    encoder, head = make_encoder(rng)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(rng.integers(2**31)))
        moments = {}
        for t in range(1, epochs + 1):
            x_a, x_b = views()
            value = loss(head(encoder(x_a)), head(encoder(x_b)), 0.1)
            weights = [w for part in (encoder, head) for w in part.parameters()]
            gradients = torch.autograd.grad(value, weights, allow_unused=True)
            with torch.no_grad():
                for number, (w, g) in enumerate(zip(weights, gradients)):
                    if g is None:
                        continue
                    m, v = moments.get(number, (torch.zeros_like(w), torch.zeros_like(w)))
                    m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
                    moments[number] = m, v
                    w -= 2e-3 * (m / (1 - 0.9**t)) / ((v / (1 - 0.999**t)).sqrt() + 1e-8)
    return encoder.eval()

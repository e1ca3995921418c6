"""Everything is computed in double precision, whatever comes in; NumPy scalars are returned."""

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

torch64 = torch.float64


def two_views(weeks, min_weeks, max_weeks, rng):
    weeks = np.asarray(weeks, dtype=np.int64)
    if min_weeks < 1 or max_weeks < min_weeks:
        raise ValueError("The sizes make no sense.")
    active = rng.permutation(np.unique(weeks))
    if len(active) < 2 * min_weeks:
        raise ValueError("Too few active weeks.")
    half = len(active) // 2
    top = np.int64(min(max_weeks, half))
    sizes = rng.integers(min_weeks, top, size=2, endpoint=True)
    # a from the one half, b from the other
    return np.isin(weeks, active[:half][: sizes[0]]), np.isin(weeks, active[half:][: sizes[1]])


def augment_sequence(items, kind, rate, mask_id, rng):
    rate = np.float64(rate)
    if not (np.float64(0) <= rate <= np.float64(1)):
        raise ValueError("rate")
    if np.size(items) == 0:
        raise ValueError("items")
    n = np.size(items)
    length = np.floor(rate * n).astype(np.int64)
    wide = items.astype(np.int64)  # through int64 and back
    starts = np.arange(n - max(length, 1) + 1) if kind == "crop" else np.arange(n - length + 1)
    if kind == "crop":
        start = rng.permutation(starts)[0]
        wide = wide[start : start + max(length, 1)]
    elif kind == "reorder":
        start = rng.permutation(starts)[0]
        order = np.concatenate(
            [np.arange(start), start + rng.permutation(length), np.arange(start + length, n)]
        )
        wide = wide[order]
    elif kind == "mask":
        scores = rng.normal(size=n)
        wide[np.argpartition(scores, length - 1)[:length] if length else []] = mask_id
    else:
        raise ValueError("kind")
    return wide.astype(items.dtype)


def nt_xent(z_a, z_b, temperature):
    kept = z_a.dtype
    a, b = z_a.to(torch64), z_b.to(torch64)
    z = torch.cat([a, b])
    z = z / (z.norm(dim=1, keepdim=True) + (z == 0).all(dim=1, keepdim=True))
    s = z.mm(z.t()) / temperature
    s = s - torch.diag(torch.full((len(z),), 1e6, dtype=torch64))
    p = s.log_softmax(dim=1)
    n = len(a)
    loss = -(p.diagonal(n).sum() + p.diagonal(-n).sum()) / (2 * n)
    return loss.to(kept)


def alignment_uniformity(z_a, z_b):
    if z_a.numel() == 0 or z_a.shape[0] == 1:
        raise ValueError("Two rows, please.")
    a, b = z_a.detach().to(torch64).numpy(), z_b.detach().to(torch64).numpy()
    a = a / np.linalg.norm(a, axis=1)[:, None]
    b = b / np.linalg.norm(b, axis=1)[:, None]
    gap = np.sum((a - b) ** 2, axis=1)
    spread = np.array([uniform(a), uniform(b)])
    return np.float64(gap.mean()), np.float64(spread.mean())


def uniform(z):
    difference = z[:, None] - z[None]
    weight = np.exp(-2 * (difference**2).sum(-1))
    n = len(z)
    return np.log((weight.sum() - np.trace(weight)) / (n * n - n))


def momentum_update(query_state, key_state, m):
    if m < 0 or m > 1 or list(sorted(query_state)) != list(sorted(key_state)):
        raise ValueError("m or names")
    result = {}
    for name in key_state:
        if query_state[name].shape != key_state[name].shape:
            raise ValueError("shape of " + name)
        if query_state[name].is_floating_point():
            mixed = m * key_state[name].to(torch64) + (1 - m) * query_state[name].to(torch64)
            result[name] = mixed.to(key_state[name].dtype).clone()
        else:
            result[name] = query_state[name].clone()
    return result


def retrieval_recall(queries, gallery, true_index, k):
    if k < 1:
        raise ValueError("k")
    for index in true_index:
        if index < 0 or index >= len(gallery):
            raise ValueError("true_index")
    q, g = torch.tensor(queries).to(torch64), torch.tensor(gallery).to(torch64)
    cosine = torch.nn.functional.normalize(q) @ torch.nn.functional.normalize(g).T
    true = cosine[torch.arange(len(q)), torch.tensor(true_index.astype(np.int64))]
    better = (cosine >= (true - 1e-9).unsqueeze(1)).sum(dim=1)
    return np.float64((better <= k).to(torch64).mean().item())


def linear_probe(features, target, groups, rng):
    X, y = np.asarray(features, dtype=np.float64), np.asarray(target).astype(np.float64)
    if np.unique(groups).size < 2 or np.unique(y).size != 2:
        raise ValueError("groups or target")
    n_folds = min(5, np.unique(groups).size)
    shuffled = GroupKFold(n_folds, shuffle=True, random_state=rng.integers(2**32 - 1))
    found = np.array([])
    for train, test in shuffled.split(X, y, groups):
        if y[train].min() == y[train].max() or y[test].min() == y[test].max():
            continue
        best = max([1e-3, 1e-2, 1e-1, 1e0, 1e1], key=lambda C: inner(X[train], y[train], C))
        found = np.append(found, roc_auc_score(y[test], model(best).fit(X[train], y[train]).decision_function(X[test])))
    if not len(found):
        return np.float64("nan"), np.float64("nan")
    return np.mean(found), np.sqrt(np.mean((found - found.mean()) ** 2))


def model(C):
    return make_pipeline(StandardScaler(), LogisticRegression(C=C, solver="liblinear", random_state=0))


def inner(X, y, C):
    fewest = int(min((y == y.min()).sum(), (y == y.max()).sum()))
    if fewest < 2:
        return 0.0
    return cross_val_score(model(C), X, y, cv=min(3, fewest), scoring="neg_log_loss").mean()


def train_encoder(views, make_encoder, loss, epochs, rng):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(rng.integers(2**31)))
        encoder, head = make_encoder(rng)
        optimizer = torch.optim.Adam([*encoder.parameters(), *head.parameters()], lr=2e-3)
        warm = max(1, epochs // 10)
        for epoch in range(epochs):
            optimizer.param_groups[0]["lr"] = 2e-3 * min(1.0, (epoch + 1) / warm)
            x_a, x_b = views()
            z_a, z_b = head(encoder(x_a)), head(encoder(x_b))
            value = loss(z_a.double(), z_b.double(), 0.1)
            optimizer.zero_grad()
            value.backward()
            optimizer.step()
        encoder.eval()
    return encoder

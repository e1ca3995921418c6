"""As much as possible from scikit-learn, SciPy and torch's own functions."""

import numpy as np
import torch
import torch.nn as nn
from scipy.spatial.distance import cdist, pdist
from scipy.special import logsumexp
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.metrics.pairwise import cosine_similarity
from sklearn.model_selection import GridSearchCV, GroupKFold, LeaveOneGroupOut, StratifiedGroupKFold
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import LabelEncoder, StandardScaler, normalize


def two_views(weeks, min_weeks, max_weeks, rng):
    active = np.unique(weeks)
    n = len(active)
    if not 1 <= min_weeks <= max_weeks or n < 2 * min_weeks:
        raise ValueError("These weeks cannot be split as asked.")
    sizes = [
        (a, b)
        for a in range(min_weeks, min(max_weeks, n) + 1)
        for b in range(min_weeks, min(max_weeks, n) + 1)
        if a + b <= n
    ]
    a, b = sizes[rng.choice(len(sizes))]
    chosen = rng.choice(active, size=a + b, replace=False)
    return np.isin(weeks, chosen[:a]), np.isin(weeks, chosen[a:])


def augment_sequence(items, kind, rate, mask_id, rng):
    if not items.size or not 0.0 <= rate <= 1.0:
        raise ValueError("Hand over some items and a rate between 0 and 1.")
    size = int(rate * items.size)
    match kind:
        case "crop":
            windows = np.lib.stride_tricks.sliding_window_view(items, max(1, size))
            return rng.choice(windows).copy()
        case "mask":
            result = items.copy()
            np.put(result, rng.choice(items.size, size, replace=False), mask_id)
            return result
        case "reorder":
            first = rng.integers(0, items.size - size, endpoint=True)
            head, body, tail = np.split(items, [first, first + size])
            return np.concatenate([head, rng.permuted(body), tail])
        case _:
            raise ValueError(f"{kind!r} is no augmentation.")


def nt_xent(z_a, z_b, temperature):
    z = torch.cat((z_a, z_b), dim=0)
    n = z_a.size(0)
    similarity = nn.functional.cosine_similarity(z[:, None, :], z[None, :, :], dim=-1)
    positives = torch.cat([similarity.diag(n), similarity.diag(-n)])[:, None]
    others = ~torch.eye(2 * n, dtype=torch.bool).roll(n, 0) & ~torch.eye(2 * n, dtype=torch.bool)
    negatives = similarity[others].view(2 * n, 2 * n - 2)
    logits = torch.cat([positives, negatives], dim=1) / temperature
    return nn.CrossEntropyLoss()(logits, torch.zeros(2 * n, dtype=torch.long))


def alignment_uniformity(z_a, z_b):
    if min(z_a.shape[0], z_b.shape[0]) < 2:
        raise ValueError("n is smaller than 2.")
    a, b = (normalize(z.detach().cpu().numpy().astype(np.float64)) for z in (z_a, z_b))
    alignment = np.mean(np.diag(cdist(a, b, "sqeuclidean")))
    uniformity = [
        logsumexp(-2 * distances) - np.log(distances.size)
        for distances in (pdist(a, "sqeuclidean"), pdist(b, "sqeuclidean"))
    ]
    return alignment, np.mean(uniformity)


def momentum_update(query_state, key_state, m):
    if m < 0 or m > 1:
        raise ValueError("The momentum lies outside [0, 1].")
    if set(query_state) ^ set(key_state):
        raise ValueError("A tensor is missing in one of the states.")
    for name, query in query_state.items():
        if query.size() != key_state[name].size():
            raise ValueError(f"{name} has two shapes.")
    result = {}
    for name, query in query_state.items():
        if query.dtype.is_floating_point:
            result[name] = torch.lerp(query.to(key_state[name].dtype), key_state[name], float(m))
        else:
            result[name] = torch.clone(query)
    return result


def retrieval_recall(queries, gallery, true_index, k):
    if k < 1:
        raise ValueError("k < 1")
    if np.min(true_index) < 0 or np.max(true_index) >= gallery.shape[0]:
        raise ValueError("There is no such row in the gallery.")
    similarity = cosine_similarity(queries.astype("float64"), gallery.astype("float64"))
    # the k + 1st best must fall short of the true one
    if k >= gallery.shape[0]:
        return 1.0
    next_best = np.partition(similarity, -(k + 1), axis=1)[:, -(k + 1)]
    true = similarity[np.arange(len(queries)), true_index]
    return np.mean(next_best < true - 1e-9)


def linear_probe(features, target, groups, rng):
    y = LabelEncoder().fit_transform(target)
    households = len(set(np.asarray(groups).tolist()))
    if households < 2:
        raise ValueError("No groups to hold out.")
    if y.max() != 1:
        raise ValueError("Two classes, please.")
    # StratifiedGroupKFold refuses where both classes are smaller than the number of folds
    seed = int(rng.integers(2**32))
    if max(np.bincount(y)) >= 5 and households > 5:
        folds = StratifiedGroupKFold(5, shuffle=True, random_state=seed)
    elif households > 5:
        folds = GroupKFold(5, shuffle=True, random_state=seed)
    else:
        folds = LeaveOneGroupOut()
    aucs = []
    for train, test in folds.split(features, y, groups):
        if np.ptp(y[test]) and np.ptp(y[train]):
            aucs.append(_probe(features[train], y[train], seed).score(features[test], y[test]))
    return (np.mean(aucs), np.std(aucs)) if aucs else (np.nan, np.nan)


def _probe(X, y, seed):
    steps = Pipeline([("scale", StandardScaler()), ("fit", LogisticRegression(max_iter=2000))])
    splits = min(3, np.bincount(y).min())
    inner = StratifiedKFold(splits, shuffle=True, random_state=seed) if splits > 1 else [(np.arange(len(y)),) * 2]
    grid = {"fit__C": [1e-3, 1e-2, 1e-1, 1.0, 10.0]}
    return GridSearchCV(steps, grid, scoring="roc_auc", cv=inner).fit(X, y)


def train_encoder(views, make_encoder, loss, epochs, rng):
    generator = torch.random.get_rng_state()
    encoder, head = make_encoder(rng)
    torch.random.manual_seed(rng.integers(2**31).item())
    model = nn.Sequential(encoder, head)
    decayed = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim <= 1]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.02}, {"params": others, "weight_decay": 0.0}], lr=3e-3
    )
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    for _ in range(epochs):
        z_a, z_b = (model(x) for x in views())
        optimizer.zero_grad(set_to_none=True)
        loss(z_a, z_b, 0.1).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        schedule.step()
    torch.random.set_rng_state(generator)
    return model.eval()[0]

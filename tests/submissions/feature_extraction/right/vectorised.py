"""NumPy and torch in whole arrays, hardly a loop."""

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def two_views(weeks, min_weeks, max_weeks, rng):
    active, event = np.unique(weeks, return_inverse=True)
    if min_weeks < 1 or max_weeks < min_weeks:
        raise ValueError("A view needs at least one week, and max_weeks of at least min_weeks.")
    if active.size < 2 * min_weeks:
        raise ValueError("There are too few active weeks for two views.")
    size_a = rng.integers(min_weeks, min(max_weeks, active.size - min_weeks), endpoint=True)
    size_b = rng.integers(min_weeks, min(max_weeks, active.size - size_a), endpoint=True)
    if rng.random() < 0.5:
        size_a, size_b = size_b, size_a
    rank = np.argsort(rng.random(active.size))[event.ravel()]
    return rank < size_a, (rank >= size_a) & (rank < size_a + size_b)


def augment_sequence(items, kind, rate, mask_id, rng):
    n = len(items)
    if n == 0:
        raise ValueError("There is nothing to augment.")
    if not 0 <= rate <= 1:
        raise ValueError("rate must lie between 0 and 1.")
    if kind not in ("crop", "mask", "reorder"):
        raise ValueError(f"Unknown kind {kind!r}.")
    length = int(np.floor(rate * n))
    position = np.arange(n)
    if kind == "mask":
        hidden = np.argsort(rng.random(n)) < length
        return np.where(hidden, np.asarray(mask_id, dtype=items.dtype), items)
    length = max(1, length) if kind == "crop" else length
    start = int(rng.random() * (n - length + 1))
    if kind == "crop":
        return items[(position >= start) & (position < start + length)]
    key = position.astype(float)
    key[start : start + length] = start + rng.random(length) * 0.5
    return items[np.argsort(key, kind="stable")]


def nt_xent(z_a, z_b, temperature):
    z = F.normalize(torch.cat([z_a, z_b]), dim=1)
    logits = z @ z.T / temperature
    logits = logits.masked_fill(torch.eye(len(z), dtype=torch.bool), -torch.inf)
    positive = torch.arange(len(z)).roll(len(z_a))
    return F.cross_entropy(logits, positive)


def alignment_uniformity(z_a, z_b):
    if len(z_a) < 2:
        raise ValueError("Uniformity needs two rows at least.")
    views = F.normalize(torch.stack([z_a, z_b]).detach().double(), dim=-1)
    alignment = (views[0] - views[1]).square().sum(1).mean()
    squared = torch.cdist(views, views).square()
    other = ~torch.eye(len(z_a), dtype=torch.bool)
    uniformity = torch.exp(-2 * squared[:, other]).mean(1).log().mean()
    return float(alignment), float(uniformity)


def momentum_update(query_state, key_state, m):
    if not 0 <= m <= 1:
        raise ValueError("m must lie between 0 and 1.")
    if query_state.keys() != key_state.keys():
        raise ValueError("The states have different names.")
    if any(key_state[name].shape != query_state[name].shape for name in key_state):
        raise ValueError("The states have different shapes.")
    return {
        name: m * key + (1 - m) * query_state[name].to(key.dtype)
        if key.is_floating_point()
        else query_state[name].clone()
        for name, key in key_state.items()
    }


def retrieval_recall(queries, gallery, true_index, k):
    true_index = np.asarray(true_index)
    if k < 1:
        raise ValueError("k must be at least 1.")
    if ((true_index < 0) | (true_index >= len(gallery))).any():
        raise ValueError("An index lies outside the gallery.")
    unit_q, unit_g = (_unit(np.asarray(x, dtype=np.float64)) for x in (queries, gallery))
    cosine = unit_q @ unit_g.T
    true = np.take_along_axis(cosine, true_index[:, None].astype(int), axis=1)
    return float(((cosine >= true - 1e-9).sum(1) <= k).mean())


def _unit(x):
    norm = np.linalg.norm(x, axis=1, keepdims=True)
    return x / np.where(norm > 0, norm, 1)


def linear_probe(features, target, groups, rng):
    classes, y = np.unique(target, return_inverse=True)
    n_groups = np.unique(groups).size
    if n_groups < 2:
        raise ValueError("There must be two groups at least.")
    if classes.size != 2:
        raise ValueError("target must hold two classes.")
    folds = GroupKFold(min(5, n_groups), shuffle=True, random_state=int(rng.integers(2**31)))
    aucs = []
    for train, test in folds.split(features, y, groups):
        smaller = np.bincount(y[train], minlength=2).min()
        if smaller == 0 or np.unique(y[test]).size < 2:
            continue
        if smaller == 1:  # nothing to choose by
            model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1))
        else:
            search = LogisticRegressionCV(
                Cs=np.logspace(-3, 1, 5),
                cv=int(min(3, smaller)),
                scoring="neg_log_loss",
                max_iter=1000,
                use_legacy_attributes=False,
            )
            model = make_pipeline(StandardScaler(), search)
        model.fit(features[train], y[train])
        aucs.append(roc_auc_score(y[test], model.decision_function(features[test])))
    if not aucs:
        return float("nan"), float("nan")
    return float(np.mean(aucs)), float(np.std(aucs))


def train_encoder(views, make_encoder, loss, epochs, rng):
    encoder, head = make_encoder(rng)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(rng.integers(2**31)))
        parameters = [*encoder.parameters(), *head.parameters()]
        optimizer = torch.optim.AdamW(parameters, lr=2e-3, weight_decay=1e-2)
        for _ in range(epochs):
            x_a, x_b = views()
            order = torch.as_tensor(rng.permutation(len(x_a)))
            for rows in torch.split(order, 256):
                if len(rows) < 2:
                    continue
                both = head(encoder(torch.cat([x_a[rows], x_b[rows]])))
                optimizer.zero_grad()
                loss(both[: len(rows)], both[len(rows) :], 0.1).backward()
                optimizer.step()
    return encoder.eval()

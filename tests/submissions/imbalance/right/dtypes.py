"""Other types, other orders, other kinds of callables than the usual ones."""

import functools
from collections import Counter

import numpy as np
import torch
from scipy.spatial import cKDTree
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import StratifiedGroupKFold


def _need_two(y):
    counts = Counter(np.asarray(y).tolist())
    if len(counts) < 2:
        raise ValueError("one class only")
    return counts


def _resample(known, X, y, strategy, rng):
    counts = _need_two(y)
    if strategy not in known:
        raise ValueError("strategy is neither over nor under")
    pick = {}
    for label in counts:
        pick[label] = np.flatnonzero(y == label).astype(np.int32)
    if strategy == "over":
        goal = max(counts.values())
        added = [rng.choice(pick[label], goal - n) for label, n in counts.items() if n < goal]
        chosen = np.concatenate([np.arange(len(y), dtype=np.int32), *added])
        added_part = chosen[len(y) :]
        rng.shuffle(added_part)  # the added rows come in any order
    else:
        goal = min(counts.values())
        chosen = np.concatenate([rng.choice(pick[c], goal, replace=False) for c in counts])
        chosen = rng.permutation(chosen)
    return np.take(X, chosen, axis=0), np.take(y, chosen)


random_resample = functools.partial(_resample, frozenset({"over", "under"}))


class _Smote:
    """An object that is called; the float32 of float32 rows is kept, columns are contiguous."""

    def __call__(self, X, y, k_neighbors, rng):
        counts = _need_two(y)
        kind = np.float32 if X.dtype == np.float32 else np.float64
        rows = np.asfortranarray(X, dtype=kind)
        if np.isnan(rows).any() or np.isinf(rows).any():
            raise ValueError("X must not hold NaN or infinity")
        goal = max(counts.values())
        out_X, out_y = [rows], [np.asarray(y)]
        for label in sorted(counts, reverse=True):
            lack = goal - counts[label]
            if lack == 0:
                continue
            if counts[label] <= k_neighbors:
                raise ValueError(f"class {label} has {counts[label]} rows only")
            own = rows[np.asarray(y) == label]
            found = self.partners(own, k_neighbors)
            pairs = rng.integers(0, own.shape[0] * k_neighbors, lack, dtype=np.uint32)
            i, j = np.divmod(pairs, np.uint32(k_neighbors))
            lam = rng.random(lack, dtype=np.float32).astype(kind)[:, np.newaxis]
            # 1 - lambda is as uniform as lambda
            out_X.append((lam * own[i] + (1 - lam) * own[found[i, j]]).astype(kind))
            out_y.append(np.array([label] * lack, dtype=y.dtype))
        return np.asfortranarray(np.vstack(out_X)), np.hstack(out_y)

    def partners(self, own, k):
        _, found = cKDTree(own).query(own, k=k + 1)
        result = np.empty((len(own), k), dtype=np.intp)
        for i, candidates in enumerate(found):
            others = [c for c in candidates if c != i]
            result[i] = others[:k]
        return result


smote = _Smote()


def _average_precision():
    """A closure: the mean, over positives, of the precision at their own score."""

    def at(score, y, s):
        return np.mean(y[s >= score])

    def average(y_true, scores):
        y, s = np.asarray(y_true, dtype=np.int8), np.asarray(scores)
        if y.sum() == 0:
            raise ValueError("no positives")
        return np.float64(np.mean([at(score, y, s) for score in s[y == 1]]))

    return average


average_precision = _average_precision()


def out_of_fold_probabilities(make_model, X, y, groups, n_splits, resample, rng):
    if len(set(np.asarray(groups).tolist())) < n_splits:
        raise ValueError("fewer groups than folds")
    draw = resample if resample is not None else lambda rows, labels, _: (rows, labels)
    split = StratifiedGroupKFold(
        n_splits=n_splits, shuffle=True, random_state=np.random.RandomState(rng.integers(2**32))
    )
    where, what = [], []
    for inside, outside in split.split(X, y, groups):
        model = make_model()
        model.fit(*draw(X[inside], y[inside], rng))
        where.append(outside)
        what.append(np.asarray(model.predict_proba(X[outside]), dtype=np.float32)[:, 1])
    where = np.concatenate(where)
    return np.concatenate(what)[np.argsort(where)]


class _Focal(torch.nn.Module):
    def forward(self, logits, targets, gamma, alpha):
        truth = targets.bool()
        both = torch.stack([torch.zeros_like(logits), logits], dim=-1)
        logp = both.log_softmax(dim=-1)
        log_pt = torch.where(truth, logp[:, 1], logp[:, 0])
        log_rest = torch.where(truth, logp[:, 0], logp[:, 1])
        focus = (gamma * log_rest).exp()
        losses = -focus * log_pt
        sums = alpha * losses[truth].sum() + (1 - alpha) * losses[~truth].sum()
        return sums / logits.numel()


focal_loss = _Focal()


def correct_prior(p, train_rate, true_rate):
    if not np.all([0 < train_rate, train_rate < 1, 0 < true_rate, true_rate < 1]):
        raise ValueError("rates lie between 0 and 1")
    p = np.asarray(p)
    kind = p.dtype if p.dtype.kind == "f" else np.float64
    factor = (true_rate * (1 - train_rate)) / (train_rate * (1 - true_rate))
    wide = p.astype(np.float64)
    return np.asarray(wide / (wide + (1 - wide) / factor), dtype=kind)


best_threshold = lambda y_true, p, false_negative_cost, false_positive_cost: min(  # noqa: E731
    [np.float64(-1.0), *np.unique(p), np.float64(2.0)],
    key=lambda t: (
        false_negative_cost * np.count_nonzero(np.asarray(y_true).astype(bool) & (p < t))
        + false_positive_cost * np.count_nonzero(~np.asarray(y_true).astype(bool) & (p >= t))
    ),
)


class _Forest:
    """Composition, not inheritance; float32 probabilities."""

    __slots__ = ("_forest",)

    def __init__(self, forest):
        self._forest = forest

    def predict_proba(self, X):
        return self._forest.predict_proba(X).astype(np.float32)


def coupon_model(X, y, groups, rng):
    forest = RandomForestClassifier(
        n_estimators=250,
        min_samples_leaf=5,
        max_features="sqrt",
        random_state=np.random.RandomState(rng.integers(2**32, dtype=np.uint64)),
    )
    return _Forest(forest.fit(X.astype(np.float32), y))

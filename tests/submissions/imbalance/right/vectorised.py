"""NumPy broadcasting, hardly a loop."""

import numpy as np
import torch


def _classes(y):
    labels, codes, counts = np.unique(y, return_inverse=True, return_counts=True)
    if labels.size < 2:
        raise ValueError("y holds fewer than two classes.")
    return labels, codes.ravel(), counts


def random_resample(X, y, strategy, rng):
    if strategy not in ("over", "under"):
        raise ValueError(f"Unknown strategy {strategy!r}; choose 'over' or 'under'.")
    _, codes, counts = _classes(y)
    if strategy == "over":
        order = np.argsort(codes, kind="stable")
        start = np.cumsum(counts) - counts
        need = np.repeat(np.arange(counts.size), counts.max() - counts)
        inside = np.floor(rng.random(need.size) * counts[need]).astype(int)
        rows = np.concatenate([np.arange(len(y)), order[start[need] + inside]])
    else:
        order = np.lexsort((rng.random(len(y)), codes))
        rank = np.arange(len(y)) - np.repeat(np.cumsum(counts) - counts, counts)
        rows = np.sort(order[rank < counts.min()])
    return X[rows], y[rows]


def smote(X, y, k_neighbors, rng):
    data = np.array(X, dtype=float)
    if not np.isfinite(data).all():
        raise ValueError("X must be finite everywhere.")
    labels, codes, counts = _classes(y)
    missing = counts.max() - counts
    if ((missing > 0) & (counts < k_neighbors + 1)).any():
        raise ValueError("A small class has fewer than k_neighbors + 1 rows.")
    new_X, new_y = [data], [y]
    for c in np.flatnonzero(missing):
        of_class = data[codes == c]
        distance = ((of_class[:, None, :] - of_class[None, :, :]) ** 2).sum(axis=2)
        np.fill_diagonal(distance, np.inf)
        near = np.argsort(distance, axis=1)[:, :k_neighbors]
        base = rng.integers(len(of_class), size=missing[c])
        partner = near[base, rng.integers(k_neighbors, size=missing[c])]
        share = rng.random((missing[c], 1))
        new_X.append(of_class[base] + share * (of_class[partner] - of_class[base]))
        new_y.append(np.full(missing[c], labels[c], dtype=y.dtype))
    return np.concatenate(new_X), np.concatenate(new_y)


def average_precision(y_true, scores):
    positive = np.asarray(y_true).astype(bool)
    if not positive.any():
        raise ValueError("Without positives there is no recall.")
    _, step = np.unique(-np.asarray(scores), return_inverse=True)
    chosen = np.cumsum(np.bincount(step))
    hits = np.bincount(step, weights=positive)
    return float((hits / positive.sum() * np.cumsum(hits) / chosen).sum())


def out_of_fold_probabilities(make_model, X, y, groups, n_splits, resample, rng):
    names, code = np.unique(groups, return_inverse=True)
    if names.size < n_splits:
        raise ValueError("There are fewer groups than folds.")
    size = np.bincount(code)
    hits = np.bincount(code, weights=y)
    order = np.lexsort((rng.random(names.size), size, hits))[::-1]
    best, smallest = None, np.inf
    for _ in range(100):
        # every run of n_splits similar households is dealt out, one to each fold
        hands = -(-names.size // n_splits)
        deal = rng.permuted(np.tile(np.arange(n_splits), (hands, 1)), axis=1)
        of_group = np.empty(names.size, int)
        of_group[order] = deal.ravel()[: names.size]
        rate = np.bincount(of_group, hits, n_splits) / np.bincount(of_group, size, n_splits)
        spread = rate.max() - rate.min()
        if spread < smallest:
            best, smallest = of_group, spread
    fold_of_row = best[code]
    p = np.empty(len(y))
    for fold in range(n_splits):
        test = fold_of_row == fold
        rows, labels = X[~test], y[~test]
        if resample is not None:
            rows, labels = resample(rows, labels, rng)
        model = make_model()
        model.fit(rows, labels)
        p[test] = model.predict_proba(X[test])[:, 1]
    return p


def focal_loss(logits, targets, gamma, alpha):
    t = targets.to(logits.dtype)
    z = logits * (2 * t - 1)
    alpha_t = alpha * t + (1 - alpha) * (1 - t)
    log_p = -torch.logaddexp(torch.zeros_like(z), -z)
    log_q = -torch.logaddexp(torch.zeros_like(z), z)
    return (alpha_t * torch.exp(gamma * log_q) * -log_p).mean()


def correct_prior(p, train_rate, true_rate):
    if not (0 < train_rate < 1 and 0 < true_rate < 1):
        raise ValueError("Rates must lie strictly between 0 and 1.")
    a = true_rate / train_rate
    b = (1 - true_rate) / (1 - train_rate)
    return p * a / (p * a + (1 - p) * b)


def best_threshold(y_true, p, false_negative_cost, false_positive_cost):
    positive = np.asarray(y_true).astype(bool)
    values, step = np.unique(p, return_inverse=True)
    ones = np.bincount(step, weights=positive)
    zeros = np.bincount(step, weights=~positive)
    missed = np.concatenate([[0], np.cumsum(ones)])
    alarms = zeros.sum() - np.concatenate([[0], np.cumsum(zeros)])
    cost = false_negative_cost * missed + false_positive_cost * alarms
    return float(np.append(values, values[-1] + 1)[np.argmin(cost)])


class NewtonLogistic:
    """Ridge logistic regression by Newton's method on standardised columns."""

    def __init__(self, ridge=1.0, steps=30):
        self.ridge, self.steps = ridge, steps

    def _design(self, X):
        return np.column_stack([np.ones(len(X)), (X - self.mean) / self.scale])

    def fit(self, X, y):
        self.mean, self.scale = X.mean(axis=0), X.std(axis=0)
        self.scale[self.scale == 0] = 1.0
        A = self._design(X)
        self.w = np.zeros(A.shape[1])
        penalty = np.full(A.shape[1], self.ridge)
        penalty[0] = 0.0
        for _ in range(self.steps):
            q = 1 / (1 + np.exp(-A @ self.w))
            gradient = A.T @ (q - y) + penalty * self.w
            hessian = (A * (q * (1 - q))[:, None]).T @ A + np.diag(penalty)
            self.w -= np.linalg.solve(hessian, gradient)
        return self

    def predict_proba(self, X):
        q = 1 / (1 + np.exp(-self._design(X) @ self.w))
        return np.column_stack([1 - q, q])


def coupon_model(X, y, groups, rng):
    return NewtonLogistic().fit(X, y)

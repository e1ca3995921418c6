"""Everything on shared helpers, tables and a registry; the tasks call each other."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

TASKS = {}
MESSAGES = {}
for key, sentence in [
    ("one_class", "There must be two classes at least."),
    ("strategy", "That strategy is unknown."),
    ("finite", "All features must be finite."),
    ("small", "A class is too small for so many neighbours."),
    ("positives", "There are no positives."),
    ("groups", "There are fewer groups than folds."),
    ("rate", "A rate must be strictly between 0 and 1."),
]:
    MESSAGES[key] = sentence

GOALS = {"over": max}
GOALS["under"] = min
MISS, ALARM = 8.0, 1.0
DEFAULT_THRESHOLD = ALARM / (MISS + ALARM)


def task(function):
    TASKS[function.__name__] = function
    return function


def refuse(condition, key, messages=MESSAGES):
    if condition:
        raise ValueError(messages[key])


@dataclass
class ByClass:
    """Row numbers of each class."""

    y: np.ndarray
    rows: dict = field(default_factory=dict)

    def __post_init__(self):
        for label in np.unique(self.y):
            self.rows[label] = np.flatnonzero(self.y == label)
        refuse(len(self.rows) < 2, "one_class")

    def sizes(self):
        return [len(r) for r in self.rows.values()]

    def missing(self):
        return {label: max(self.sizes()) - len(r) for label, r in self.rows.items()}


@dataclass(order=True)
class Step:
    """All rows of one score."""

    score: float
    rows: int = 0
    hits: int = 0


def steps(y_true, scores):
    """Steps from the highest score down, rows and hits accumulated."""
    table = {}
    for truth, score in zip(np.asarray(y_true).tolist(), np.asarray(scores).tolist()):
        step = table.setdefault(score, Step(score))
        step.rows += 1
        step.hits += int(truth)
    down = sorted(table.values(), reverse=True)
    for above, below in zip(down, down[1:]):
        below.rows += above.rows
        below.hits += above.hits
    return down


@task
def random_resample(X, y, strategy, rng):
    refuse(strategy not in GOALS, "strategy")
    classes = ByClass(y)
    goal = GOALS[strategy](classes.sizes())
    chosen = [np.arange(len(y))] if strategy == "over" else []
    for label, rows in classes.rows.items():
        if strategy == "over":
            chosen.append(rng.choice(rows, size=classes.missing()[label], replace=True))
        else:
            chosen.append(rng.permutation(rows)[:goal])
    chosen = np.concatenate(chosen)
    return X[chosen], y[chosen]


@task
def smote(X, y, k_neighbors, rng):
    X = X.astype(float)
    refuse(not np.isfinite(X).all(), "finite")
    classes = ByClass(y)
    for label, missing in classes.missing().items():
        refuse(missing and len(classes.rows[label]) < k_neighbors + 1, "small")
    # which rows to start from is just over-sampling
    numbers, labels = TASKS["random_resample"](np.arange(len(y))[:, None], y, "over", rng)
    bases, new_labels = numbers[len(y) :, 0], labels[len(y) :]
    partners = np.empty(len(bases), dtype=int)
    for label, rows in classes.rows.items():
        mine = new_labels == label
        if mine.any():
            search = NearestNeighbors(n_neighbors=k_neighbors).fit(X[rows])
            near = rows[search.kneighbors(return_distance=False)]
            place = np.searchsorted(rows, bases[mine])
            partners[mine] = [rng.choice(near[i]) for i in place]
    share = rng.uniform(size=len(bases))
    new = X[bases] * (1 - share)[:, None] + X[partners] * share[:, None]
    return np.r_[X, new], labels


@task
def average_precision(y_true, scores):
    down = steps(y_true, scores)
    refuse(not down or down[-1].hits == 0, "positives")
    recall = np.array([0.0] + [s.hits / down[-1].hits for s in down])
    precision = np.array([s.hits / s.rows for s in down])
    return np.dot(np.diff(recall), precision)


def deal(y, groups, n_splits, rng, tries=300):
    """A fold for each group: the most even of many random deals."""
    names, code = np.unique(groups, return_inverse=True)
    refuse(len(names) < n_splits, "groups")
    best, least = None, np.inf
    for _ in range(tries):
        fold = rng.permutation(np.arange(len(names)) % n_splits)[code]
        rates = np.array([np.mean(y[fold == f]) for f in range(n_splits)])
        if np.ptp(rates) < least:
            best, least = fold, np.ptp(rates)
    return best


@task
def out_of_fold_probabilities(make_model, X, y, groups, n_splits, resample, rng):
    fold = deal(y, groups, n_splits, rng)
    p = np.zeros(len(fold))
    for f in range(n_splits):
        train = (X[fold != f], y[fold != f])
        if resample is not None:
            train = resample(*train, rng)
        model = make_model()
        model.fit(*train)
        p[fold == f] = model.predict_proba(X[fold == f])[:, 1]
    return p


class Focal(torch.autograd.Function):
    """Value and derivative in closed form."""

    @staticmethod
    def forward(ctx, logits, targets, gamma, alpha):
        truth = targets.to(torch.bool)
        sign = torch.where(truth, 1.0, -1.0).to(logits.dtype)
        weight = truth.to(logits.dtype) * (2 * alpha - 1) + (1 - alpha)
        log_p = torch.nn.functional.logsigmoid(sign * logits)
        log_q = torch.nn.functional.logsigmoid(-sign * logits)
        focus = torch.exp(gamma * log_q)
        # d/dz of -(1-p)^g log p is (1-p)^g (g p log p - (1-p)), times the sign
        slope = focus * (gamma * log_p.exp() * log_p - log_q.exp())
        ctx.save_for_backward(sign * weight * slope / len(logits))
        return -(weight * focus * log_p).mean()

    @staticmethod
    def backward(ctx, upstream):
        (slope,) = ctx.saved_tensors
        return upstream * slope, None, None, None


@task
def focal_loss(logits, targets, gamma, alpha):
    return Focal.apply(logits, targets, gamma, alpha)


@task
def correct_prior(p, train_rate, true_rate):
    for rate in (train_rate, true_rate):
        refuse(not 0 < rate < 1, "rate")
    p = np.asarray(p, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        odds = p / (1 - p) * (true_rate / (1 - true_rate) * (1 - train_rate) / train_rate)
        return np.where(p < 1, odds / (1 + odds), 1.0)


@task
def best_threshold(y_true, p, false_negative_cost, false_positive_cost):
    down = steps(y_true, p)
    positives = down[-1].hits
    costs = [(false_negative_cost * positives, down[0].score + 0.5)]
    for step, after in zip(down, [*down[1:], None]):
        cost = false_negative_cost * (positives - step.hits)
        cost += false_positive_cost * (step.rows - step.hits)
        t = step.score - 0.5
        if after is not None:  # half-way, unless rounding lands on the lower one
            t = (step.score + after.score) / 2
            t = t if t > after.score else step.score
        costs.append((cost, t))
    return min(costs)[1]


@dataclass
class Corrected:
    """A balanced model whose probabilities are put right."""

    model: object
    true_rate: float
    train_rate: float = 0.5

    def predict_proba(self, X):
        p = correct_prior(self.model.predict_proba(X)[:, 1], self.train_rate, self.true_rate)
        return np.stack([1 - p, p], axis=1)


@task
def coupon_model(X, y, groups, rng, threshold=DEFAULT_THRESHOLD):
    X_over, y_over = random_resample(X, y, "over", rng)
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=3000)).fit(X_over, y_over)
    return Corrected(model, float(np.mean(y)))

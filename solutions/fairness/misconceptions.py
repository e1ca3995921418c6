"""Known wrong answers to the tasks of `fairness`: what people write, and what to tell them."""

from __future__ import annotations

from autograder.misconceptions import Misconception

PRELUDE = '''
import math

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import KFold, StratifiedGroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def _rates(outcome, among, group):
    """The rate of each group that has rows, in the order of the groups."""
    members = [among & (group == value) for value in np.unique(group)]
    return [float(outcome[rows].mean()) for rows in members if rows.any()]


def _spread(rates):
    return max(rates) - min(rates) if rates else float("nan")


def _gaps(y_true, y_pred, group, spread=_spread, rates=_rates):
    y, d = np.asarray(y_true, bool), np.asarray(y_pred, bool)
    every = np.ones(len(y), bool)
    tpr, fpr = spread(rates(d, y, group)), spread(rates(d, ~y, group))
    return {
        "demographic_parity": spread(rates(d, every, group)),
        "equal_opportunity": tpr,
        "equalized_odds": float(np.fmax(tpr, fpr)),
        "accuracy": spread(rates(d == y, every, group)),
    }


def _two_values(attribute):
    values = np.unique(attribute)
    if len(values) != 2:
        raise ValueError("the attribute must have two values")
    return attribute == values[1]


def _auc_back(X, attribute, folds):
    y, scores = _two_values(attribute), np.zeros(len(X))
    for train, test in folds:
        model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=1000))
        scores[test] = model.fit(X[train], y[train]).decision_function(X[test])
    return float(roc_auc_score(y, scores))


def _household_folds(X, attribute, households, rng):
    folds = StratifiedGroupKFold(5, shuffle=True, random_state=int(rng.integers(2**31)))
    return folds.split(X, _two_values(attribute), households)


def _table(y, group):
    """Counts of every group and label, and each row's place in them."""
    label = np.asarray(y).astype(int)
    values, row = np.unique(group, return_inverse=True)
    counts = np.zeros((len(values), 2))
    np.add.at(counts, (row, label), 1)
    if not counts.all():
        raise ValueError("a group lacks a label")
    return counts, row, label


def _penalised(logits, targets, group, strength, p=torch.sigmoid, by=None, form=torch.square):
    values = torch.unique(group)
    if len(values) > 2:
        raise ValueError("more than two groups")
    loss = F.binary_cross_entropy_with_logits(logits, targets.to(logits.dtype))
    split = group if by is None else by
    values = torch.unique(split)
    if len(values) < 2:
        return loss
    p = p(logits)
    gap = p[split == values[0]].mean() - p[split == values[1]].mean()
    return loss + strength * form(gap)


def _of_recorded(logits, targets, group, rate, kept=None, affected=1):
    """Cross-entropy where group `affected` records a one with probability kept * p."""
    if not 0 <= rate < 1:
        raise ValueError("the rate must lie in [0, 1)")
    kept = 1 - rate if kept is None else kept
    p = torch.sigmoid(logits)
    q = torch.where(group == affected, kept * p, p).clamp(1e-12, 1 - 1e-7)
    return -torch.where(targets > 0, torch.log(q), torch.log1p(-q)).mean()


_WORTH = lambda k: 1 / np.log2(np.arange(2, k + 2))


def _reranked(scores, flagged, target, k, worth=_WORTH, edge=0.05):
    """Lists of the smallest bonus that brings the share within `edge` of the target."""
    worth = worth(k)

    def lists(bonus):
        return np.argsort(-(scores + bonus * flagged), axis=1, kind="stable")[:, :k]

    def share(bonus):
        return (flagged[lists(bonus)] * worth).sum() / (len(scores) * worth.sum())

    if abs(share(0.0) - target) <= 0.05:
        return lists(0.0)
    sign = 1 if share(0.0) < target else -1
    a, b = 0.0, float(np.ptp(scores)) + 1
    reach = lambda size: sign * (share(sign * size) - target) >= -edge
    for _ in range(60):
        a, b = (a, (a + b) / 2) if reach((a + b) / 2) else ((a + b) / 2, b)
    if abs(share(sign * b) - target) > 0.05 + (0.05 - edge):
        raise ValueError("no bonus reaches the target")
    return lists(sign * b)


class _Model:
    def __init__(self, p):
        self.p = p

    def predict_proba(self, X):
        p = self.p(X)
        return np.column_stack([1 - p, p])


def _logistic(X, y, weights=None):
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=2000))
    return model.fit(X, y, logisticregression__sample_weight=weights)


def _forward(X, y, group, rate):
    """The logistic regression of the corrected likelihood."""
    mean, scale = X.mean(0), X.std(0) + 1e-9
    Z, y, g = (torch.from_numpy(a) for a in ((X - mean) / scale, y, group))
    w = torch.zeros(X.shape[1], dtype=torch.float64, requires_grad=True)
    b = torch.zeros((), dtype=torch.float64, requires_grad=True)
    steps = torch.optim.LBFGS([w, b], max_iter=100, line_search_fn="strong_wolfe")

    def closure():
        steps.zero_grad()
        loss = _of_recorded(Z @ w + b, y, g, rate) + 1e-3 * (w**2).sum()
        loss.backward()
        return loss

    steps.step(closure)
    w, b = w.detach().numpy(), float(b.detach())
    return _Model(lambda X: 1 / (1 + np.exp(-((X - mean) / scale @ w + b))))
'''

MISCONCEPTIONS = [
    # ------------------------------------------------------------------ group_gaps
    Misconception(
        "group_gaps",
        "signed_gap",
        "You returned a signed difference. A gap is the largest rate minus the smallest, whichever "
        "group has which: it is never negative.",
        """
def group_gaps(y_true, y_pred, group):
    def last_minus_first(rates):
        return rates[-1] - rates[0] if rates else float("nan")
    gaps = _gaps(y_true, y_pred, group, spread=last_minus_first)
    return gaps
""",
    ),
    Misconception(
        "group_gaps",
        "parity_for_odds",
        "You gave the gap of the selection rates as equalized odds. Demographic parity looks at "
        "decisions alone; equalized odds compares them among those who are truly 1, and among those "
        "who are truly 0.",
        """
def group_gaps(y_true, y_pred, group):
    gaps = _gaps(y_true, y_pred, group)
    return gaps | {"equalized_odds": gaps["demographic_parity"]}
""",
    ),
    Misconception(
        "group_gaps",
        "odds_from_positives_only",
        "Your equalized odds is equal opportunity: it sees the true-positive rates only. The gap of "
        "the false-positive rates counts too, and the larger of the two is asked.",
        """
def group_gaps(y_true, y_pred, group):
    gaps = _gaps(y_true, y_pred, group)
    return gaps | {"equalized_odds": gaps["equal_opportunity"]}
""",
    ),
    Misconception(
        "group_gaps",
        "odds_averaged",
        "You averaged the two gaps of equalized odds. Asked is the larger one: a small gap does not "
        "make up for a large one.",
        """
def group_gaps(y_true, y_pred, group):
    y, d = np.asarray(y_true, bool), np.asarray(y_pred, bool)
    both = [_spread(_rates(d, rows, group)) for rows in (y, ~y)]
    return _gaps(y_true, y_pred, group) | {"equalized_odds": float(np.nanmean(both))}
""",
    ),
    Misconception(
        "group_gaps",
        "opportunity_on_negatives",
        "You computed equal opportunity among the rows with y_true = 0. Opportunity is what the "
        "deserving get: take the rows with y_true = 1.",
        """
def group_gaps(y_true, y_pred, group):
    y, d = np.asarray(y_true, bool), np.asarray(y_pred, bool)
    return _gaps(y_true, y_pred, group) | {"equal_opportunity": _spread(_rates(d, ~y, group))}
""",
    ),
    Misconception(
        "group_gaps",
        "precision_for_opportunity",
        "You divided the true positives by the rows that were selected: that is precision. The "
        "true-positive rate divides by the rows with y_true = 1.",
        """
def group_gaps(y_true, y_pred, group):
    y, d = np.asarray(y_true, bool), np.asarray(y_pred, bool)
    return _gaps(y_true, y_pred, group) | {"equal_opportunity": _spread(_rates(y, d, group))}
""",
    ),
    Misconception(
        "group_gaps",
        "missing_rate_is_zero",
        "A group without the rows that a rate needs (without positives, say) was given the rate 0. "
        "It has no such rate: leave it out of that gap.",
        """
def group_gaps(y_true, y_pred, group):
    def rates(outcome, among, group):
        members = [among & (group == value) for value in np.unique(group)]
        return [float(outcome[rows].mean()) if rows.any() else 0.0 for rows in members]
    return _gaps(y_true, y_pred, group, rates=rates)
""",
    ),
    Misconception(
        "group_gaps",
        "first_two_groups",
        "You compared the first two groups and ignored the others. The gap is the largest rate minus "
        "the smallest, over all groups.",
        """
def group_gaps(y_true, y_pred, group):
    def two(rates):
        return abs(rates[0] - rates[min(1, len(rates) - 1)]) if rates else float("nan")
    return _gaps(y_true, y_pred, group, spread=two)
""",
    ),
    # ------------------------------------------------------------------ proxy_strength
    Misconception(
        "proxy_strength",
        "scored_on_training_rows",
        "You scored rows that the model was trained on: with enough features it knows them by heart, "
        "noise or not. Score held-out rows.",
        """
def proxy_strength(X, attribute, households, rng):
    rows = rng.permutation(len(X))
    return _auc_back(X, attribute, [(rows, rows)])
""",
    ),
    Misconception(
        "proxy_strength",
        "households_split",
        "Rows of one household stand in training and test at once: the model recognises the "
        "household, and the attribute seems predictable where it is a coin toss. Split by household.",
        """
def proxy_strength(X, attribute, households, rng):
    folds = KFold(5, shuffle=True, random_state=int(rng.integers(2**31)))
    return _auc_back(X, attribute, folds.split(X))
""",
    ),
    Misconception(
        "proxy_strength",
        "auc_turned_round",
        "You turned an AUC below 0.5 round, as in max(auc, 1 - auc). Held-out rows that are ranked the "
        "wrong way round are no evidence of a proxy; turned round, noise always looks like one.",
        """
def proxy_strength(X, attribute, households, rng):
    auc = _auc_back(X, attribute, _household_folds(X, attribute, households, rng))
    return max(auc, 1 - auc)
""",
    ),
    # ------------------------------------------------------------------ reweighing
    Misconception(
        "reweighing",
        "weights_of_groups_only",
        "Your weights depend on the group alone, as in 1 / P(group). They make the groups equally "
        "heavy; the share of ones within each stays as unequal as it was. The label belongs in.",
        """
def reweighing(y, group):
    counts, row, label = _table(y, group)
    return len(label) / len(counts) / counts.sum(1)[row]
""",
    ),
    Misconception(
        "reweighing",
        "class_weights",
        "Your weights depend on the label alone: those are class weights. They change the share of "
        "ones in the whole, and leave the difference between the groups.",
        """
def reweighing(y, group):
    counts, row, label = _table(y, group)
    return len(label) / 2 / counts.sum(0)[label]
""",
    ),
    Misconception(
        "reweighing",
        "inverted",
        "You turned the ratio round: pairs of group and label that are rarer than under independence "
        "must count more, P(group) P(y) / P(group, y).",
        """
def reweighing(y, group):
    counts, row, label = _table(y, group)
    independent = counts.sum(1, keepdims=True) * counts.sum(0) / len(label)
    return (counts / independent)[row, label]
""",
    ),
    Misconception(
        "reweighing",
        "weights_of_pairs",
        "You made all pairs of group and label equally heavy, 1 / P(group, y). That makes them "
        "independent too, but moves the share of ones in the whole to a half.",
        """
def reweighing(y, group):
    counts, row, label = _table(y, group)
    return len(label) / counts.size / counts[row, label]
""",
    ),
    # ------------------------------------------------------------------ fair_loss
    Misconception(
        "fair_loss",
        "penalty_sign",
        "You subtracted the penalty, so that the loss rewards unequal treatment. Add it.",
        """
def fair_loss(logits, targets, group, strength):
    return _penalised(logits, targets, group, -strength)
""",
    ),
    Misconception(
        "fair_loss",
        "penalty_on_decisions",
        "Your penalty compares hard decisions (p > 0.5). They have no gradient, so training never "
        "feels it. Compare mean probabilities.",
        """
def fair_loss(logits, targets, group, strength):
    return _penalised(logits, targets, group, strength, p=lambda z: (z > 0).to(z.dtype))
""",
    ),
    Misconception(
        "fair_loss",
        "penalty_on_logits",
        "Your penalty compares mean logits. It is the mean *probabilities* that are to be equal: take "
        "the sigmoid first.",
        """
def fair_loss(logits, targets, group, strength):
    return _penalised(logits, targets, group, strength, p=lambda z: z)
""",
    ),
    Misconception(
        "fair_loss",
        "penalty_by_label",
        "You compared rows with target 1 to rows with target 0. Those should differ; it is the two "
        "groups that are compared.",
        """
def fair_loss(logits, targets, group, strength):
    return _penalised(logits, targets, group, strength, by=targets)
""",
    ),
    Misconception(
        "fair_loss",
        "penalty_not_squared",
        "You took the absolute difference of the groups' means. The penalty is its square, which is "
        "smooth at 0.",
        """
def fair_loss(logits, targets, group, strength):
    return _penalised(logits, targets, group, strength, form=torch.abs)
""",
    ),
    # ------------------------------------------------------------------ corrected_loss
    Misconception(
        "corrected_loss",
        "other_group",
        "You corrected group 0. It is the ones of group 1 that were erased.",
        """
def corrected_loss(logits, targets, group, erased_rate):
    return _of_recorded(logits, targets, group, erased_rate, affected=0)
""",
    ),
    Misconception(
        "corrected_loss",
        "everybody_corrected",
        "You corrected the rows of both groups. Nothing was erased in group 0.",
        """
def corrected_loss(logits, targets, group, erased_rate):
    return _of_recorded(logits, targets, torch.ones_like(group), erased_rate)
""",
    ),
    Misconception(
        "corrected_loss",
        "rate_inverted",
        "You divided the probability by 1 - rate. What was *recorded* is rarer than what is true, so "
        "the probability of a recorded 1 is p times 1 - rate.",
        """
def corrected_loss(logits, targets, group, erased_rate):
    kept = 1 / (1 - erased_rate) if 0 <= erased_rate < 1 else None
    return _of_recorded(logits, targets, group, erased_rate, kept=kept)
""",
    ),
    Misconception(
        "corrected_loss",
        "rate_for_what_is_left",
        "You multiplied p by the rate itself. The rate is what is erased; recorded is the rest, "
        "(1 - rate) p.",
        """
def corrected_loss(logits, targets, group, erased_rate):
    return _of_recorded(logits, targets, group, erased_rate, kept=erased_rate)
""",
    ),
    Misconception(
        "corrected_loss",
        "labels_corrected",
        "You changed the labels (divided those of group 1 by 1 - rate) and left the probabilities. A "
        "forward correction leaves what was recorded as it is, and changes what the model says of it.",
        """
def corrected_loss(logits, targets, group, erased_rate):
    if not 0 <= erased_rate < 1:
        raise ValueError("the rate must lie in [0, 1)")
    y = targets.to(logits.dtype)
    y = torch.where(group == 1, y / (1 - erased_rate), y)
    return F.binary_cross_entropy_with_logits(logits, y)
""",
    ),
    Misconception(
        "corrected_loss",
        "rows_weighted",
        "You weighted the ones of group 1 by 1 / (1 - rate). The erased ones still stand there as "
        "zeros at full weight. Change the probability of what was recorded, not the weight of rows.",
        """
def corrected_loss(logits, targets, group, erased_rate):
    if not 0 <= erased_rate < 1:
        raise ValueError("the rate must lie in [0, 1)")
    y = targets.to(logits.dtype)
    weight = torch.where((group == 1) & (y > 0), 1 / (1 - erased_rate), 1.0).to(logits.dtype)
    return F.binary_cross_entropy_with_logits(logits, y, weight=weight)
""",
    ),
    # ------------------------------------------------------------------ counterfactual_gap
    Misconception(
        "counterfactual_gap",
        "changes_cancel",
        "You took the mean before the absolute value, so that those who gain and those who lose "
        "cancel. Take |change| of each row first.",
        """
def counterfactual_gap(predict, X, intervene):
    return abs(float(np.mean(predict(intervene(X)) - predict(X))))
""",
    ),
    Misconception(
        "counterfactual_gap",
        "squared_changes",
        "You squared the changes. The gap is the mean of their absolute values, in the unit of the "
        "predictions.",
        """
def counterfactual_gap(predict, X, intervene):
    return float(np.mean((predict(intervene(X)) - predict(X)) ** 2))
""",
    ),
    Misconception(
        "counterfactual_gap",
        "rows_one_by_one",
        "You handed the rows over one by one. A model may look at all rows together (ranks, "
        "batch statistics): hand it whole tables.",
        """
def counterfactual_gap(predict, X, intervene):
    rows = [X[i : i + 1] for i in range(len(X))]
    return float(np.mean([abs(predict(intervene(row)) - predict(row))[0] for row in rows]))
""",
    ),
    # ------------------------------------------------------------------ rerank_for_exposure
    Misconception(
        "rerank_for_exposure",
        "exposure_without_discount",
        "You counted places as if all were worth the same. Attention falls with rank: a place at rank "
        "r is worth 1 / log2(r + 1).",
        """
def rerank_for_exposure(scores, flagged, target_share, k):
    return _reranked(scores, flagged, target_share, k, worth=np.ones)
""",
    ),
    Misconception(
        "rerank_for_exposure",
        "bonus_per_user",
        "You gave every user a bonus of their own, so that every single list reaches the target. One "
        "bonus for all is asked: the share is taken over all lists together.",
        """
def rerank_for_exposure(scores, flagged, target_share, k):
    lists = []
    for row in scores:
        try:
            lists.append(_reranked(row[None], flagged, target_share, k)[0])
        except ValueError:
            lists.append(np.argsort(-row, kind="stable")[:k])
    _reranked(scores, flagged, target_share, k)
    return np.array(lists)
""",
    ),
    Misconception(
        "rerank_for_exposure",
        "bonus_to_the_middle",
        "Your bonus brings the share to the target itself, not just to within 0.05 of it. That is more "
        "than the smallest bonus, and costs relevance.",
        """
def rerank_for_exposure(scores, flagged, target_share, k):
    return _reranked(scores, flagged, target_share, k, edge=0.0)
""",
    ),
    Misconception(
        "rerank_for_exposure",
        "never_lowered",
        "You only ever add a positive bonus. Where the flagged items have too much exposure, the bonus "
        "is negative.",
        """
def rerank_for_exposure(scores, flagged, target_share, k):
    lists = _reranked(scores, flagged, target_share, k)
    plain = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    worth = _WORTH(k)
    share = (flagged[plain] * worth).sum() / (len(scores) * worth.sum())
    return plain if share > target_share else lists
""",
    ),
    # ------------------------------------------------------------------ fair_model
    Misconception(
        "fair_model",
        "constant_scores",
        "Your model says the same of everybody. That is fair and useless: equal treatment alone is no "
        "merit, which is why the gate asks for a better ranking than the unaware model's too.",
        """
def fair_model(X, y_observed, group, rng):
    rate = float(y_observed[group == 0].mean())
    return _Model(lambda X: np.full(len(X), rate))
""",
    ),
    Misconception(
        "fair_model",
        "noise_scores",
        "Your probabilities are noise: they know nothing of who spends. Every group is treated alike, "
        "and nobody is served.",
        """
def fair_model(X, y_observed, group, rng):
    draw = np.random.default_rng(int(rng.integers(2**31)))
    return _Model(lambda X: draw.random(len(X)) / 2)
""",
    ),
    Misconception(
        "fair_model",
        "observed_taken_for_true",
        "Your model was trained on the recorded labels as if they were true. To leave the group out is "
        "no repair: `zone` and the shifted features tell of it, and the erased ones teach the model that "
        "such households do not buy. Estimate the erased share, and use `corrected_loss`.",
        """
def fair_model(X, y_observed, group, rng):
    return _logistic(X, y_observed)
""",
    ),
    Misconception(
        "fair_model",
        "rate_taken_for_known",
        "Your model corrects for one fixed share of erased labels. The share has to be estimated from "
        "the labels at hand: compare the groups' shares of ones.",
        """
def fair_model(X, y_observed, group, rng):
    return _forward(X, y_observed, group, 0.4)
""",
    ),
]

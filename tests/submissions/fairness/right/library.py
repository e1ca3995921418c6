"""What libraries offer: pandas, scikit-learn, torch; the gate: EM around a LogisticRegression."""

import numpy as np
import pandas as pd
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import nn


def group_gaps(y_true, y_pred, group):
    table = pd.DataFrame({"y": y_true, "d": y_pred, "group": group}).astype({"y": int, "d": int})
    table["right"] = (table["y"] == table["d"]).astype(int)

    def gap(rows, column):
        rates = rows.groupby("group", observed=True)[column].mean()
        return rates.max() - rates.min()  # nan where there are none

    true_positive = gap(table.query("y == 1"), "d")
    false_positive = gap(table.query("y == 0"), "d")
    return {
        "demographic_parity": gap(table, "d"),
        "equal_opportunity": true_positive,
        "equalized_odds": pd.Series([true_positive, false_positive]).max(),
        "accuracy": gap(table, "right"),
    }


def proxy_strength(X, attribute, households, rng):
    if pd.Series(attribute).nunique() != 2:
        raise ValueError("A two-valued attribute is needed.")
    label = pd.factorize(attribute, sort=True)[0]
    splitter = StratifiedGroupKFold(5, shuffle=True, random_state=int(rng.integers(2**31)))
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    held_out = cross_val_predict(
        model, X, label, groups=households, cv=splitter, method="predict_proba"
    )
    return roc_auc_score(label, held_out[:, 1])


def reweighing(y, group):
    table = pd.crosstab(pd.Series(group), pd.Series(y).astype(int)).reindex(columns=[0, 1])
    if table.isna().any(axis=None) or (table == 0).any(axis=None):
        raise ValueError("Every group needs rows with either label.")
    share = table / len(y)
    weight = pd.DataFrame(
        np.outer(share.sum(axis=1), share.sum(axis=0)) / share,
        index=share.index,
        columns=share.columns,
    ).stack()
    rows = pd.MultiIndex.from_arrays([group, np.asarray(y).astype(int)])
    return weight.reindex(rows).to_numpy()


def fair_loss(logits, targets, group, strength):
    groups = group.unique()
    if len(groups) > 2:
        raise ValueError("Two groups at most.")
    loss = nn.BCEWithLogitsLoss()(logits, targets.type_as(logits))
    if len(groups) == 2:
        means = torch.stack([logits.sigmoid()[group.eq(g)].mean() for g in groups])
        # the population variance of two numbers is a quarter of their squared difference
        loss = loss + strength * 4 * means.var(correction=0)
    return loss


def corrected_loss(logits, targets, group, erased_rate):
    if not 0.0 <= erased_rate < 1.0:
        raise ValueError("erased_rate is a probability below 1.")
    keep = 1.0 - erased_rate * group.type_as(logits)
    # logit of q = keep * p, from those of p: z + log(keep) - log(1 + (1 - keep) exp(z))
    lost = (1 - keep).log()  # minus infinity where nothing is lost
    recorded = logits + keep.log() - nn.functional.softplus(logits + lost)
    return nn.BCEWithLogitsLoss()(recorded, targets.type_as(logits))


def counterfactual_gap(predict, X, intervene):
    frame = pd.DataFrame({"is": predict(X.copy()), "would be": predict(intervene(X.copy()))})
    return frame.diff(axis=1).iloc[:, 1].abs().mean()


def rerank_for_exposure(scores, flagged, target_share, k):
    scores = pd.DataFrame(scores, dtype=float)
    worth = pd.Series(1 / np.log2(np.arange(2, k + 2)))

    def lists(bonus):
        return np.argsort(-(scores + bonus * flagged).to_numpy(), axis=1, kind="mergesort")[:, :k]

    def share(bonus):
        return flagged[lists(bonus)].mean(axis=0) @ worth / worth.sum()

    around = pd.Interval(target_share - 0.05, target_share + 0.05, closed="both")
    now = share(0.0)
    if now in around:
        return lists(0.0)
    side = 1 if now < around.left else -1
    beyond = (
        (lambda b: share(b) >= around.left) if side > 0 else (lambda b: share(b) <= around.right)
    )
    # all gaps at which a flagged item passes another, on the side that is needed
    values = scores.to_numpy()
    gaps = np.unique((values[:, ~flagged, None] - values[:, None, flagged]) * side)
    gaps = gaps[gaps >= 0]
    tiny = 1e-9 * np.ptp(values)
    left, right = 0, len(gaps)
    while left < right:
        middle = (left + right) // 2
        if beyond(side * (gaps[middle] + tiny)):
            right = middle
        else:
            left = middle + 1
    if left == len(gaps):
        raise ValueError("The target cannot be reached.")
    for bonus in (side * gaps[left], side * (gaps[left] + tiny)):  # a tie may be enough
        if share(bonus) in around:
            return lists(bonus)
    raise ValueError("No bonus leads into the band.")


def fair_model(X, y_observed, group, rng):
    base = pd.Series(y_observed).groupby(group).mean()
    rate = 1 - base[1] / base[0]
    doubtful = (group == 1) & (y_observed == 0)
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=500))
    rows = np.concatenate([np.arange(len(X)), np.flatnonzero(doubtful)])
    labels = np.concatenate([y_observed, np.ones(doubtful.sum(), dtype=int)])
    missed = np.full(doubtful.sum(), 0.1)
    model.set_params(logisticregression__warm_start=True)
    for _ in range(40):
        weight = np.ones(len(X))
        weight[doubtful] -= missed
        weight = np.concatenate([weight, missed])
        model.fit(X[rows], labels, logisticregression__sample_weight=weight)
        p = model.predict_proba(X[doubtful])[:, 1]
        missed = rate * p / (1 - p + rate * p)  # Bayes: a one that was erased, given a zero
    return model

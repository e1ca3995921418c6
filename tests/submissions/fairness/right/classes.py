"""Classes, callable objects and closures; the gate: a small network under the corrected loss."""

from dataclasses import dataclass, field
from functools import cached_property, partial

import numpy as np
import torch
from sklearn.linear_model import RidgeClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold
from sklearn.preprocessing import StandardScaler
from torch import nn


@dataclass(frozen=True)
class Audit:
    y: np.ndarray
    d: np.ndarray
    group: np.ndarray

    def gap(self, event, given=None):
        given = np.ones(len(self.y), dtype=bool) if given is None else given
        rates = {name: event[given & (self.group == name)] for name in set(self.group.tolist())}
        rates = sorted(rows.mean() for rows in rates.values() if rows.size)
        return rates[-1] - rates[0] if rates else np.nan

    @cached_property
    def true_positive(self):
        return self.gap(self.d, self.y)

    @cached_property
    def false_positive(self):
        return self.gap(self.d, ~self.y)


class GroupGaps:
    def __call__(self, y_true, y_pred, group):
        audit = Audit(y_true.astype(bool), y_pred.astype(bool), group)
        odds = np.array([audit.true_positive, audit.false_positive])
        return dict(
            demographic_parity=audit.gap(audit.d),
            equal_opportunity=audit.true_positive,
            equalized_odds=np.nanmax(odds) if np.isfinite(odds).any() else np.nan,
            accuracy=audit.gap(audit.d == audit.y),
        )


group_gaps = GroupGaps()


class Leakage:
    def __init__(self, folds):
        self.folds = folds

    def measure(self, X, attribute, households, rng):
        values = np.unique(attribute)
        if len(values) != 2:
            raise ValueError(f"{len(values)} values instead of two")
        label = attribute == values[1]
        # whole households, in an order of this generator's, whatever GroupKFold makes of it
        names, numbers = np.unique(households, return_inverse=True)
        X, numbers = StandardScaler().fit_transform(X), rng.permutation(len(names))[numbers]
        aucs = []
        for train, test in GroupKFold(
            self.folds, shuffle=True, random_state=rng.integers(1 << 30)
        ).split(X, label, numbers):
            if len(set(label[test].tolist())) == 2:
                model = RidgeClassifier(alpha=1.0).fit(X[train], label[train])
                aucs.append(roc_auc_score(label[test], model.decision_function(X[test])))
        return np.mean(aucs)


proxy_strength = Leakage(folds=3).measure


def _share(mask):
    return mask.mean()


def reweighing(y, group):
    ones = y.astype(bool)
    weights = np.full(len(y), np.nan)
    for name in dict.fromkeys(group.tolist()):
        mine = group == name
        for label in (ones, ~ones):
            if not (mine & label).any():
                raise ValueError(f"group {name} has no row of one label")
            weights[mine & label] = _share(mine) * _share(label) / _share(mine & label)
    return weights


class FairLoss(nn.Module):
    def __init__(self):
        super().__init__()
        self.entropy = nn.BCEWithLogitsLoss(reduction="none")

    def forward(self, logits, targets, group, strength):
        p = logits.sigmoid()
        reference = group[0]
        here, there = group == reference, group != reference
        if there.any() and not torch.equal(group[there], group[there][:1].expand(there.sum())):
            raise ValueError("a third group")
        loss = self.entropy(logits, targets.to(p)).mean()
        if there.any():
            loss = loss + (p[here].mean() - p[there].mean()).square().mul(strength)
        return loss


fair_loss = FairLoss()


def _recorded(rate):
    """A function from logits of the truth to the log-probabilities of what is recorded."""

    def both(logits, group):
        of_one, of_none = nn.functional.logsigmoid(logits), nn.functional.logsigmoid(-logits)
        if rate == 0:
            return of_none, of_one
        lost = torch.stack([of_none, of_one + np.log(rate)]).logsumexp(dim=0)
        victim = group.bool()
        return torch.where(victim, lost, of_none), of_one + np.log1p(-rate) * victim

    return both


def corrected_loss(logits, targets, group, erased_rate):
    if not (erased_rate >= 0 and erased_rate < 1):
        raise ValueError("not a rate below one")
    of_none, of_one = _recorded(erased_rate)(logits, group)
    return torch.where(targets.bool(), of_one, of_none).mean().neg()


def _mean_change(function, before, after):
    return np.linalg.norm(np.asarray(function(after)) - np.asarray(function(before)), 1) / len(
        before
    )


def counterfactual_gap(predict, X, intervene):
    return _mean_change(predict, X.copy(), intervene(X.copy()))


@dataclass
class Market:
    scores: np.ndarray
    flagged: np.ndarray
    k: int
    known: dict = field(default_factory=dict)

    def top(self, bonus):
        adjusted = np.where(self.flagged, self.scores + bonus, self.scores)
        items = np.broadcast_to(np.arange(adjusted.shape[1]), adjusted.shape)
        return np.lexsort((items, -adjusted), axis=-1)[:, : self.k]

    def share(self, bonus):
        if bonus not in self.known:
            worth = np.reciprocal(np.log2(np.arange(2, self.k + 2)))
            places = np.broadcast_to(worth, (len(self.scores), self.k))
            self.known[bonus] = places[self.flagged[self.top(bonus)]].sum() / places.sum()
        return self.known[bonus]

    def search(self, good, direction):
        """The smallest bonus, to a billionth of the range, at which `good` holds."""
        width = np.ptp(self.scores) or 1.0
        far = 1.5 * width
        if not good(self.share(direction * far)):
            raise ValueError("even the largest bonus is too small")
        near = 0.0
        while far - near > 1e-10 * width:
            middle = near + (far - near) / 2
            if good(self.share(direction * middle)):
                far = middle
            else:
                near = middle
        return direction * far


def rerank_for_exposure(scores, flagged, target_share, k):
    market = Market(np.array(scores, dtype=np.float64), np.array(flagged, dtype=bool), k)
    bonus = 0.0
    if market.share(0.0) < target_share - 0.05:
        bonus = market.search(lambda share: share >= target_share - 0.05, 1)
    elif market.share(0.0) > target_share + 0.05:
        bonus = market.search(lambda share: share <= target_share + 0.05, -1)
    if abs(market.share(bonus) - target_share) > 0.05:
        raise ValueError("the share jumps past the target")
    return market.top(bonus)


class Network(nn.Module):
    """A linear model with a small hidden layer beside it, that starts at zero."""

    def __init__(self, d, width=8):
        super().__init__()
        self.linear = nn.Linear(d, 1)
        self.hidden = nn.Sequential(nn.Linear(d, width), nn.Tanh(), nn.Linear(width, 1))
        for parameter in (*self.linear.parameters(), *self.hidden[-1].parameters()):
            nn.init.zeros_(parameter)

    def forward(self, x):
        return (self.linear(x) + self.hidden(x)).squeeze(1)


class Shop:
    def __init__(self, rng):
        self.rng = rng
        self.scaler = StandardScaler()

    def fit(self, X, y, group):
        x = torch.tensor(self.scaler.fit_transform(X), dtype=torch.float32)
        y, group = torch.tensor(y), torch.tensor(group)
        base = [y[group == g].double().mean().item() for g in (0, 1)]
        loss = partial(corrected_loss, erased_rate=max(0.0, 1 - base[1] / base[0]))
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(int(self.rng.integers(2**31)))
            self.network = Network(x.shape[1])
        optimizer = torch.optim.AdamW(self.network.parameters(), lr=0.01, weight_decay=0.1)
        batches = 12 * 23
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, batches)
        for _ in range(12):
            for rows in torch.from_numpy(self.rng.permutation(len(x))).chunk(23):
                optimizer.zero_grad()
                loss(self.network(x[rows]), y[rows], group[rows]).backward()
                optimizer.step()
                schedule.step()
        return self

    def predict_proba(self, X):
        with torch.no_grad():
            x = torch.tensor(self.scaler.transform(X), dtype=torch.float32)
            p = self.network(x).sigmoid().numpy().astype(float)
        return np.stack([1 - p, p], axis=-1)


def fair_model(X, y_observed, group, rng):
    return Shop(rng).fit(X, y_observed, group)

"""Who redeems a coupon: resampling, weights and losses, on features and on whole event histories.

Learned from campaigns that ended before day 276, measured on campaigns that start from then on.
Thresholds of the models on features come from out-of-fold probabilities of training rows, a
transformer's number of steps from training households that are set aside. Intervals are bootstraps
over households: rows of one household are not independent.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from sklearn.calibration import calibration_curve
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import average_precision_score, brier_score_loss, precision_recall_curve
from torch import Tensor, nn
from torch.nn import functional as F

from shelfspace.baselines.classifiers import logistic_regression
from shelfspace.data import (
    ImbalanceTable,
    Purchases,
    imbalance_table,
    load_journey,
    load_purchases,
    split_strict,
)
from shelfspace.distributed import process_group
from shelfspace.models import BASE, EventTransformer, ItemTower, TransformerSize
from shelfspace.text import principal_components, product_text_embeddings, product_texts
from shelfspace.training import Checkpoints, TrainingSettings, map_batch, seeded, train

CONTRACTS: tuple[str, ...] = (
    "random_resample",
    "smote",
    "average_precision",
    "out_of_fold_probabilities",
    "focal_loss",
    "correct_prior",
    "best_threshold",
    "coupon_model",
)

MISS_COST, ALARM_COST = 8.0, 1.0
RECALLS = tuple(round(0.1 * step, 1) for step in range(1, 11))
COST_RATIOS = (1, 2, 4, 8, 16, 32)
NEIGHBOURS = 5
TEXT_COLUMNS = 128

Contracts = Mapping[str, Callable[..., Any]]
Probabilities = dict[str, np.ndarray]


@dataclass(frozen=True)
class Settings:
    """A run of the pipeline.

    Parameters
    ----------
    unit : "product" or "product_type"
        What an event of a history is about.
    text_encoder : str
        Whose embeddings describe products; "" for none.
    layers, width, heads, feed_forward : int
        The transformer's size.
    max_events : int
        A history is its last events, so many at most.
    steps, batch : int
        Updates, and rows of each.
    learning_rate, weight_decay : float
    validate_every, patience : int
        Steps between two looks at the households set aside, and looks without a new best.
    gamma, alpha : float
        Of the focal loss.
    folds : int
        Of the cross-validation.
    bootstrap : int
        Resamples of the test households.
    seed : int
    """

    unit: Literal["product", "product_type"] = "product_type"
    text_encoder: str = ""
    layers: int = 2
    width: int = 64
    heads: int = 4
    feed_forward: int = 256
    max_events: int = 64
    steps: int = 100
    batch: int = 128
    learning_rate: float = 1e-3
    weight_decay: float = 0.05
    validate_every: int = 20
    patience: int = 3
    gamma: float = 2.0
    alpha: float = 0.5
    folds: int = 5
    bootstrap: int = 1000
    seed: int = 0


SIZES: dict[str, Settings] = {
    "small": Settings(),
    "full": Settings(
        unit="product",
        text_encoder="all-mpnet-base-v2",
        layers=BASE.n_layers,
        width=BASE.width,
        heads=BASE.n_heads,
        feed_forward=BASE.feed_forward,
        max_events=512,
        steps=1500,
        batch=64,
        learning_rate=5e-5,
        validate_every=100,
        patience=5,
    ),
}


def data_digest(settings: Settings) -> str:
    """A hash of the rows and the purchases that a run uses."""
    table, events = imbalance_table(), load_purchases(settings.unit).events
    state = hashlib.sha256()
    for part in (table.X, table.y, table.campaign_id, events.to_numpy()):
        state.update(np.ascontiguousarray(part).tobytes())
    return state.hexdigest()


def run(
    settings: Settings, contracts: Contracts, folder: Path, *, progress: bool = True
) -> dict[str, Any]:
    """The figures of a run: quality, calibration and cost of each model on the test campaigns.

    Parameters
    ----------
    settings : Settings
    contracts : mapping
        The functions named in `CONTRACTS`.
    folder : path
        For the checkpoints of training; a run that finds some goes on from them.
    progress : bool
        Whether to show progress bars.
    """
    table = imbalance_table()
    training, test = split_strict(table)
    p, thresholds = _on_features(table, training, test, settings, contracts)
    with process_group() as device:
        histories = Mailings.of(table, load_purchases(settings.unit), settings)
        learn = partial(_transformer, histories, table, training, settings, contracts)
        for name in ("plain", "class-balanced", "focal"):
            found = learn(name, Path(folder) / name, device, progress)
            p[f"transformer, {name} loss"] = found[test]
    _add_corrected(p, _rate(table.y[training]), contracts)
    y, households = table.y[test], table.groups[test]
    return {
        "test": [
            _row(name, y, values, thresholds.get(name), contracts) for name, values in p.items()
        ],
        "differences": _differences(y, households, p, settings),
        **_curves(y, p),
    }


def _rate(y: np.ndarray) -> float:
    return float(y.mean())


# ---------------------------------------------------------------------- models on features


def _on_features(
    table: ImbalanceTable,
    training: np.ndarray,
    test: np.ndarray,
    settings: Settings,
    contracts: Contracts,
) -> tuple[Probabilities, dict[str, float]]:
    """Probabilities of the test rows by each model, and thresholds from out-of-fold ones."""
    X, y, groups = table.X[training], table.y[training], table.groups[training]
    p, thresholds = {}, {}
    for name, (make, resample) in _recipes(contracts, settings.seed).items():
        rng = np.random.default_rng(settings.seed)
        rows = (X, y) if resample is None else resample(X, y, rng)
        p[name] = make().fit(*rows).predict_proba(table.X[test])[:, 1]
        inside = contracts["out_of_fold_probabilities"](
            make, X, y, groups, settings.folds, resample, rng
        )
        thresholds[name] = contracts["best_threshold"](y, inside, MISS_COST, ALARM_COST)
    own = contracts["coupon_model"](X, y, groups, np.random.default_rng(settings.seed))
    p["coupon_model"] = own.predict_proba(table.X[test])[:, 1]
    return p, thresholds


def _recipes(contracts: Contracts, seed: int) -> dict[str, tuple[Any, Any]]:
    """(a maker of models, a resampler of training rows or None) by name."""
    over = partial(contracts["random_resample"], strategy="over")
    under = partial(contracts["random_resample"], strategy="under")
    samplers = {
        "over-sampling": lambda X, y, rng: over(X, y, rng=rng),
        "under-sampling": lambda X, y, rng: under(X, y, rng=rng),
        "SMOTE": lambda X, y, rng: contracts["smote"](X, y, NEIGHBOURS, rng),
    }
    trees = partial(
        HistGradientBoostingClassifier,
        learning_rate=0.05,
        max_leaf_nodes=15,
        l2_regularization=1.0,
        random_state=seed,
    )
    recipes: dict[str, tuple[Any, Any]] = {
        _PLAIN: (logistic_regression, None),
        "logistic regression, class weights": (partial(logistic_regression, "balanced"), None),
    }
    for name, sampler in samplers.items():
        recipes[f"logistic regression, {name}"] = (logistic_regression, sampler)
    recipes["boosted trees"] = (trees, None)
    recipes["boosted trees, SMOTE"] = (trees, samplers["SMOTE"])
    return recipes


def _add_corrected(p: Probabilities, true_rate: float, contracts: Contracts) -> None:
    """Beside each model that was trained on balanced classes, the same with its prior corrected."""
    for name in [name for name in p if name.endswith(_BALANCED)]:
        p[f"{name}, corrected"] = contracts["correct_prior"](p[name], 0.5, true_rate)


_PLAIN = "logistic regression"
_BALANCED = ("class weights", "-sampling", "SMOTE", "class-balanced loss")


# ---------------------------------------------------------------------- the transformer


@dataclass(frozen=True, eq=False)
class Mailings:
    """The household's events before each mailing; rows are those of the table, or some of them.

    Attributes
    ----------
    items : (n, t) int64 tensor
        0 where there is no event.
    mask : (n, t) bool tensor
    ages : (n, t) float32 tensor
        Days before the campaign's start.
    offered : (n, t) int64 tensor
        Whether a coupon of the campaign is good for the item.
    features : (n, d) float32 tensor
        The table's features, standardised by its training rows.
    y : (n,) float32 tensor
    """

    items: Tensor
    mask: Tensor
    ages: Tensor
    offered: Tensor
    features: Tensor
    y: Tensor

    @classmethod
    def of(cls, table: ImbalanceTable, purchases: Purchases, settings: Settings) -> Mailings:
        """Nothing of a row is later than the day before its campaign's start."""
        events = purchases.events.sort_values(["household", "day", "item"], kind="stable")
        ids = purchases.households["household_id"].to_numpy()
        owner = ids[events["household"].to_numpy()]
        day, item = events["day"].to_numpy(), events["item"].to_numpy()
        offers = _offers(table, purchases)
        shape = (len(table.y), settings.max_events)
        items, ages = np.zeros(shape, np.int64), np.zeros(shape, np.float32)
        mask, offered = np.zeros(shape, bool), np.zeros(shape, np.int64)
        rows = zip(table.groups, table.start_day, table.campaign_id, strict=True)
        for row, (household, start, campaign) in enumerate(rows):
            low, high = np.searchsorted(owner, [household, household + 1])
            high = low + np.searchsorted(day[low:high], start)
            last = slice(max(low, high - settings.max_events), high)
            count = last.stop - last.start
            items[row, :count] = item[last]
            ages[row, :count] = start - day[last]
            mask[row, :count] = True
            offered[row, :count] = offers[campaign][item[last]]
        train_rows = split_strict(table)[0]
        mean, spread = table.X[train_rows].mean(0), table.X[train_rows].std(0)
        features = (table.X - mean) / np.where(spread > 0, spread, 1.0)
        parts = (items, mask, ages, offered, features.astype(np.float32))
        return cls(*map(torch.tensor, (*parts, table.y.astype(np.float32))))

    def rows(self, chosen: np.ndarray) -> Mailings:
        """Some of the rows."""
        return map_batch(lambda part: part[torch.as_tensor(chosen)], self)


def _offers(table: ImbalanceTable, purchases: Purchases) -> dict[int, np.ndarray]:
    """(n_items,) bool by campaign: whether one of its coupons is good for the item."""
    journey = load_journey()
    key = purchases.items.columns[0]
    goods = journey.coupons.merge(journey.products[["product_id", "product_type"]])
    known = purchases.items[key].to_numpy()
    return {
        int(campaign): np.isin(known, goods.loc[goods["campaign_id"] == campaign, key])
        for campaign in np.unique(table.campaign_id)
    }


class CouponTransformer(nn.Module):
    """A logit from the events before a mailing and the table's features.

    Parameters
    ----------
    items : ItemTower
    size : TransformerSize
    n_features : int
    seed : int
        Of the initial weights.
    """

    def __init__(
        self, items: ItemTower, size: TransformerSize, n_features: int, *, seed: int
    ) -> None:
        super().__init__()
        self.items = items
        self.encoder = EventTransformer(items.width, size, seed=seed)
        with seeded(seed + 1):
            self.offered = nn.Embedding(2, items.width)
            self.of_history = nn.Linear(size.width, 1)
            self.of_features = nn.Linear(n_features, 1)
        nn.init.zeros_(self.of_history.weight)  # it starts as a model of the features alone

    def forward(self, batch: Mailings) -> Tensor:
        """(n,) logits."""
        vectors = self.items(batch.items) + self.offered(batch.offered)
        history = self.encoder(vectors, batch.mask, batch.ages)
        return (self.of_history(history) + self.of_features(batch.features)).squeeze(1)


def _transformer(
    mailings: Mailings,
    table: ImbalanceTable,
    training: np.ndarray,
    settings: Settings,
    contracts: Contracts,
    loss: str,
    folder: Path,
    device: torch.device,
    progress: bool,
) -> np.ndarray:
    """(n,) probabilities of all rows, by a transformer trained with one of the losses."""
    model = _model(settings, mailings.features.shape[1]).to(device)
    kept = _set_aside(table, training, settings.seed)
    learned, chosen = np.flatnonzero(training & ~kept), np.flatnonzero(training & kept)
    start = float(np.log(_rate(table.y[learned]) / (1 - _rate(table.y[learned]))))
    nn.init.constant_(model.of_features.bias, start if loss == "plain" else 0.0)
    loss_of = _losses(table.y[learned], settings, contracts)[loss]

    def draw(rng: np.random.Generator) -> Iterable[Mailings]:
        return [mailings.rows(rng.choice(learned, settings.batch, replace=False))]

    def validate(module: nn.Module) -> float:
        p = _predict(module, mailings.rows(chosen), device)
        return float(contracts["average_precision"](table.y[chosen], p))

    train(
        model,
        draw,
        lambda module, batch: loss_of(module(batch), batch.y),
        TrainingSettings(
            settings.steps,
            learning_rate=settings.learning_rate,
            weight_decay=settings.weight_decay,
            validate_every=settings.validate_every,
            patience=settings.patience,
        ),
        seed=settings.seed,
        validate=validate,
        checkpoints=Checkpoints(folder),
        progress=progress,
    )
    return _predict(model, mailings, device)


def _model(settings: Settings, n_features: int) -> CouponTransformer:
    purchases = load_purchases(settings.unit)
    text = None
    if settings.text_encoder:
        vectors = product_text_embeddings(settings.text_encoder, product_texts(purchases.items))
        text = torch.tensor(principal_components(vectors, TEXT_COLUMNS), dtype=torch.float32)
    attributes = torch.tensor(purchases.item_attributes()[0])
    items = ItemTower(settings.width, attributes, text, seed=settings.seed)
    size = TransformerSize(settings.layers, settings.width, settings.heads, settings.feed_forward)
    return CouponTransformer(items, size, n_features, seed=settings.seed + 1)


def _set_aside(table: ImbalanceTable, training: np.ndarray, seed: int) -> np.ndarray:
    """(n,) bool: the rows of a fifth of the training households."""
    households = np.unique(table.groups[training])
    chosen = np.random.default_rng(seed).permutation(households)[: len(households) // 5]
    return np.isin(table.groups, chosen)


def _losses(
    y: np.ndarray, settings: Settings, contracts: Contracts
) -> dict[str, Callable[[Tensor, Tensor], Tensor]]:
    """`loss(logits, targets)` by name; the balanced one weighs both classes alike."""
    rate = _rate(y)
    weight = torch.tensor((1 - rate) / rate)

    def balanced(logits: Tensor, targets: Tensor) -> Tensor:
        return F.binary_cross_entropy_with_logits(
            logits, targets, pos_weight=weight.to(logits.device)
        )

    def focal(logits: Tensor, targets: Tensor) -> Tensor:
        return contracts["focal_loss"](logits, targets, settings.gamma, settings.alpha)

    plain = F.binary_cross_entropy_with_logits
    return {"plain": plain, "class-balanced": balanced, "focal": focal}


def _predict(module: nn.Module, mailings: Mailings, device: torch.device) -> np.ndarray:
    parts = []
    with torch.no_grad():
        for start in range(0, len(mailings.y), 256):
            part = map_batch(lambda leaf: leaf[start : start + 256].to(device), mailings)  # noqa: B023
            parts.append(torch.sigmoid(module(part)).cpu())
    return torch.cat(parts).double().numpy()


# ---------------------------------------------------------------------- measurement


def _row(
    name: str, y: np.ndarray, p: np.ndarray, threshold: float | None, contracts: Contracts
) -> dict[str, Any]:
    """A model's figures; costs are per 100 letters, at the threshold that the costs imply and at
    the one chosen out of fold."""
    implied = ALARM_COST / (MISS_COST + ALARM_COST)
    return {
        "model": name,
        "AP": round(float(contracts["average_precision"](y, p)), 4),
        "Brier": round(float(brier_score_loss(y, p)), 4),
        "mean p": round(float(p.mean()), 4),
        "cost at 1/9": round(100 * _cost(y, p, implied, MISS_COST) / len(y), 1),
        "cost, chosen": None
        if threshold is None
        else round(100 * _cost(y, p, threshold, MISS_COST) / len(y), 1),
    }


def _cost(y: np.ndarray, p: np.ndarray, threshold: float, miss_cost: float) -> float:
    decided = p >= threshold
    return float(miss_cost * (y[~decided] == 1).sum() + ALARM_COST * (y[decided] == 0).sum())


def _differences(
    y: np.ndarray, households: np.ndarray, p: Probabilities, settings: Settings
) -> list[dict[str, Any]]:
    """AP of each model minus that of plain logistic regression, 95 % bootstrap over households."""
    rng = np.random.default_rng(settings.seed)
    number = np.unique(households, return_inverse=True)[1]
    n = number.max() + 1
    weights = [np.bincount(rng.integers(n, size=n), minlength=n) for _ in range(settings.bootstrap)]

    def resampled(values: np.ndarray) -> np.ndarray:
        return np.array(
            [average_precision_score(y, values, sample_weight=w[number]) for w in weights]
        )

    plain = resampled(p[_PLAIN])
    rows = []
    for name, values in p.items():
        if name == _PLAIN or name.endswith("corrected"):  # which ranks as the model it corrects
            continue
        low, high = np.percentile(resampled(values) - plain, [2.5, 97.5])
        gain = average_precision_score(y, values) - average_precision_score(y, p[_PLAIN])
        rows.append(
            {
                "model": name,
                "gain in AP": round(float(gain), 4),
                "95 % low": round(float(low), 4),
                "95 % high": round(float(high), 4),
            }
        )
    return rows


_SHOWN = {
    "logistic regression": "logistic",
    "logistic regression, class weights": "balanced",
    "boosted trees": "trees",
    "transformer, plain loss": "transformer",
    "transformer, focal loss": "focal",
}


def _curves(y: np.ndarray, p: Probabilities) -> dict[str, list[dict[str, Any]]]:
    """Precision by recall, observed by predicted rate, and cost by cost ratio, of some models."""
    shown = {short: p[name] for name, short in _SHOWN.items() if name in p}
    curves = {name: precision_recall_curve(y, values)[:2] for name, values in shown.items()}
    precision = [
        {"recall": recall}
        | {
            name: round(float(values[found >= recall].max()), 3)
            for name, (values, found) in curves.items()
        }
        for recall in RECALLS
    ]
    calibration = [
        {"model": name, "predicted": round(float(predicted), 3), "observed": round(float(seen), 3)}
        for name, values in shown.items()
        for seen, predicted in zip(
            *calibration_curve(y, values, n_bins=5, strategy="quantile"), strict=True
        )
    ]
    cost = [
        {"misses cost": ratio}
        | {
            name: round(
                _cost(y, values, 1 / (1 + ratio), ratio) / min(ratio * y.sum(), (1 - y).sum()), 3
            )
            for name, values in shown.items()
        }
        for ratio in COST_RATIOS
    ]
    return {
        "precision by recall": precision,
        "calibration, fifths by predicted rate": calibration,
        "cost by cost ratio, 1 is the better of everybody and nobody": cost,
    }

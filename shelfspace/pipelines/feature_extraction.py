"""Household features without labels: which two stretches of weeks belong to one household?

Encoders are trained with the user's views and loss on some households and judged on others that
nobody has learned from: is a household found again by its other half-year, and does a linear probe
find its demographics? In the same table stand the methods that need no training loop: TF-IDF,
truncated SVD of the same dimension, whitening, recency-frequency-money, and the encoders untrained.

Weeks 1-48 only, but for one label: whether a household stays away in weeks 49-52. Households are
split by `split_seed`. Everything that is learned, idf and singular vectors included, is learned
from training households; everything that is chosen (the step at which training stops, the
whitening's shrinkage) is chosen on validation households; the table is about the unseen ones. But
for the probes of demographics: a third of the households have any, so all of those take part. SVD
and encoders have seen the baskets of most of them, and of none the label.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from types import CodeType
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from shelfspace.baselines.households import (
    WithinClassWhitening,
    random_encoder,
    recency_frequency_money,
    tfidf,
    tfidf_svd,
)
from shelfspace.data import Journey, Purchases, load_journey, load_purchases
from shelfspace.distributed import gather_rows, process_group
from shelfspace.models import (
    BASE,
    EventTransformer,
    HouseholdEncoder,
    ItemTower,
    TransformerSize,
    WithHead,
)
from shelfspace.text import product_text_embeddings
from shelfspace.training import (
    Checkpoints,
    EmbeddingLoss,
    TrainingResult,
    TrainingSettings,
    seeded,
    train,
)

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

CONTRACTS: tuple[str, ...] = (
    "two_views",
    "augment_sequence",
    "nt_xent",
    "alignment_uniformity",
    "retrieval_recall",
    "linear_probe",
)
"""What the pipeline takes from its user. (`momentum_update` belongs to a queue, and has none.)"""

LAST_WEEK = 48
HALVES = ((1, 24), (25, 48))
SHORT = ((9, 16), (33, 40))
WHOLE = (1, LAST_WEEK)
FUTURE = (49, 52)

Contracts = Mapping[str, Callable[..., Any]]
View = tuple[np.ndarray, np.ndarray]  # items and days of some events of a household, in time order
Inputs = tuple[Tensor, ...]


@dataclass(frozen=True)
class Settings:
    """A run of the pipeline.

    Parameters
    ----------
    seed : int
        Of initial weights, views and batches.
    split_seed : int
        Of the split of the households: another one is another study.
    encoder : "bag" or "events"
        `HouseholdEncoder` over the bag of items, or a transformer over the sequence of events.
    unit : "product" or "product_type"
        The encoder's items. (The linear encoder and most baselines see products.)
    text_encoder : str
        Whose embeddings describe the items; "" for none.
    dimension : int
        Of all dense features but the linear encoder's inputs.
    inputs : int
        Singular vectors that the linear encoder sees.
    item_width, hidden : int
        Widths within the encoder.
    layers, width, heads, feed_forward : int
        The transformer's size; `encoder="events"` only.
    max_events : int
        Longest sequence that the transformer sees: of more events, evenly spaced ones.
    min_weeks, max_weeks : int
        Weeks of a view.
    temperature, linear_temperature : float
    steps, linear_steps : int
    batch : int
        Households of a joint batch, over all processes.
    chunk_rows : int
        Households of a batch that fit into memory; 0 means all.
    learning_rate, linear_rate, weight_decay : float
    validate_every, patience : int
        Steps between two looks at the validation households, and looks without a new best.
    pool : int
        Pairs of views of each household that the linear encoder is trained on.
    demographics : int
        How many of the labels are probed.
    bootstrap : int
        Resamples of the unseen households.
    """

    seed: int = 0
    split_seed: int = 2017
    encoder: Literal["bag", "events"] = "bag"
    unit: Literal["product", "product_type"] = "product_type"
    text_encoder: str = "all-MiniLM-L6-v2"
    dimension: int = 128
    inputs: int = 512
    item_width: int = 256
    hidden: int = 512
    layers: int = 2
    width: int = 64
    heads: int = 4
    feed_forward: int = 256
    max_events: int = 256
    min_weeks: int = 4
    max_weeks: int = 24
    temperature: float = 0.05
    linear_temperature: float = 0.05
    steps: int = 100
    linear_steps: int = 200
    batch: int = 256
    chunk_rows: int = 0
    learning_rate: float = 2e-3
    linear_rate: float = 1e-3
    weight_decay: float = 0.01
    validate_every: int = 25
    patience: int = 3
    pool: int = 6
    demographics: int = 3
    bootstrap: int = 2000


SIZES: dict[str, Settings] = {
    "small": Settings(),
    "full": Settings(
        encoder="events",
        unit="product",
        text_encoder="all-mpnet-base-v2",
        item_width=768,
        layers=BASE.n_layers,
        width=BASE.width,
        heads=BASE.n_heads,
        feed_forward=BASE.feed_forward,
        max_events=512,
        steps=3000,
        linear_steps=300,
        batch=1024,
        chunk_rows=64,
        learning_rate=1e-4,
        weight_decay=0.05,
        validate_every=100,
        patience=8,
        pool=16,
        demographics=7,
    ),
}


# Data


@dataclass(frozen=True, eq=False)
class Histories:
    """Events of all households, household by household, each in time order.

    Attributes
    ----------
    items, days, weeks : (n,) int64 arrays
    starts : (households + 1,) int array
        Household h has the events from starts[h] to before starts[h + 1].
    """

    items: np.ndarray
    days: np.ndarray
    weeks: np.ndarray
    starts: np.ndarray

    @classmethod
    def of_purchases(cls, purchases: Purchases) -> Histories:
        events = purchases.events[purchases.events["week"] <= LAST_WEEK]
        events = events.sort_values("household", kind="stable")  # within it, time order stays
        starts = np.searchsorted(events["household"], np.arange(purchases.n_households + 1))
        items, days, weeks = (events[name].to_numpy() for name in ("item", "day", "week"))
        return cls(items, days, weeks, starts)

    def view(self, household: int, first_week: int, last_week: int) -> View:
        """The events of a household in a window of weeks, ends included."""
        own = slice(self.starts[household], self.starts[household + 1])
        inside = (self.weeks[own] >= first_week) & (self.weeks[own] <= last_week)
        return self.items[own][inside], self.days[own][inside]

    def active_weeks(self) -> np.ndarray:
        """In how many weeks each household bought something."""
        owner = np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))
        weeks = np.unique(owner * (LAST_WEEK + 1) + self.weeks) // (LAST_WEEK + 1)
        return np.bincount(weeks, minlength=len(self.starts) - 1)


@dataclass(frozen=True, eq=False)
class Shop:
    """All that a run looks at.

    Attributes
    ----------
    products, types : Purchases
        The same households, by both units.
    histories : dict
        `Histories` by unit.
    counts : dict
        (households, items) counts by unit and window of weeks.
    lines : DataFrame
        Receipt lines of weeks 1-48: `household`, `day`, `basket_id`, `spend`.
    labels : dict of str to (households,) float arrays
        1, 0, or nan where it is not known.
    stays_away : (households,) bool array
        Whether nothing was bought in weeks 49-52. The only thing that is known later than week 48.
    training, validation, unseen : int arrays
        Row numbers of households.
    """

    products: Purchases
    types: Purchases
    histories: dict[str, Histories]
    counts: dict[tuple[str, tuple[int, int]], csr_matrix]
    lines: Any
    labels: dict[str, np.ndarray]
    stays_away: np.ndarray
    training: np.ndarray
    validation: np.ndarray
    unseen: np.ndarray

    def purchases(self, unit: str) -> Purchases:
        return self.products if unit == "product" else self.types

    def active(self, households: np.ndarray, *windows: tuple[int, int]) -> np.ndarray:
        """Those of the households that bought something, by either unit, in every window."""
        for window in windows:
            for unit in self.histories:
                households = households[self.counts[unit, window].getnnz(1)[households] > 0]
        return households


def load_shop(settings: Settings) -> Shop:
    """The data of a run.

    Raises
    ------
    ValueError
        If there are too few households with baskets in both half-years.
    """
    products, types = load_purchases("product"), load_purchases("product_type")
    journey = load_journey()
    by_unit = {"product": products, "product_type": types}
    histories = {unit: Histories.of_purchases(found) for unit, found in by_unit.items()}
    counts = {
        (unit, window): found.counts(*window)
        for unit, found in by_unit.items()
        for window in (*HALVES, *SHORT, WHOLE)
    }
    later = products.counts(*FUTURE).getnnz(1) + types.counts(*FUTURE).getnnz(1)
    shop = Shop(
        products,
        types,
        histories,
        counts,
        _receipt_lines(journey, products),
        _labels(journey, products.households["household_id"].to_numpy()),
        later == 0,
        *(np.empty(0, np.int64),) * 3,
    )
    enough = [found.active_weeks() >= 2 * settings.min_weeks for found in histories.values()]
    usable = shop.active(np.flatnonzero(np.all(enough, axis=0)), *HALVES)
    if len(usable) < 20:
        raise ValueError(
            f"only {len(usable)} households have baskets in both half-years of weeks 1-48 and at "
            f"least {2 * settings.min_weeks} active weeks: the study needs 20 or more, so hand in "
            "more data or ask for fewer weeks"
        )
    usable = np.random.default_rng(settings.split_seed).permutation(usable)
    parts = np.split(usable, [int(0.6 * len(usable)), int(0.75 * len(usable))])
    training, validation, unseen = map(np.sort, parts)
    return replace(shop, training=training, validation=validation, unseen=unseen)


def _receipt_lines(journey: Journey, purchases: Purchases) -> Any:
    import pandas as pd

    lines = journey.transactions
    lines = lines[lines["week"] <= LAST_WEEK]
    number = pd.Index(purchases.households["household_id"]).get_indexer(lines["household_id"])
    lines = lines.assign(household=number, spend=lines["sales_value"])[number >= 0]
    return lines[["household", "day", "week", "basket_id", "spend"]]


def _labels(journey: Journey, household_ids: np.ndarray) -> dict[str, np.ndarray]:
    """Demographics as yes or no, by household; nan where they are not known."""
    known = journey.demographics.set_index("household_id").reindex(household_ids)

    def at_least(column: str, value: str) -> np.ndarray:
        codes = known[column].cat.codes.to_numpy()
        border = known[column].cat.categories.get_loc(value)
        return np.where(codes < 0, np.nan, codes >= border)

    married = known["marital_status"].astype(object)
    return {
        "income at least 50K": at_least("income", "50-74K"),
        "children": at_least("kids_count", "1"),
        "age at least 45": at_least("age", "45-54"),
        "age at least 55": at_least("age", "55-64"),
        "three or more people": at_least("household_size", "3"),
        "one person": 1 - at_least("household_size", "2"),
        "married": np.where(
            married.isin(["Married", "Unmarried"]), (married == "Married").astype(float), np.nan
        ),
    }


def data_digest(settings: Settings) -> str:
    """sha256 over the arrays that a run of these settings uses."""
    return digest_of(load_shop(settings), settings)


def digest_of(shop: Shop, settings: Settings) -> str:
    """A hash of the histories and the split that a run uses."""
    arrays: list[np.ndarray] = [shop.training, shop.validation, shop.unseen, shop.stays_away]
    for found in shop.histories.values():
        arrays += [found.items, found.days, found.weeks, found.starts]
    arrays += [shop.lines[name].to_numpy() for name in shop.lines]
    arrays += shop.labels.values()
    texts = _item_texts(shop.purchases(settings.unit), settings.unit)
    digest = hashlib.sha256(json.dumps([*texts, *shop.labels]).encode())
    digest.update(shop.purchases(settings.unit).item_attributes()[0].tobytes())
    for array in arrays:
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def _item_texts(purchases: Purchases, unit: str) -> list[str]:
    from shelfspace.text import product_texts

    if unit == "product":
        return product_texts(purchases.items)
    columns = ("product_type", "product_category", "department")
    rows = zip(*(purchases.items[name].astype(str) for name in columns), strict=True)
    return ["; ".join(row).lower() for row in rows]


# Encoders: a module and how it is fed


class EventEncoder(nn.Module):
    """A household's features from the sequence of its events: items, mask and ages, (b, t) each.

    Parameters
    ----------
    items : ItemTower
    size : TransformerSize
    width : int
        Of the features.
    seed : int
        Of the initial weights.
    """

    def __init__(self, items: ItemTower, size: TransformerSize, width: int, *, seed: int) -> None:
        super().__init__()
        self.items = items
        self.events = EventTransformer(items.width, size, out_width=width, seed=seed)
        self.out_width = width

    def forward(self, items: Tensor, mask: Tensor, ages: Tensor) -> Tensor:
        """The features: (b, width); arguments as of `TwoTower.user_vectors`."""
        return self.events(self.items(items.masked_fill(~mask, 0)), mask, ages)


def bag_inputs(views: Sequence[View]) -> Inputs:
    """For `HouseholdEncoder`: distinct items and how often they occur, (b, t) int64 each."""
    found = [np.unique(items, return_counts=True) for items, _ in views]
    return _padded([items for items, _ in found]), _padded([counts for _, counts in found])


def event_inputs(views: Sequence[View], max_events: int) -> Inputs:
    """For `EventEncoder`: items, mask and ages in days before the view's last event, (b, t) each.

    Of a longer view, `max_events` evenly spaced events.
    """
    kept = [
        np.linspace(0, len(items) - 1, min(len(items), max_events)).astype(int)
        for items, _ in views
    ]
    items = _padded([view[0][places] for view, places in zip(views, kept, strict=True)])
    ages = [
        days[-1] - days[places] if len(days) else days
        for (_, days), places in zip(views, kept, strict=True)
    ]
    mask = _padded([np.ones(len(places), np.int64) for places in kept]).bool()
    return items, mask, _padded(ages).float()


def _padded(rows: Sequence[np.ndarray]) -> Tensor:
    table = np.zeros((len(rows), max(1, *(len(row) for row in rows))), np.int64)
    for number, row in enumerate(rows):
        table[number, : len(row)] = row
    return torch.from_numpy(table)


def _count_matrix(views: Sequence[View], n_items: int) -> csr_matrix:
    from scipy.sparse import csr_matrix

    lengths = [len(items) for items, _ in views]
    items = np.concatenate([items for items, _ in views])
    ends = np.cumsum([0, *lengths])
    matrix = csr_matrix((np.ones(len(items), np.float32), items, ends), (len(views), n_items))
    matrix.sum_duplicates()
    return matrix


@dataclass(frozen=True, eq=False)
class Learner:
    """An encoder and how views become its inputs.

    Attributes
    ----------
    module : nn.Module
        What the loss sees: the encoder and, where there is one, its projection head.
    encoder : nn.Module
        What gives the features.
    histories : Histories
    inputs : callable
        `inputs(views) -> tensors`, arguments of the module.
    """

    module: nn.Module
    encoder: nn.Module
    histories: Histories
    inputs: Callable[[Sequence[View]], Inputs]

    def features(self, households: np.ndarray, window: tuple[int, int]) -> np.ndarray:
        """(households, d) float64 features of a window of weeks."""
        device = next(self.encoder.parameters()).device
        self.encoder.eval()
        rows = []
        with torch.inference_mode():
            for start in range(0, len(households), 128):
                views = [
                    self.histories.view(household, *window)
                    for household in households[start : start + 128]
                ]
                inputs = [tensor.to(device) for tensor in self.inputs(views)]
                rows.append(self.encoder(*inputs).double().cpu().numpy())
        return np.concatenate(rows)


def deep_learner(shop: Shop, settings: Settings, device: torch.device) -> Learner:
    """The bag encoder or the transformer, untrained, with its head."""
    purchases = shop.purchases(settings.unit)
    codes, _ = purchases.item_attributes()
    text = None
    if settings.text_encoder:
        texts = _item_texts(purchases, settings.unit)
        vectors = product_text_embeddings(settings.text_encoder, texts, device=str(device))
        text = torch.from_numpy(vectors)
    seed = settings.seed
    items = ItemTower(settings.item_width, torch.from_numpy(codes), text, seed=seed)
    _begin_with_svd(items, counts_of_halves(shop, settings.unit), settings)
    encoder: nn.Module
    inputs: Callable[[Sequence[View]], Inputs]
    if settings.encoder == "bag":
        known = tfidf().fit(counts_of_halves(shop, settings.unit))
        gate = torch.from_numpy(known.idf_ - 1).float()  # scikit-learn adds 1: milk would count
        sizes = {"hidden": settings.hidden, "width": settings.dimension}
        encoder = HouseholdEncoder(items, gate=gate, seed=seed + 1, **sizes)
        inputs = bag_inputs
    else:
        shape = (settings.layers, settings.width, settings.heads, settings.feed_forward)
        encoder = EventEncoder(
            items, TransformerSize(*shape), settings.dimension, seed=settings.seed + 1
        )
        inputs = partial(event_inputs, max_events=settings.max_events)
    module = WithHead(encoder, min(128, settings.dimension), seed=seed + 2).to(device)
    return Learner(module, module.encoder, shop.histories[settings.unit], inputs)


def _begin_with_svd(items: ItemTower, counts: csr_matrix, settings: Settings) -> None:
    """Items that the same households buy begin alike, so that a thousand households can do."""
    if settings.item_width >= min(counts.shape):
        raise ValueError(
            f"items of width {settings.item_width} can't begin with singular vectors of "
            f"{counts.shape[0]} half-years and {counts.shape[1]} items: ask for a smaller one"
        )
    directions = tfidf_svd(settings.item_width, settings.split_seed).fit(counts)[1].components_.T
    # As long as the tower's own initial vectors: about 1.
    scaled = directions * (items.n_items / settings.item_width) ** 0.5
    with torch.no_grad():
        items.ids.weight.copy_(torch.from_numpy(scaled.copy()))


def _linear_learner(shop: Shop, svd: Any, settings: Settings, device: torch.device) -> Learner:
    """A linear map of the products' singular vectors to fewer dimensions.

    It begins by keeping the leading ones, so it *is* the truncated SVD of the same dimension, and
    training has to improve on that.
    """
    n_items = shop.products.n_items
    with seeded(settings.seed):
        encoder = nn.Linear(settings.inputs, settings.dimension, bias=False)
        nn.init.eye_(encoder.weight)

    def inputs(views: Sequence[View]) -> Inputs:
        rows = svd.transform(_count_matrix(views, n_items))
        return (torch.from_numpy(rows.astype(np.float32)),)

    encoder = encoder.to(device)
    return Learner(encoder, encoder, shop.histories["product"], inputs)


# Training


def week_views(
    histories: Histories, household: int, settings: Settings, two_views: Callable, rng: Any
) -> tuple[View, View]:
    """Two disjoint sets of a household's weeks."""
    own = slice(histories.starts[household], histories.starts[household + 1])
    items, days, weeks = histories.items[own], histories.days[own], histories.weeks[own]
    mask_a, mask_b = two_views(weeks, settings.min_weeks, settings.max_weeks, rng)
    return (items[mask_a], days[mask_a]), (items[mask_b], days[mask_b])


def _augmented_views(
    histories: Histories, household: int, settings: Settings, augment: Callable, rng: Any
) -> tuple[View, View]:
    """Two variations of all that a household bought, as in CL4SRec (Xie et al. 2022)."""
    items, days = histories.view(household, *WHOLE)
    rates = {"crop": 0.6, "mask": 0.3}
    if settings.encoder == "events":
        rates["reorder"] = 0.6  # a bag has no order: both views would be the same

    def varied() -> View:
        kind = str(rng.choice(list(rates)))
        # Positions instead of items, so that what is kept also keeps its days; -1 is hidden.
        places = augment(np.arange(len(items)), kind, rates[kind], -1, rng)
        places = places[places >= 0]
        return items[places], days[np.sort(places)]

    return varied(), varied()


def fresh_batches(
    learner: Learner, draw_views: Callable, households: np.ndarray, size: int
) -> Callable:
    """Batches of views drawn anew."""

    def batches(rng: np.random.Generator) -> list[tuple[Inputs, Inputs]]:
        chosen = rng.choice(households, size, replace=False)
        pairs = [draw_views(learner.histories, household, rng=rng) for household in chosen]
        return [(learner.inputs([a for a, _ in pairs]), learner.inputs([b for _, b in pairs]))]

    return batches


def _pooled_batches(
    learner: Learner, draw_views: Callable, households: np.ndarray, settings: Settings, size: int
) -> Callable:
    """Batches from a pool of views that are drawn once: singular vectors of fresh ones are slow."""
    rng = np.random.default_rng([settings.seed, 1])
    sides: tuple[list[Tensor], list[Tensor]] = ([], [])
    for _ in range(settings.pool):
        pairs = [draw_views(learner.histories, household, rng=rng) for household in households]
        for side, views in zip(sides, zip(*pairs, strict=True), strict=True):
            side.extend(learner.inputs(views))
    pool_a, pool_b = map(torch.stack, sides)

    def batches(rng: np.random.Generator) -> list[tuple[Inputs, Inputs]]:
        rows = torch.from_numpy(rng.choice(len(households), size, replace=False))
        draw = torch.from_numpy(rng.integers(settings.pool, size=size))
        return [((pool_a[draw, rows],), (pool_b[draw, rows],))]

    return batches


def _embed(module: nn.Module, batch: tuple[Inputs, Inputs]) -> tuple[Tensor, Tensor]:
    a, b = batch
    return module(*a), module(*b)


def train_learner(
    learner: Learner,
    batches: Callable,
    shop: Shop,
    settings: Settings,
    contracts: Contracts,
    checkpoints: Checkpoints,
    identity: dict[str, Any],
    progress: bool,
    *,
    linear: bool = False,
) -> TrainingResult:
    """Train with the user's loss on joint batches; stop by the validation households."""
    temperature = settings.linear_temperature if linear else settings.temperature

    def loss(batch: Any, z_a: Tensor, z_b: Tensor) -> Tensor:
        # Negatives from all processes: see `shelfspace.distributed`.
        return contracts["nt_xent"](gather_rows(z_a), gather_rows(z_b), temperature)

    def validate(module: nn.Module) -> float:
        return _recall(learner, shop.validation, HALVES, contracts)

    return train(
        learner.module,
        batches,
        EmbeddingLoss(_embed, loss, (settings.chunk_rows or None) if not linear else None),
        TrainingSettings(
            steps=settings.linear_steps if linear else settings.steps,
            learning_rate=settings.linear_rate if linear else settings.learning_rate,
            weight_decay=settings.weight_decay,
            validate_every=settings.validate_every,
            patience=settings.patience,
        ),
        seed=settings.seed,
        validate=validate,
        checkpoints=checkpoints,
        identity=identity,
        progress=progress,
    )


def _recall(
    learner: Learner, households: np.ndarray, windows: Sequence[tuple[int, int]], contracts: Any
) -> float:
    gallery, queries = (learner.features(households, window) for window in windows)
    return float(contracts["retrieval_recall"](queries, gallery, np.arange(len(households)), 1))


def _code_digest(function: Callable) -> str:
    """Of what a function does; a notebook's function has no source file to hash."""

    def parts(code: CodeType) -> list[Any]:
        constants = [parts(c) if isinstance(c, CodeType) else repr(c) for c in code.co_consts]
        return [code.co_code.hex(), constants, code.co_names]

    code = getattr(function, "__code__", None)
    content = parts(code) if code is not None else repr(type(function))
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:12]


# Baselines


Features = Callable[[np.ndarray, tuple[int, int]], np.ndarray]
"""`features(households, (first week, last week)) -> (households, d)`."""


def counts_of_halves(shop: Shop, unit: str) -> csr_matrix:
    """Both half-years of the training households, one row each."""
    from scipy.sparse import vstack

    return vstack([shop.counts[unit, half][shop.training] for half in HALVES], format="csr")


def of_counts(fitted: Any, shop: Shop, unit: str, dimension: int | None = None) -> Features:
    """Features by a fitted transformer of counts; the leading ones where `dimension` is given."""

    def features(households: np.ndarray, window: tuple[int, int]) -> np.ndarray:
        rows = fitted.transform(shop.counts[unit, window][households])
        rows = rows.toarray() if hasattr(rows, "toarray") else rows
        return np.asarray(rows, np.float64)[:, :dimension]

    return features


def rfm_features(shop: Shop) -> Features:
    """Recency, frequency, money and their like, of the purchases in a window of weeks."""

    def features(households: np.ndarray, window: tuple[int, int]) -> np.ndarray:
        lines = shop.lines[shop.lines["week"].between(*window)]
        # Week 1 is day 1 alone, and every later week has seven days.
        first_day, last_day = max(1, 7 * window[0] - 12), 7 * window[1] - 6
        columns = lines[["household", "day", "basket_id", "spend"]]
        table = recency_frequency_money(columns, shop.products.n_households, first_day, last_day)
        # Standardised, so that a cosine is not all dollars: by the training households.
        known = table[shop.training]
        return ((table - known.mean(0)) / np.maximum(known.std(0), 1e-9))[households]

    return features


def unit_rows(rows: np.ndarray) -> np.ndarray:
    """The rows scaled to length 1; zeros stay."""
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)


def _whitened(
    base: Features, shop: Shop, contracts: Contracts, dimension: int | None = None
) -> tuple[Features, float]:
    """Features whitened within households, and the shrinkage that validation households chose.

    With `dimension`, their leading principal directions: the discriminant analysis of a textbook,
    which has learned from the same pairs of half-years as a contrastive encoder may, in closed
    form.
    """
    known = [unit_rows(base(shop.training, half)) for half in HALVES]
    best: tuple[float, float, Features] | None = None
    for shrinkage in (0.05, 0.3):
        whitening = WithinClassWhitening(shrinkage).fit(*known)
        directions = None
        if dimension is not None:
            rows = np.vstack([unit_rows(whitening.transform(half)) for half in known])
            directions = np.linalg.eigh(rows.T @ rows)[1][:, ::-1][:, :dimension]

        def features(
            households: np.ndarray,
            window: tuple[int, int],
            whitening: WithinClassWhitening = whitening,
            directions: np.ndarray | None = directions,
        ) -> np.ndarray:
            rows = unit_rows(whitening.transform(unit_rows(base(households, window))))
            return rows if directions is None else rows @ directions

        gallery, queries = (features(shop.validation, half) for half in HALVES)
        true = np.arange(len(shop.validation))
        recall = contracts["retrieval_recall"](queries, gallery, true, 1)
        if best is None or recall > best[0]:
            best = recall, shrinkage, features
    assert best is not None
    return best[2], best[1]


# Measuring


def _measure(name: str, features: Features, shop: Shop, contracts: Contracts) -> dict[str, Any]:
    """The beginning of a row of the table: how often a household is found again."""
    row: dict[str, Any] = {"method": name}
    row["dimension"] = features(shop.unseen[:1], HALVES[0]).shape[1]
    for key, windows in (("half-years", HALVES), ("eight weeks", SHORT)):
        found = shop.active(shop.unseen, *windows)
        row[f"recall@1, {key}"] = None
        if len(found) > 1:
            halves = _few_columns(*(features(found, window) for window in windows))
            recall = contracts["retrieval_recall"](halves[1], halves[0], np.arange(len(found)), 1)
            row[f"recall@1, {key}"] = round(float(recall), 4)
    return row


def _few_columns(gallery: np.ndarray, queries: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same rows, rotated into the space that they span, where that is smaller."""
    rows = np.vstack([gallery, queries])
    if rows.shape[1] <= len(rows):
        return gallery, queries
    values, vectors = np.linalg.eigh(rows @ rows.T)
    rotated = vectors * np.sqrt(np.maximum(values, 0.0))
    rotated[~rows.any(axis=1)] = 0.0
    return rotated[: len(gallery)], rotated[len(gallery) :]


def _geometry(features: Features, households: np.ndarray, contracts: Contracts) -> dict[str, float]:
    """Alignment and uniformity of both half-years."""
    halves = _few_columns(*(features(households, half) for half in HALVES))
    alignment, uniformity = contracts["alignment_uniformity"](*map(torch.from_numpy, halves))
    return {"alignment": round(float(alignment), 4), "uniformity": round(float(uniformity), 4)}


def _probe(
    rows: np.ndarray,
    target: np.ndarray,
    households: np.ndarray,
    settings: Settings,
    contracts: Contracts,
) -> float | None:
    """The linear probe's AUC, with the same folds for all features; None without two classes."""
    if len(np.unique(target)) < 2:
        return None
    rng = np.random.default_rng(settings.split_seed)
    mean, _ = contracts["linear_probe"](rows, target.astype(int), households, rng)
    return round(float(mean), 4) if np.isfinite(mean) else None


def _hits(features: Features, households: np.ndarray, contracts: Contracts) -> np.ndarray:
    """Whether each household is recognised, half-year by half-year: the mean is the recall."""
    gallery, queries = _few_columns(*(features(households, half) for half in HALVES))
    recall = contracts["retrieval_recall"]
    true = np.arange(len(households))
    return np.array([recall(queries[i : i + 1], gallery, true[i : i + 1], 1) for i in true])


def _difference(
    name: str, first: np.ndarray, second: np.ndarray, settings: Settings
) -> dict[str, Any]:
    """Difference of two recalls with its bootstrap interval over households."""
    gains = first - second
    rng = np.random.default_rng(settings.split_seed)
    draws = gains[rng.integers(len(gains), size=(settings.bootstrap, len(gains)))].mean(1)
    low, high = np.quantile(draws, (0.025, 0.975))
    return {
        "difference": name,
        "recall@1": round(float(gains.mean()), 4),
        "95% from": round(float(low), 4),
        "95% to": round(float(high), 4),
    }


# The run


def run(
    settings: Settings, contracts: Contracts, folder: Path, *, progress: bool = True
) -> dict[str, Any]:
    """Train the encoders, measure them beside the simple methods, and say who wins.

    Parameters
    ----------
    settings : Settings
        One of `SIZES`, or another.
    contracts : mapping of str to callable
        The user's functions, named as in `CONTRACTS`.
    folder : Path
        Of the checkpoints, one subfolder per encoder; a run that was interrupted goes on from them
        and ends with the same figures.
    progress : bool
        Whether to show progress bars.

    Returns
    -------
    results : dict
        Plain data: `figures`, one row per method; `differences`, recalls with bootstrap intervals
        over the unseen households; `reading`, sentences; `households`, who took part; `training`,
        what became of each encoder; `data`, as `data_digest`.

    Raises
    ------
    KeyError
        If a contract is missing.
    ValueError
        If there are too few households, or too few of them for `inputs` singular vectors.
    """
    missing = [name for name in CONTRACTS if name not in contracts]
    if missing:
        raise KeyError(f"the pipeline also needs the contracts {', '.join(missing)}")
    shop = load_shop(settings)
    if 2 * len(shop.training) <= max(settings.inputs, settings.dimension):
        raise ValueError(
            f"{len(shop.training)} training households are too few for {settings.inputs} singular "
            "vectors of their half-years: ask for fewer inputs"
        )
    with _device() as device:
        return _Run(shop, settings, contracts, folder, progress, device).results()


@contextmanager
def _device() -> Iterator[torch.device]:
    """This process's device, in the group of processes that the caller or `torchrun` made."""
    if not (torch.distributed.is_available() and torch.distributed.is_initialized()):
        with process_group() as device:
            yield device
    elif torch.cuda.is_available():
        yield torch.device("cuda", torch.cuda.current_device())
    else:
        yield torch.device("cpu")


class _Run:
    """One run: the parts that stay the same from method to method."""

    def __init__(
        self,
        shop: Shop,
        settings: Settings,
        contracts: Contracts,
        folder: Path,
        progress: bool,
        device: torch.device,
    ) -> None:
        self.shop, self.settings, self.contracts = shop, settings, contracts
        self.folder, self.progress, self.device = Path(folder), progress, device
        self.digest = digest_of(shop, settings)
        self.training: dict[str, dict[str, Any]] = {}

    def results(self) -> dict[str, Any]:
        """As `run` returns them."""
        shop, settings = self.shop, self.settings
        deep = {"bag": "bag encoder", "events": "transformer"}[settings.encoder]
        methods = self._baselines() | self._encoders(deep)
        rows = [self._row(name, features) for name, features in methods.items()]
        contrastive = (f"{deep}, contrastive", "linear encoder, contrastive")
        against = {
            contrastive[0]: (self._svd_name(), f"{deep}, untrained"),
            contrastive[1]: ("SVD of products", "random map of the same inputs"),
        }
        found = shop.active(shop.unseen, *HALVES)
        compared = {
            "TF-IDF of products",
            *contrastive,
            *(b for pair in against.values() for b in pair),
        }
        hits = {
            name: _hits(features, found, self.contracts)
            for name, features in methods.items()
            if name in compared
        }
        differences = []
        for ours, others in against.items():
            for other in others:
                name = f"{ours} minus {other}"
                differences.append(_difference(name, hits[ours], hits[other], settings))
            name = f"TF-IDF of products minus {ours}"
            differences.append(_difference(name, hits["TF-IDF of products"], hits[ours], settings))
        return {
            "figures": rows,
            "differences": differences,
            "reading": _reading(rows, differences),
            "households": self._households(),
            "training": self.training,
            "data": self.digest,
        }

    def _baselines(self) -> dict[str, Features]:
        """What needs no training loop, by name."""
        shop, settings = self.shop, self.settings
        known = {unit: counts_of_halves(shop, unit) for unit in shop.histories}
        d = settings.dimension
        self.svd = tfidf_svd(settings.inputs, settings.split_seed).fit(known["product"])
        svd_products = of_counts(self.svd, shop, "product", d)
        svd_inputs = of_counts(self.svd, shop, "product")
        svd_types = tfidf_svd(d, settings.split_seed).fit(known["product_type"])
        projection = random_encoder(d, settings.seed).fit(known["product"])
        whitened, shrinkage = _whitened(svd_products, shop, self.contracts)
        discriminant, other = _whitened(svd_inputs, shop, self.contracts, d)
        self.training["shrinkage of the whitening"] = {"SVD": shrinkage, "discriminant": other}
        return {
            "TF-IDF of products": of_counts(tfidf().fit(known["product"]), shop, "product"),
            "TF-IDF of product types": of_counts(
                tfidf().fit(known["product_type"]), shop, "product_type"
            ),
            "SVD of products": svd_products,
            "SVD of product types": of_counts(svd_types, shop, "product_type"),
            "SVD of products, whitened": whitened,
            "SVD of products, the linear encoder's inputs": svd_inputs,
            "linear discriminant of the same inputs, closed form": discriminant,
            "recency, frequency, money": rfm_features(shop),
            "random projection of products": of_counts(projection, shop, "product"),
            "random map of the same inputs": self._random_map(svd_inputs),
        }

    def _svd_name(self) -> str:
        """The SVD of the items that the deep encoder sees."""
        return f"SVD of {self.settings.unit.replace('_', ' ')}s"

    def _random_map(self, inputs: Features) -> Features:
        """The linear encoder with random directions: what its inputs are worth by themselves."""
        rng = np.random.default_rng(self.settings.seed)
        square = rng.standard_normal((self.settings.inputs, self.settings.dimension))
        directions = np.linalg.qr(square)[0]
        return lambda households, window: inputs(households, window) @ directions

    def _encoders(self, deep: str) -> dict[str, Features]:
        """Encoders, untrained and trained, by name."""
        shop, settings = self.shop, self.settings
        weeks = partial(week_views, settings=settings, two_views=self.contracts["two_views"])
        varied = partial(
            _augmented_views, settings=settings, augment=self.contracts["augment_sequence"]
        )
        size = min(settings.batch, len(shop.training))
        methods: dict[str, Features] = {}
        methods[f"{deep}, untrained"] = self._deep().features
        for name, draw in (("contrastive", weeks), ("contrastive, CL4SRec", varied)):
            learner = self._deep()
            batches = fresh_batches(learner, draw, shop.training, size)
            self._fit(f"{deep}, {name}", learner, batches)
            methods[f"{deep}, {name}"] = learner.features
        learner = _linear_learner(shop, self.svd, settings, self.device)
        batches = _pooled_batches(learner, weeks, shop.training, settings, size)
        self._fit("linear encoder, contrastive", learner, batches, linear=True)
        methods["linear encoder, contrastive"] = learner.features
        return methods

    def _deep(self) -> Learner:
        return deep_learner(self.shop, self.settings, self.device)

    def _fit(self, name: str, learner: Learner, batches: Callable, *, linear: bool = False) -> None:
        result = train_learner(
            learner,
            batches,
            self.shop,
            self.settings,
            self.contracts,
            Checkpoints(self.folder / name.replace(",", "").replace(" ", "-")),
            {
                "run": asdict(self.settings),
                "data": self.digest,
                "contracts": {name: _code_digest(self.contracts[name]) for name in CONTRACTS},
            },
            self.progress,
            linear=linear,
        )
        self.training[name] = {
            "steps": result.steps,
            "best step": result.best_step,
            "recall@1 of validation households": [
                [step, round(recall, 4)] for step, recall in result.validations
            ],
            "first loss": round(result.losses[0], 4),
            "last loss": round(result.losses[-1], 4),
        }

    def _row(self, name: str, features: Features) -> dict[str, Any]:
        """One row of the table."""
        shop, settings, contracts = self.shop, self.settings, self.contracts
        row = _measure(name, features, shop, contracts)
        row |= _geometry(features, shop.active(shop.unseen, *HALVES), contracts)
        everybody = np.sort(np.concatenate([shop.training, shop.validation, shop.unseen]))
        targets = {
            f"AUC, {label}": shop.labels[label]
            for label in list(shop.labels)[: settings.demographics]
        }
        targets["AUC, stays away in weeks 49-52"] = np.where(
            np.isin(np.arange(len(shop.stays_away)), shop.unseen), shop.stays_away, np.nan
        )
        probed = row["dimension"] <= settings.inputs  # thousands of columns would take minutes
        vectors = features(everybody, WHOLE) if probed else None
        for label, target in targets.items():
            known = np.isfinite(target[everybody])
            row[label] = None
            if vectors is not None:
                row[label] = _probe(
                    vectors[known], target[everybody[known]], everybody[known], settings, contracts
                )
        return row

        return row

    def _households(self) -> dict[str, int]:
        """Who took part."""
        shop = self.shop
        parts = {
            "training": len(shop.training),
            "validation": len(shop.validation),
            "unseen": len(shop.unseen),
            "unseen, with baskets in both short windows": len(shop.active(shop.unseen, *SHORT)),
        }
        in_table = shop.products.n_households
        parts["left out: too few weeks, or none in a half-year"] = in_table - sum(
            parts[name] for name in ("training", "validation", "unseen")
        )
        return parts


def _reading(rows: list[dict[str, Any]], differences: list[dict[str, Any]]) -> list[str]:
    """What the table says, in sentences."""
    sentences = []
    measures = [name for name in rows[0] if name.startswith(("recall", "AUC"))]
    for measure in measures:
        ranked = [row for row in rows if row[measure] is not None]
        if not ranked:
            continue
        best = max(ranked, key=lambda row: row[measure])
        sentence = f"{measure}: {best['method']} is best ({best[measure]:.3f})"
        trained = [row for row in ranked if "contrastive" in row["method"]]
        if trained and best not in trained:
            ours = max(trained, key=lambda row: row[measure])
            sentence += f"; the best trained encoder is the {ours['method']} ({ours[measure]:.3f})"
        sentences.append(sentence + ".")
    for row in differences:
        low, high = row["95% from"], row["95% to"]
        verdict = "a gain" if low > 0 else "a loss" if high < 0 else "no demonstrated difference"
        sentences.append(
            f"{row['difference']}: {row['recall@1']:+.3f} [{low:+.3f}, {high:+.3f}], {verdict}."
        )
    return sentences

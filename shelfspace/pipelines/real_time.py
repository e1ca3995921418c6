"""A year in real time: what it is worth to be live, and what it costs.

Everything is judged prequentially: each basket is foretold before it is learned. A live recommender
stands beside the same one without decay and plain popularity; a click model that learns from every
example, beside a constant rate and a logistic regression that is fitted anew each week; a two-tower
model whose users' states are live, beside the same with states of the past. Its item vectors are
searched exactly and through HNSW; and it stands behind the service, in a process of its own, under
a small load. Figures depend on the seed alone, but for those under "timings".
"""

from __future__ import annotations

import asyncio
import hashlib
import math
import os
import pickle
import re
import subprocess
import sys
import threading
import time as clocks
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import orjson
import torch
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from torch import Tensor, nn
from torch.nn import functional as F
from tqdm import tqdm
from usearch.index import Index as UsearchIndex

from shelfspace.baselines.streaming import CountBlend
from shelfspace.data import (
    TEST_WEEK,
    WARM_UP_DAYS,
    Purchases,
    Stream,
    load_purchases,
    load_stream,
)
from shelfspace.data.journey import FIRST_DATE
from shelfspace.distributed import process_group
from shelfspace.pipelines import recommender
from shelfspace.pipelines.recommender import Past, Trainer, log_popularity
from shelfspace.serving import DecayedBlend, Model, serve
from shelfspace.text import product_text_embeddings, product_texts

CONTRACTS: tuple[str, ...] = (
    "prequential",
    "DecayedCounter",
    "FTRLProximal",
    "hash_features",
    "PageHinkley",
    "live_model",
)

K = 20
SEASONS = {"weeks 9-26": (9, 26), "weeks 27-46": (27, 46), "weeks 47-53": (47, 53)}
CHANGE_DAY = 200.0  # from when on half of the products have other numbers
FETCHED = 200  # nearest items, of which those that the household knows are left out
DAY = 86_400.0

Contracts = Mapping[str, Callable[..., Any]]

_TOWERS = recommender.Settings("product", steps=150, history=128)


@dataclass(frozen=True)
class Settings:
    """A run of the pipeline.

    Parameters
    ----------
    share : float
        Of the households whose baskets are played.
    impressions : int
        Products of each list of twenty that the click model is asked about, drawn at random.
    n_bits : int
        Of the hashed features.
    alpha, beta, l1, l2 : float
        Of FTRL-Proximal.
    delta, threshold : float
        Of the Page-Hinkley test.
    towers : recommender.Settings
        The two-tower model; its `seeds` play no part.
    connectivity, expansion_add : int
        Of the HNSW graph: neighbours of an item, and candidates when one is added.
    expansions : tuple of int
        Candidates of a search through it; the service searches with the last.
    queries : int
        Households whose neighbours are searched for.
    requests : int
        Of each kind that the service is asked, at each number of connections.
    connections : tuple of int
    seconds : float
        At most, for these requests.
    bootstrap : int
        Resamples of the households.
    seed : int
    """

    share: float = 0.1
    impressions: int = 5
    n_bits: int = 18
    alpha: float = 0.1
    beta: float = 1.0
    l1: float = 0.5
    l2: float = 0.0
    delta: float = 0.01
    threshold: float = 30.0
    towers: recommender.Settings = _TOWERS
    connectivity: int = 16
    expansion_add: int = 128
    expansions: tuple[int, ...] = (32, 256)
    queries: int = 500
    requests: int = 400
    connections: tuple[int, ...] = (1, 8)
    seconds: float = 10.0
    bootstrap: int = 1000
    seed: int = 0


SIZES: dict[str, Settings] = {
    "small": Settings(),
    "full": Settings(
        share=1.0,
        impressions=10,
        n_bits=20,
        threshold=100.0,
        towers=recommender.SIZES["full"],
        expansions=(32, 64, 128, 256, 512),
        queries=2283,
        requests=4000,
        connections=(1, 8, 32),
        seconds=60.0,
    ),
}


def data_digest(settings: Settings) -> str:
    """A hash of the baskets and the purchases that a run uses."""
    stream, events = load_stream(), load_purchases(settings.towers.unit).events
    state = hashlib.sha256()
    for part in (*vars(stream).values(), events.to_numpy()):
        state.update(np.ascontiguousarray(part).tobytes())
    return state.hexdigest()


def run(
    settings: Settings, contracts: Contracts, folder: Path, *, progress: bool = True
) -> dict[str, Any]:
    """The figures of a run.

    Parameters
    ----------
    settings : Settings
    contracts : mapping
        The functions and classes named in `CONTRACTS`.
    folder : path
        For the checkpoints of the two-tower's training, which an interrupted run goes on from, and
        for what the service needs.
    progress : bool
        Whether to show progress bars.
    """
    folder = Path(folder)
    stream = load_stream().sample(settings.share, np.random.default_rng(settings.seed))
    figures = _live_models(stream, settings, contracts, progress)
    clicks = _click_models(stream, settings, contracts, progress)
    figures |= {"log loss": clicks["log loss"], "alarms": figures["alarms"] + clicks["alarms"]}
    with _one_thread():
        towers = Towers.trained(settings, folder, progress)
        new = NewItems.of(stream, towers.purchases)
        figures["new products, two-tower"] = _two_tower(towers, new, settings, contracts)
        figures["index"], index_timings = _indexes(towers, settings)
        figures["timings"] = {
            "index": index_timings,
            "service": _load(towers, new, settings, folder),
        }
    return figures


@contextmanager
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def week_of(time: float) -> int:
    """The week of the Complete Journey that a time, in days since the year began, falls into."""
    return (math.floor(time) + 13) // 7  # week 1 is the first of January alone


def recall_at_k(predicted: Any, items: Sequence[int]) -> float:
    """Share of the items that are among the first K predicted; of K items at most."""
    found = set(np.asarray(predicted).tolist()[:K])
    return len(found.intersection(items)) / min(K, len(items))


# ---------------------------------------------------------------------- live recommenders


class _Counting:
    """`CountBlend`: the household's own counts and popularity, or popularity alone."""

    def __init__(self, n_items: int, personal: bool) -> None:
        self._blend, self._personal = CountBlend(n_items), personal

    def predict(self, time: float, household: int) -> list[int]:
        # nobody is household -1: it gets what is popular
        return self._blend.predict(household if self._personal else -1, K).tolist()

    def learn(self, time: float, household: int, items: Sequence[int]) -> None:
        self._blend.learn(household, np.array(items))


_LIVE = "live_model"


def _live_models(
    stream: Stream, settings: Settings, contracts: Contracts, progress: bool
) -> dict[str, Any]:
    """Recall@20 of each model, differences to the learner's, and what it does after a change."""
    n_items = stream.n_items
    models: dict[str, Model] = {
        _LIVE: contracts[_LIVE](),
        # half-lives as it has them, but the stream's times are days
        "DecayedBlend, the service's default": DecayedBlend(84.0 / DAY, 7.0 / DAY, k=K),
        "the same without decay": _Counting(n_items, personal=True),
        "popularity": _Counting(n_items, personal=False),
    }
    play = partial(_recalls, contracts=contracts, progress=progress)
    found = {name: play(stream, model, name) for name, model in models.items()}
    changed = play(_renumbered(stream, settings.seed), contracts[_LIVE](), "after a change")
    judged = stream.time >= WARM_UP_DAYS
    weeks = np.array([week_of(time) for time in stream.time.tolist()])
    return {
        "recall@20": [
            {"model": name} | _by_season("recall@20", values, judged, weeks)
            for name, values in found.items()
        ],
        "recall@20, differences": [
            {"model": name, "less": other}
            | _interval((found[name] - found[other])[judged], stream.household[judged], settings)
            for name, other in (
                (_LIVE, "the same without decay"),
                ("the same without decay", "popularity"),
            )
        ],
        "alarms": [
            {"error": "1 - recall@20 of live_model", "products": products}
            | _alarms(stream.time, 1 - values, settings, contracts)
            for products, values in ((_AS_WERE, found[_LIVE]), (_RENUMBERED, changed))
        ],
        "recall@20 of live_model by week": [
            {
                "week": week,
                _AS_WERE: _rounded(found[_LIVE][weeks == week].mean()),
                _RENUMBERED: _rounded(changed[weeks == week].mean()),
            }
            for week in range(week_of(CHANGE_DAY) - 1, week_of(CHANGE_DAY) + 7)
            if (weeks == week).any()
        ],
    }


_AS_WERE, _RENUMBERED = "as they were", "half renumbered"


def _recalls(
    stream: Stream, model: Any, name: str, *, contracts: Contracts, progress: bool
) -> np.ndarray:
    """(baskets,) recall@20, by the learner's loop."""
    events = tqdm(stream.events(), name, len(stream), unit=" baskets", disable=not progress)
    return np.array(contracts["prequential"](events, model, recall_at_k))


def _renumbered(stream: Stream, seed: int) -> Stream:
    """The stream in which half of the products have new numbers from `CHANGE_DAY` on."""
    half = np.random.default_rng(seed).permutation(stream.n_items) < stream.n_items // 2
    later = np.repeat(stream.time >= CHANGE_DAY, np.diff(stream.offsets))
    item = stream.item + stream.n_items * (later & half[stream.item])
    return replace(stream, item=item)


def _by_season(
    name: str, values: np.ndarray, judged: np.ndarray, weeks: np.ndarray
) -> dict[str, float]:
    rows = {name: _rounded(values[judged].mean())}
    for season, (first, last) in SEASONS.items():
        rows[season] = _rounded(_mean(values[judged & (weeks >= first) & (weeks <= last)]))
    return rows


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else math.nan


def _rounded(value: float) -> float:
    return round(float(value), 4)


def _interval(values: np.ndarray, households: np.ndarray, settings: Settings) -> dict[str, Any]:
    """The mean over baskets and its 95 % bootstrap interval: households are drawn, whole."""
    _, owner = np.unique(households, return_inverse=True)
    sums, counts = np.bincount(owner, values), np.bincount(owner)
    rng = np.random.default_rng(settings.seed)
    drawn = rng.integers(len(sums), size=(settings.bootstrap, len(sums)))
    low, high = np.percentile(sums[drawn].sum(1) / counts[drawn].sum(1), [2.5, 97.5])
    return {
        "mean": _rounded(values.mean()),
        "95 % low": _rounded(low),
        "95 % high": _rounded(high),
        "households": len(sums),
    }


def _alarms(
    times: np.ndarray, errors: np.ndarray, settings: Settings, contracts: Contracts
) -> dict[str, Any]:
    """When the learner's test speaks, of an error per basket."""
    test = contracts["PageHinkley"](settings.delta, settings.threshold)
    places = np.flatnonzero([test.update(error) for error in errors.tolist()])
    later = places[times[places] >= CHANGE_DAY]
    start = int(np.searchsorted(times, CHANGE_DAY))
    return {
        "alarms before": len(places) - len(later),
        "alarms from then on": len(later),
        "day of the first": round(float(times[later[0]]), 1) if len(later) else None,
        "baskets until it": int(later[0]) - start + 1 if len(later) else None,
    }


# ---------------------------------------------------------------------- click models


@dataclass(frozen=True, eq=False)
class Impressions:
    """What was shown before each basket, and what of it was bought: that stands for a click.

    Attributes
    ----------
    times : list of float
        One per basket with a list, in days.
    features : list of (n, f) int64 arrays
        Hashed, one row per product that was shown.
    labels : list of (n,) int64 arrays
        1 where it was bought, else 0.
    """

    times: list[float]
    features: list[np.ndarray]
    labels: list[np.ndarray]

    def events(self) -> Iterator[tuple[float, np.ndarray, np.ndarray]]:
        """For a `prequential` loop."""
        return zip(self.times, self.features, self.labels, strict=True)

    @classmethod
    def of(
        cls, stream: Stream, settings: Settings, contracts: Contracts, progress: bool
    ) -> Impressions:
        """Of the lists that the learner's live model would have shown."""
        rng = np.random.default_rng(settings.seed)
        model, describe = contracts[_LIVE](), _Features(settings, contracts)
        found: tuple[list, list, list] = ([], [], [])
        bar = tqdm(stream.events(), "impressions", len(stream), disable=not progress)
        for time, household, items in bar:
            shown = np.asarray(model.predict(time, household), np.int64)
            if len(shown):
                shown = rng.permutation(shown)[: settings.impressions]
                found[0].append(time)
                found[1].append(describe.features(time, household, shown.tolist()))
                found[2].append(np.isin(shown, items).astype(np.int64))
            model.learn(time, household, items)
            describe.learn(time, household, items)
        return cls(*found)


class _Features:
    """Hashed features of a product that is shown, from counts that fade."""

    def __init__(self, settings: Settings, contracts: Contracts) -> None:
        counter = contracts["DecayedCounter"]
        self._hash, self._n_bits = contracts["hash_features"], settings.n_bits
        self._habit, self._lately = counter(84.0), counter(14.0)
        self._sold, self._visits = counter(7.0), counter(28.0)

    def features(self, time: float, household: int, items: list[int]) -> np.ndarray:
        """(n, f) int64: one row per product."""
        total = max(self._sold.value("all", time), 1.0)
        common = {
            "bias": 0,  # FTRL-Proximal has no intercept
            "household": household,
            "weekday": int(time) % 7,
            "visits": _bucket(self._visits.value(household, time)),
        }
        rows = []
        for item in items:
            habit = _bucket(self._habit.value((household, item), time))
            lately = _bucket(self._lately.value((household, item), time))
            sold = _bucket(1e4 * self._sold.value(item, time) / total)
            own = {"item": item, "habit": habit, "lately": lately, "sold": sold}
            fields = common | own | {"habit_lately": f"{habit} {lately}"}
            rows.append(self._hash(fields, self._n_bits))
        return np.stack(rows)

    def learn(self, time: float, household: int, items: list[int]) -> None:
        self._visits.add(household, time)
        self._sold.add("all", time, float(len(items)))
        for item in items:
            self._habit.add((household, item), time)
            self._lately.add((household, item), time)
            self._sold.add(item, time)


def _bucket(value: float) -> int:
    """Half-steps of the binary logarithm; a count of less than 1/32 is as good as none."""
    return round(2 * math.log2(max(value, 2.0**-5)))


class _Constant:
    """The share of what was bought so far."""

    def __init__(self) -> None:
        self._bought, self._shown = 1, 2

    def predict(self, time: float, features: np.ndarray) -> np.ndarray:
        return np.full(len(features), self._bought / self._shown)

    def learn(self, time: float, features: np.ndarray, labels: np.ndarray) -> None:
        self._bought += int(labels.sum())
        self._shown += len(labels)


class _Online:
    """The learner's FTRL-Proximal: a step after each example."""

    def __init__(self, settings: Settings, contracts: Contracts) -> None:
        self._model = contracts["FTRLProximal"](
            settings.alpha, settings.beta, settings.l1, settings.l2
        )

    def predict(self, time: float, features: np.ndarray) -> np.ndarray:
        return np.array([self._model.predict(row) for row in features])

    def learn(self, time: float, features: np.ndarray, labels: np.ndarray) -> None:
        for row, label in zip(features, labels.tolist(), strict=True):
            self._model.learn(row, label)


class _Weekly:
    """A logistic regression that is fitted to all that was seen before the week began."""

    def __init__(self, settings: Settings) -> None:
        self._width = 2**settings.n_bits
        self._model = LogisticRegression(max_iter=200, warm_start=True)
        self._constant = _Constant()  # until the first fit
        self._features: list[np.ndarray] = []
        self._labels: list[np.ndarray] = []
        self._week, self._fitted = 0, False

    def predict(self, time: float, features: np.ndarray) -> np.ndarray:
        if week_of(time) > self._week:
            self._week = week_of(time)
            self._fit()
        if not self._fitted:
            return self._constant.predict(time, features)
        return self._model.predict_proba(self._matrix(features))[:, 1]

    def learn(self, time: float, features: np.ndarray, labels: np.ndarray) -> None:
        self._constant.learn(time, features, labels)
        self._features.append(features)
        self._labels.append(labels)

    def _fit(self) -> None:
        labels = np.concatenate([np.zeros(0, np.int64), *self._labels])
        if 0 < labels.sum() < len(labels):
            self._model.fit(self._matrix(np.concatenate(self._features)), labels)
            self._fitted = True

    def _matrix(self, features: np.ndarray) -> csr_matrix:
        starts = np.arange(len(features) + 1) * features.shape[1]
        ones = np.ones(features.size)
        return csr_matrix((ones, features.ravel(), starts), shape=(len(features), self._width))


def _log_loss(p: np.ndarray, labels: np.ndarray) -> float:
    """Of one basket's impressions, in nats."""
    p = np.clip(p, 1e-9, 1 - 1e-9)
    return float(-np.where(labels == 1, np.log(p), np.log1p(-p)).mean())


_ONLINE = "FTRL-Proximal, after every example"


def _click_models(
    stream: Stream, settings: Settings, contracts: Contracts, progress: bool
) -> dict[str, Any]:
    """Log loss of each model over the impressions."""
    impressions = Impressions.of(stream, settings, contracts, progress)
    models = {
        _ONLINE: _Online(settings, contracts),
        "logistic regression, fitted weekly": _Weekly(settings),
        "constant rate": _Constant(),
    }
    times, losses = np.array(impressions.times), {}
    for name, model in models.items():
        events = tqdm(impressions.events(), name, len(times), disable=not progress)
        losses[name] = np.array(contracts["prequential"](events, model, _log_loss))
    judged = times >= WARM_UP_DAYS
    weeks = np.array([week_of(time) for time in impressions.times])
    constant = losses["constant rate"][judged].mean()
    return {
        "log loss": [
            {"model": name}
            | _by_season("log loss", values, judged, weeks)
            | {"gain over constant": _rounded(1 - values[judged].mean() / constant)}
            for name, values in losses.items()
        ],
        "alarms": [
            {"error": f"log loss of {_ONLINE.split(',')[0]}", "products": _AS_WERE}
            | _alarms(times, losses[_ONLINE], settings, contracts)
        ],
    }


# ---------------------------------------------------------------------- the two-tower model


def _in_batch_softmax(
    users: Tensor, items: Tensor, item_ids: Tensor, log_q: Tensor, temperature: float
) -> Tensor:
    """Plain in-batch cross-entropy: it learns how much likelier an item is for this user."""
    labels = torch.arange(len(users), device=users.device)
    return F.cross_entropy(users @ items.T / temperature, labels)


def _mean_of_history(vectors: Tensor, mask: Tensor, ages: Tensor, half_life: float) -> Tensor:
    """The plain mean, whatever the half-life; zeros for an empty history."""
    real = mask.unsqueeze(-1)
    return vectors.masked_fill(~real, 0.0).sum(1) / real.sum(1).clamp_min(1)


@dataclass(eq=False)
class Household:
    """What is known of a household: its purchases, one per item and week, and when each was last.

    Attributes
    ----------
    items, weeks : list of int
        In the order of weeks.
    last : dict
        Week of the last purchase by item.
    """

    items: list[int]
    weeks: list[int]
    last: dict[int, int]

    def add(self, week: int, items: Sequence[int]) -> None:
        for item in items:
            if self.last.get(item) != week:
                self.items.append(item)
                self.weeks.append(week)
                self.last[item] = week


@dataclass(frozen=True, eq=False)
class Towers:
    """A two-tower model as of the test weeks' beginning.

    In-batch negatives are drawn as often as they are bought, so a score lacks the logarithm of that
    frequency. It is added to the trained model, as it was in recent weeks (Menon et al. 2021,
    post-hoc logit adjustment): one more component of an item's vector against a one in the user's,
    so that a score still is one dot product.

    Attributes
    ----------
    purchases : Purchases
    past : Past
    users : module
        The user tower.
    inputs : (n_items, w) float32 tensor
        What it reads of an item.
    history : int
        The last purchases that it reads, so many at most.
    scale : float
        Of both towers' vectors of length 1: the root of the inverse temperature.
    items : (n_items, w + 1) float32 array
        For an index.
    """

    purchases: Purchases
    past: Past
    users: nn.Module
    inputs: Tensor
    history: int
    scale: float
    items: np.ndarray

    @classmethod
    def trained(cls, settings: Settings, folder: Path, progress: bool) -> Towers:
        """Trained on the weeks before `TEST_WEEK`, or gone on with."""
        own = settings.towers
        purchases = load_purchases(own.unit)
        before = purchases.events[purchases.events["week"] < TEST_WEEK]
        names = {"household": "household_id", "item": "item_id"}
        shape = (purchases.n_households, purchases.n_items)
        past = Past.of(before.rename(columns=names), TEST_WEEK, shape)
        parts: Contracts = {"sampled_softmax": _in_batch_softmax, "pool_history": _mean_of_history}
        text, texts = _item_texts(purchases, own.encoder, progress)
        # without wide terms: an index wants short vectors
        options: dict[str, Any] = {"wide": False, "seed": settings.seed}
        trainer = Trainer(past, purchases, own, parts, text=text, texts=texts, **options)
        with process_group() as device:
            trainer.module.to(device)
            trainer.train(folder / "towers", progress)
            vectors = trainer.vectors()[1]
        module = trainer.module.cpu()
        with torch.no_grad():
            inputs = module.items()
        popularity = log_popularity(past)[TEST_WEEK]
        scale = own.temperature**-0.5
        items = np.column_stack([scale * vectors, popularity - popularity.mean()])
        return cls(
            purchases, past, module.users, inputs, own.history, scale, items.astype(np.float32)
        )

    def households(self) -> dict[int, Household]:
        """Everybody's state at the cut, to be changed at will."""
        found: dict[int, Household] = defaultdict(lambda: Household([], [], {}))
        events = self.past.events
        rows = (events[name].tolist() for name in ("household", "week", "item"))
        for household, week, item in zip(*rows, strict=True):
            found[household].add(week, [item])
        return dict(found)

    def query(self, household: Household, week: int) -> np.ndarray:
        """(w + 1,) float32: the household's vector at a time in this week."""
        items, weeks = (part[-self.history :] for part in (household.items, household.weeks))
        # whole weeks, one at least: as in training
        ages = torch.tensor([[7.0 * max(1, week - then) for then in weeks]])
        mask = torch.ones(1, len(items), dtype=torch.bool)
        with torch.inference_mode():
            user = self.users(self.inputs[torch.tensor([items], dtype=torch.long)], mask, ages)
            user = F.normalize(user, dim=1, eps=1e-6)[0]
        return np.append(self.scale * user.numpy(), np.float32(1.0))


def _item_texts(
    purchases: Purchases, encoder: str | None, progress: bool
) -> tuple[np.ndarray | None, list[str] | None]:
    """Text vectors of the items, and the texts; nothing without an encoder."""
    if encoder is None:
        return None, None
    texts = product_texts(purchases.items)
    return product_text_embeddings(encoder, texts, progress=progress), texts


class ItemIndex(Protocol):
    """Finds item vectors that have the largest dot products with a query."""

    def search(self, query: np.ndarray, count: int) -> np.ndarray:
        """(count,) item numbers, best first."""


class ExactIndex:
    """All dot products, and the largest of them."""

    def __init__(self, items: np.ndarray) -> None:
        self._items = torch.from_numpy(items)

    def search(self, query: np.ndarray, count: int) -> np.ndarray:
        return torch.topk(self._items @ torch.from_numpy(query), count).indices.numpy()


class HNSWIndex:
    """A graph of neighbours, walked from the top (Malkov & Yashunin 2018); one thread."""

    def __init__(self, items: np.ndarray, settings: Settings) -> None:
        self._graph: Any = UsearchIndex(
            ndim=items.shape[1],
            metric="ip",
            dtype="f32",
            connectivity=settings.connectivity,
            expansion_add=settings.expansion_add,
            expansion_search=settings.expansions[-1],
        )
        self._graph.add(np.arange(len(items)), items, threads=1)

    def expand(self, candidates: int) -> None:
        """Look at so many candidates in a search."""
        self._graph.expansion_search = candidates

    def __getstate__(self) -> tuple[bytes, int]:
        return bytes(self._graph.save()), self._graph.expansion_search

    def __setstate__(self, state: tuple[bytes, int]) -> None:
        self._graph = UsearchIndex.restore(state[0])
        self.expand(state[1])

    def search(self, query: np.ndarray, count: int) -> np.ndarray:
        return np.asarray(self._graph.search(query, count, threads=1).keys, np.int64)


class LiveTwoTower:
    """New products for a household, by its state: live, or as of the cut.

    The time is in days since the year began.
    """

    def __init__(self, towers: Towers, index: ItemIndex, *, live: bool = True) -> None:
        self._towers, self._index, self._live = towers, index, live
        self._households = towers.households()
        self._known = {name: set(state.last) for name, state in self._households.items()}

    def predict(self, time: float, household: int) -> list[int]:
        """K items at most: fewer where the household knows most of those nearest to it."""
        state = self._households.get(household, Household([], [], {}))
        week = week_of(time) if self._live else TEST_WEEK
        found = self._index.search(self._towers.query(state, week), FETCHED)
        return _unknown(found.tolist(), self._known.get(household, set()))

    def learn(self, time: float, household: int, items: Sequence[int]) -> None:
        self._known.setdefault(household, set()).update(items)
        if self._live:
            state = self._households.setdefault(household, Household([], [], {}))
            state.add(week_of(time), items)


def _unknown(items: list[int], known: set[int]) -> list[int]:
    return [item for item in items if item not in known][:K]


class _Popular:
    """What sells, by a counter with a half-life of a week, ranked once a day."""

    def __init__(self, towers: Towers, contracts: Contracts) -> None:
        self._counter = contracts["DecayedCounter"](7.0)
        self._known = {name: set(state.last) for name, state in towers.households().items()}
        self._top: list[int] = []
        self._day = -1
        events = towers.purchases.events
        before = events[events["week"] < TEST_WEEK]
        for day, item in zip(before["day"].tolist(), before["item"].tolist(), strict=True):
            self._counter.add(item, day - 0.5)  # day 1 begins at time 0

    def predict(self, time: float, household: int) -> list[int]:
        if math.floor(time) > self._day:
            self._day = math.floor(time)
            self._top = [item for item, _ in self._counter.top(10 * FETCHED, time)]
        return _unknown(self._top, self._known.get(household, set()))

    def learn(self, time: float, household: int, items: Sequence[int]) -> None:
        self._known.setdefault(household, set()).update(items)
        for item in items:
            self._counter.add(item, time)


class _Told:
    """A model that learns the items of a `NewItems` basket."""

    def __init__(self, model: Model) -> None:
        self.predict, self._model = model.predict, model

    def learn(self, time: float, household: int, basket: tuple[list[int], list[int]]) -> None:
        self._model.learn(time, household, basket[0])


@dataclass(frozen=True, eq=False)
class NewItems:
    """The stream in the two-tower model's numbers of households and items, others left out.

    Attributes
    ----------
    before : list of (time, household, items)
        Until the test weeks.
    after : list of (time, household, (items, those that the household never bought before))
        From then on.
    """

    before: list[tuple[float, int, list[int]]]
    after: list[tuple[float, int, tuple[list[int], list[int]]]]

    @classmethod
    def of(cls, stream: Stream, purchases: Purchases) -> NewItems:
        household_of = _places(purchases.households["household_id"], stream.household_ids)
        item_of = _places(purchases.items["product_id"], stream.product_ids)
        bought: dict[int, set[int]] = defaultdict(set)
        found = cls([], [])
        for time, number, products in stream.events():
            household, items = int(household_of[number]), item_of[products]
            items = items[items >= 0].tolist()
            if household < 0 or not items:
                continue
            if week_of(time) < TEST_WEEK:
                found.before.append((time, household, items))
            else:
                new = [item for item in items if item not in bought[household]]
                found.after.append((time, household, (items, new)))
            bought[household].update(items)
        return found


def _places(ids: Any, wanted: np.ndarray) -> np.ndarray:
    """Where each wanted id stands among ascending ids, -1 where it does not."""
    ids = np.asarray(ids)
    places = np.searchsorted(ids, wanted).clip(max=len(ids) - 1)
    return np.where(ids[places] == wanted, places, -1)


def _two_tower(
    towers: Towers, new: NewItems, settings: Settings, contracts: Contracts
) -> list[dict[str, Any]]:
    """Recall@20 of what is new to the household in a basket of the test weeks."""
    exact, graph = ExactIndex(towers.items), HNSWIndex(towers.items, settings)
    models: dict[str, Model] = {
        "popularity, half-life of a week": _Popular(towers, contracts),
        "two-tower, states as of the cut": LiveTwoTower(towers, exact, live=False),
        "two-tower, live states": LiveTwoTower(towers, exact),
        "two-tower, live states, HNSW": LiveTwoTower(towers, graph),
    }
    has_new = np.array([bool(basket[1]) for _, _, basket in new.after])
    households = np.array([household for _, household, _ in new.after])[has_new]

    def score(predicted: list[int], basket: tuple[list[int], list[int]]) -> float:
        return recall_at_k(predicted, basket[1]) if basket[1] else math.nan

    rows = []
    for name, model in models.items():
        values = np.array(contracts["prequential"](new.after, _Told(model), score))[has_new]
        found = _interval(values, households, settings)
        rows.append({"model": name, "recall@20": found.pop("mean"), "baskets": len(values)} | found)
    return rows


# ---------------------------------------------------------------------- indexes


def _indexes(
    towers: Towers, settings: Settings
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Recall@20 against exact search, and processor time of one thread, as two tables."""
    states = towers.households()
    chosen = sorted(states)[: settings.queries]
    queries = [towers.query(states[household], TEST_WEEK) for household in chosen]
    exact, exact_build = _timed(lambda: ExactIndex(towers.items))
    graph, graph_build = _timed(lambda: HNSWIndex(towers.items, settings))
    wanted, seconds = _timed(lambda: [exact.search(query, K) for query in queries])
    tried = [("exact, a matrix product", wanted, exact_build, seconds)]
    for expansion in settings.expansions:
        graph.expand(expansion)
        found, seconds = _timed(lambda: [graph.search(query, K) for query in queries])
        tried.append((f"HNSW, {expansion} candidates", found, graph_build, seconds))
    shape = {"items": len(towers.items), "dimensions": towers.items.shape[1]}
    recalls = [
        {"index": name, "recall@20": _overlap(towers.items, queries, found, wanted)} | shape
        for name, found, _, _ in tried
    ]
    timings = [
        {
            "index": name,
            "build s": round(build, 3),
            "ms/query": round(1e3 * seconds / len(queries), 3),
        }
        for name, _, build, seconds in tried
    ]
    return recalls, timings


def _timed(call: Callable[[], Any]) -> tuple[Any, float]:
    """What a call returns, and the processor time that it took."""
    before = clocks.process_time()
    found = call()
    return found, clocks.process_time() - before


def _overlap(
    items: np.ndarray,
    queries: list[np.ndarray],
    found: list[np.ndarray],
    wanted: list[np.ndarray],
) -> float:
    """Share of the wanted that was found; what ties with the last of them is as good."""
    shares = [
        (items[mine] @ query >= (items[best] @ query).min() - 1e-5).mean()
        for query, mine, best in zip(queries, found, wanted, strict=True)
    ]
    return _rounded(np.mean(shares))


# ---------------------------------------------------------------------- the service

_EPOCH = float(np.datetime64(FIRST_DATE, "s").astype(np.int64))


class _InSeconds:
    """A model whose times are days, for a service whose times are Unix seconds."""

    def __init__(self, model: Model) -> None:
        self._model = model

    def predict(self, time: float, household: int) -> Sequence[int]:
        return self._model.predict((time - _EPOCH) / DAY, household)

    def learn(self, time: float, household: int, items: Sequence[int]) -> None:
        self._model.learn((time - _EPOCH) / DAY, household, items)


def serve_saved(model: Path, log: Path, seconds: float) -> None:
    """Serve the model of a file; the process ends itself after so many seconds.

    Parameters
    ----------
    model : path
        As `_load` wrote it, on this machine.
    log : path
        Of the events.
    seconds : float
    """
    # Nobody is left to stop it where whoever started it was killed.
    limit = threading.Timer(seconds, os._exit, [1])
    limit.daemon = True
    limit.start()
    torch.set_num_threads(1)
    serve(log, 0, model=pickle.loads(model.read_bytes()))


def _load(towers: Towers, new: NewItems, settings: Settings, folder: Path) -> list[dict[str, Any]]:
    """Requests per second and latencies of the service with each model behind it.

    The client is one process beside it and asks again as soon as it is answered, so under several
    connections a latency holds the time in the queue, too. Events are durable when they are
    answered.
    """
    blend = DecayedBlend(k=K)
    for time, household, items in new.before:  # the two-tower's states know them
        blend.learn(_EPOCH + DAY * time, household, items)
    models: dict[str, Model] = {
        "DecayedBlend": blend,
        "two-tower, exact": _InSeconds(LiveTwoTower(towers, ExactIndex(towers.items))),
        "two-tower, HNSW": _InSeconds(LiveTwoTower(towers, HNSWIndex(towers.items, settings))),
    }
    rows = []
    for number, (name, model) in enumerate(models.items()):
        with _service(folder / f"service-{number}", model, settings) as port:
            for connections in settings.connections:
                for kind, requests in _requests(new, connections, settings):
                    asked = _ask(port, requests, connections, settings.seconds)
                    rows.append(
                        {"model": name, "request": kind, "connections": connections}
                        | _latencies(*asyncio.run(asked))
                    )
    return rows


@contextmanager
def _service(folder: Path, model: Model, settings: Settings) -> Iterator[int]:
    """A service in a process of its own; the port that it listens at."""
    folder.mkdir(parents=True, exist_ok=True)
    saved, log = folder / "model.pickle", folder / "events.log"
    saved.write_bytes(pickle.dumps(model))
    log.unlink(missing_ok=True)  # of a run that was interrupted
    most = 60.0 + 4 * len(settings.connections) * settings.seconds
    code = (
        "from pathlib import Path; from shelfspace.pipelines.real_time import serve_saved; "
        f"serve_saved(Path({str(saved)!r}), Path({str(log)!r}), {most})"
    )
    with subprocess.Popen(
        [sys.executable, "-u", "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield _port(process)
        finally:
            process.kill()


def _port(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if found := re.search(r"Serving on http://[\d.]+:(\d+)", line):
            return int(found[1])
    raise RuntimeError(f"The service did not start:\n{''.join(said)}")


def _requests(
    new: NewItems, connections: int, settings: Settings
) -> Iterator[tuple[str, list[bytes]]]:
    """Baskets of the test weeks as events, and questions by the same households."""
    posts, gets = [], []
    for number in range(settings.requests):
        time, household, (items, _) = new.after[number % len(new.after)]
        event = {
            "id": f"{connections}-{number}",
            "household": household,
            "time": _EPOCH + DAY * time,
            "items": items,
        }
        body = orjson.dumps(event)
        head = f"POST /events HTTP/1.1\r\nHost: shop\r\nContent-Length: {len(body)}\r\n\r\n"
        posts.append(head.encode() + body)
        gets.append(f"GET /recommendations/{household} HTTP/1.1\r\nHost: shop\r\n\r\n".encode())
    yield "POST /events", posts
    yield "GET /recommendations", gets


async def _ask(
    port: int, requests: list[bytes], connections: int, seconds: float
) -> tuple[list[float], float]:
    """Latencies of the requests that were answered in the time there is, and how long it took."""
    left, latencies = iter(requests), []
    start = clocks.perf_counter()

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for request in left:  # each takes the next one of all
            before = clocks.perf_counter()
            if before - start > seconds:
                break
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"content-length: *(\d+)", head.lower())
            body = await reader.readexactly(int(length[1]) if length else 0)
            if b" 200 " not in head.split(b"\r\n")[0]:
                raise RuntimeError(f"The service answered {head.decode()}{body.decode()}")
            latencies.append(clocks.perf_counter() - before)
        writer.close()
        await writer.wait_closed()

    async with asyncio.timeout(seconds + 30.0):
        await asyncio.gather(*(client() for _ in range(connections)))
    return latencies, clocks.perf_counter() - start


def _latencies(latencies: list[float], seconds: float) -> dict[str, Any]:
    p50, p99 = 1e3 * np.percentile(latencies, [50, 99])
    return {
        "requests": len(latencies),
        "requests/s": round(len(latencies) / seconds, 1),
        "p50 ms": round(p50, 2),
        "p99 ms": round(p99, 2),
    }

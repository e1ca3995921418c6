"""New products for each household: baselines, a two-tower model and their blend, on later weeks.

All is learned from the weeks before a cut and measured on the weeks after it. Choices (of blend
weights, of steps) are made with the cut at `VALIDATION_WEEK`; then everything is fitted anew with
the cut at `TEST_WEEK`, and measured once.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import torch
from scipy.sparse import csr_matrix
from torch import Tensor, nn

from shelfspace.baselines.cold_start import AttributeAffinity, TextNeighbours, TypePopularity
from shelfspace.baselines.recommenders import (
    ALS,
    EASE,
    ItemKNN,
    PersonalFrequency,
    Popularity,
    PureSVD,
    decayed_counts,
    log_counts,
    standardise,
)
from shelfspace.data import (
    TEST_WEEK,
    VALIDATION_WEEK,
    Purchases,
    load_purchases,
)
from shelfspace.distributed import gather_rows, process_group
from shelfspace.models import BASE, EventTransformer, ItemTower, PooledHistory, TwoTower
from shelfspace.text import (
    load_text_encoder,
    principal_components,
    product_text_embeddings,
    product_texts,
)
from shelfspace.training import Checkpoints, EmbeddingLoss, TrainingSettings, map_batch, train

CONTRACTS = (
    "temporal_split",
    "ndcg_recall",
    "sampled_softmax",
    "pool_history",
    "recommend",
    "neighbour_scores",
    "fuse_rankings",
)

Contracts = Mapping[str, Callable[..., Any]]

K = 20
HORIZON = 4  # weeks of targets that training and validation predict
TEST_HORIZON = 5
RECENT = 8  # weeks of 'recent' popularity
FIRST_CUT = 8  # training samples need some history
COLD_SHARE, COLD_SEED = 0.1, 123
N_RESAMPLES = 1000


@dataclass(frozen=True)
class Settings:
    """What is trained, on what.

    Attributes
    ----------
    unit : what an item is.
    encoder : text encoder of the item tower; None for items that have no text of their own.
    fine_tune : train the encoder with the towers, end to end.
    user_tower : decayed means of the history, or a transformer of base size over it.
    width, temperature, learning_rate, steps, households, positives, history : of the training;
        a step takes `positives` targets of each of `households` households, and a history is its
        last `history` purchases.
    ease_l2 : the regularisation of EASE for new items and for all.
    seeds : one training for each.
    cold_start : whether to measure on items that are hidden from training.
    chunk_rows : households that fit into memory at once (`EmbeddingLoss`); None means all.
    """

    unit: Literal["product", "product_type"]
    encoder: str | None = None
    fine_tune: bool = False
    user_tower: Literal["pooled", "transformer"] = "pooled"
    width: int = 64
    temperature: float = 1 / 15
    learning_rate: float = 1e-2
    steps: int = 240
    households: int = 256
    positives: int = 6
    history: int = 256
    ease_l2: tuple[float, float] = (400.0, 30.0)
    seeds: tuple[int, ...] = (0,)
    cold_start: bool = False
    chunk_rows: int | None = None


SIZES = {
    "small": Settings("product_type", steps=150, history=128, ease_l2=(1600.0, 100.0)),
    "full": Settings(
        "product",
        encoder="all-mpnet-base-v2",
        fine_tune=True,
        user_tower="transformer",
        learning_rate=1e-3,
        cold_start=True,
        chunk_rows=32,
    ),
}

BENCH = Settings("product", encoder="all-MiniLM-L6-v2", seeds=(0, 1, 2), cold_start=True)
"""All products with frozen text vectors of the smaller encoder: minutes on a CPU."""


def data_digest(settings: Settings) -> str:
    """A hash of the purchases that a run uses."""
    events = load_purchases(settings.unit).events
    return hashlib.sha256(events.to_numpy().tobytes()).hexdigest()


def run(
    settings: Settings, contracts: Contracts, folder: Path, *, progress: bool = True
) -> dict[str, Any]:
    """The figures of a run: tables of Recall@20 and NDCG@20 on the test weeks.

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
    purchases = load_purchases(settings.unit)
    with process_group() as device:
        bench = _Bench(purchases, settings, contracts, folder, progress, device)
        figures: dict[str, Any] = {"new": bench.new_items(), "all": bench.all_items()}
        if settings.cold_start:
            figures["cold start"] = bench.cold_items()
    return figures


# ------------------------------------------------------------------ one cut in time


@dataclass(frozen=True, eq=False)
class Past:
    """What is known at the end of week `cut - 1`, and nothing later.

    `events` holds `household`, `item` and `week`, one row per household, item and week.
    """

    events: pd.DataFrame
    cut: int
    shape: tuple[int, int]

    @classmethod
    def of(cls, history: pd.DataFrame, cut: int, shape: tuple[int, int]) -> Past:
        names = {"household_id": "household", "item_id": "item"}
        events = history.rename(columns=names)[["household", "week", "item"]]
        return cls(events.drop_duplicates().sort_values(list(events)), cut, shape)

    def counts(self, weeks: float = math.inf) -> csr_matrix:
        """(households, items): in how many of the last `weeks` weeks a household bought an item."""
        chosen = self.events[self.events["week"] >= self.cut - weeks]
        cells = chosen["household"].to_numpy(), chosen["item"].to_numpy()
        return csr_matrix((np.ones(len(chosen)), cells), shape=self.shape)

    def decayed(self, half_life: float) -> csr_matrix:
        """As `counts`, a purchase of `half_life` weeks ago for a half."""
        events = self.events
        return decayed_counts(
            events["household"], events["item"], events["week"], self.cut, half_life, self.shape
        )


def log_popularity(past: Past) -> np.ndarray:
    """(cut + 1, items) float32: log(1 + households that bought it in the `RECENT` weeks before)."""
    per_week = np.zeros((past.cut + 1, past.shape[1]))
    np.add.at(per_week, (past.events["week"].to_numpy() + 1, past.events["item"].to_numpy()), 1)
    total = per_week.cumsum(0)
    before = np.vstack([np.zeros((RECENT, past.shape[1])), total[:-RECENT]])
    return np.log1p(total - before).astype(np.float32)


# ------------------------------------------------------------------ the two-tower model


@dataclass(frozen=True, eq=False)
class Histories:
    """Histories of some households at a week, and their wide features; rows are households.

    `targets` (b, positives) are items to predict, -1 where there are no more.
    """

    items: Tensor
    mask: Tensor
    ages: Tensor
    wide: tuple[Tensor, ...]
    targets: Tensor


class Trainer:
    """Trains a two-tower model on the past, and gives its vectors as of the cut.

    A sample is a household at a week in the past: its history before, and as positives items that
    it first bought in the `HORIZON` weeks from then on. So no sample knows anything of its future,
    and the model does at the cut what it was trained to do.

    Parameters
    ----------
    past : Past
    purchases : Purchases
        For the attributes of the items.
    text : (n_items, k) float32 array or None
    cold : (n_items,) bool array or None
        Items that training must not know.
    wide : bool
        Add wide terms: what the household bought of each kind, and what sells.
    ids_only : bool
        Leave attributes, text and wide terms out.
    """

    def __init__(
        self,
        past: Past,
        purchases: Purchases,
        settings: Settings,
        contracts: Contracts,
        *,
        text: np.ndarray | None = None,
        texts: list[str] | None = None,
        cold: np.ndarray | None = None,
        wide: bool = True,
        ids_only: bool = False,
        use_log_q: bool = True,
        seed: int = 0,
    ) -> None:
        self.past, self.settings, self.contracts = past, settings, contracts
        self.seed = seed
        events = past.events
        self._household, self._week, self._item = (
            events[name].to_numpy() for name in ("household", "week", "item")
        )
        self._start = np.searchsorted(self._household, np.arange(past.shape[0] + 1))
        first = ~events.duplicated(["household", "item"]).to_numpy()  # events run in time order
        self._new_week, self._new_item = self._week[first], self._item[first]
        self._new_start = np.searchsorted(self._household[first], np.arange(past.shape[0] + 1))
        found = np.bincount(self._new_item, minlength=past.shape[1]) + 1.0
        self.log_q = torch.tensor(np.log(found / found.sum()), dtype=torch.float32) * use_log_q
        attributes = purchases.item_attributes()[0]
        has_wide = wide and not ids_only
        self._codes = [attributes[:, column] for column in (0, 1)] if has_wide else []
        self.module = self._module(attributes[:, :0] if ids_only else attributes, text, cold)
        if settings.fine_tune and texts is not None and not ids_only:
            self.module.encoder = _Encoder(settings.encoder, texts)

    def _module(self, attributes: np.ndarray, text: Any, cold: Any) -> TwoTower:
        settings = self.settings
        items = ItemTower(
            settings.width,
            torch.tensor(attributes),
            None if text is None else torch.tensor(text),
            cold=None if cold is None else torch.tensor(cold),
            id_dropout=0.0 if cold is None else 0.5,
            seed=self.seed,
        )
        users: nn.Module
        if settings.user_tower == "transformer":
            size = settings.width
            users = EventTransformer(size, BASE, out_width=size, seed=self.seed + 1)
        else:
            pool = self.contracts["pool_history"]
            users = PooledHistory(settings.width, pool, seed=self.seed + 1)
        wide = [torch.tensor(codes) for codes in self._codes]
        if self._codes:
            popularity = log_popularity(self.past)
            if cold is not None:
                popularity[:, cold] = 0.0
            wide.append(torch.tensor(popularity.T.copy()))
        return TwoTower(items, users, wide=wide, normalise=True)

    def histories(self, households: np.ndarray, weeks: np.ndarray) -> Histories:
        """What these households had bought before these weeks, the last purchases only."""
        rows = []
        for household, week in zip(households, weeks, strict=True):
            low, high = self._start[household], self._start[household + 1]
            high = low + np.searchsorted(self._week[low:high], week)
            rows.append((low, high))
        longest = self.settings.history
        length = max(1, min(longest, max(high - low for low, high in rows)))
        items = np.zeros((len(rows), length), np.int64)
        ages = np.zeros((len(rows), length), np.float32)
        mask = np.zeros((len(rows), length), bool)
        wide = [np.zeros((len(rows), codes.max() + 1), np.float32) for codes in self._codes]
        for row, (low, high) in enumerate(rows):
            for features, codes in zip(wide, self._codes, strict=True):
                counts = np.bincount(codes[self._item[low:high]], minlength=features.shape[1])
                features[row] = np.log1p(counts)
            low = max(low, high - longest)
            items[row, : high - low] = self._item[low:high]
            ages[row, : high - low] = 7.0 * (weeks[row] - self._week[low:high])
            mask[row, : high - low] = True
        if self._codes:
            now = np.zeros((len(rows), self.past.cut + 1), np.float32)
            now[np.arange(len(rows)), weeks] = 1.0
            wide.append(now)
        # the loss divides the whole score by the temperature; wide terms are to stay as they are
        scaled = tuple(torch.tensor(part * self.settings.temperature) for part in wide)
        targets = torch.full((len(rows), self.settings.positives), -1)
        return Histories(
            torch.tensor(items), torch.tensor(mask), torch.tensor(ages), scaled, targets
        )

    def draw(self, rng: np.random.Generator) -> Histories:
        """A batch of histories at random weeks, with items first bought in the weeks after."""
        settings = self.settings
        households = rng.integers(self.past.shape[0], size=settings.households)
        weeks = rng.integers(FIRST_CUT + 1, self.past.cut - HORIZON + 1, settings.households)
        batch = self.histories(households, weeks)
        for row, (household, week) in enumerate(zip(households, weeks, strict=True)):
            low, high = self._new_start[household], self._new_start[household + 1]
            bounds = np.searchsorted(self._new_week[low:high], [week, week + HORIZON])
            new = self._new_item[low + bounds[0] : low + bounds[1]]
            if len(new) > settings.positives:
                new = rng.choice(new, settings.positives, replace=False)
            batch.targets[row, : len(new)] = torch.tensor(new)
        return batch

    def train(self, checkpoints: Path, progress: bool) -> None:
        """Train in place, or go on from the checkpoints in this folder."""
        settings, loss = self.settings, self.contracts["sampled_softmax"]
        module = self.module

        def embed(module: nn.Module, batch: Histories) -> tuple[Tensor, Tensor]:
            assert isinstance(module, TwoTower)
            users = module.user_vectors(batch.items, batch.mask, batch.ages, batch.wide)
            items = batch.targets.clamp_min(0).flatten()
            vectors = module.item_vectors(items, self._text_of(items))
            return users, vectors.unflatten(0, batch.targets.shape)

        def loss_of(batch: Histories, users: Tensor, items: Tensor) -> Tensor:
            # the negatives are all processes' positives: each computes the joint loss
            real = batch.targets >= 0
            rows = gather_rows(users.unsqueeze(1).expand(*real.shape, -1)[real])
            columns, ids = gather_rows(items[real]), gather_rows(batch.targets[real])
            log_q = self.log_q.to(ids.device)[ids]
            return loss(rows, columns, ids, log_q, settings.temperature)

        scalars = [module.wide_weights]
        others = [p for p in module.parameters() if p is not module.wide_weights]
        train(
            module,
            lambda rng: [self.draw(rng)],
            EmbeddingLoss(embed, loss_of, settings.chunk_rows),
            TrainingSettings(
                settings.steps,
                learning_rate=settings.learning_rate,
                weight_decay=0.05,
                clip=5.0,
            ),
            seed=self.seed,
            parameters=[
                {"params": others},
                {"params": scalars, "lr": 2 * settings.learning_rate, "weight_decay": 0.0},
            ],
            checkpoints=Checkpoints(checkpoints),
            progress=progress,
        )

    def _text_of(self, items: Tensor) -> Tensor | None:
        encoder = getattr(self.module, "encoder", None)
        return None if encoder is None else encoder(items)

    def vectors(self) -> tuple[np.ndarray, np.ndarray]:
        """(households, k) and (items, k) float32: a score at the cut is their dot product."""
        module, past = self.module.eval(), self.past
        device = module.wide_weights.device
        users = []
        with torch.no_grad():
            for start in range(0, past.shape[0], 256):
                households = np.arange(start, min(start + 256, past.shape[0]))
                at = self.histories(households, np.full(len(households), past.cut))
                at = map_batch(lambda part: part.to(device), at)
                users.append(module.user_vectors(at.items, at.mask, at.ages, at.wide))
            every = torch.arange(past.shape[1], device=device)
            parts = [module.item_vectors(part, self._text_of(part)) for part in every.split(512)]
        return torch.cat(users).cpu().numpy(), torch.cat(parts).cpu().numpy()


class _Encoder(nn.Module):
    """The text encoder as a part of the model: item numbers to text vectors."""

    def __init__(self, name: str | None, texts: list[str]) -> None:
        super().__init__()
        assert name is not None
        self.encoder = load_text_encoder(name)
        self.model = self.encoder.model
        self.texts = texts

    def forward(self, items: Tensor) -> Tensor:
        different, places = items.unique(return_inverse=True)
        tokens = self.encoder.tokenize([self.texts[item] for item in different.tolist()])
        tokens = {name: part.to(items.device) for name, part in tokens.items()}
        return self.encoder.embed(tokens)[places]


# ------------------------------------------------------------------ measurement


@dataclass(frozen=True, eq=False)
class _Split:
    """A cut in time: what is known, what is to be predicted, and whom it is measured on."""

    past: Past
    seen: list[np.ndarray]
    targets: dict[int, np.ndarray]

    @property
    def households(self) -> np.ndarray:
        return np.array(sorted(self.targets))


class _Bench:
    """All models on one data set, each fitted at both cuts, chosen at the first."""

    def __init__(
        self,
        purchases: Purchases,
        settings: Settings,
        contracts: Contracts,
        folder: Path,
        progress: bool,
        device: torch.device,
    ) -> None:
        self.device = device
        self.purchases, self.settings, self.contracts = purchases, settings, contracts
        self.folder, self.progress = folder, progress
        self.shape = (purchases.n_households, purchases.n_items)
        events = purchases.events[["household", "item", "week"]]
        self.events = events.rename(columns={"household": "household_id", "item": "item_id"})
        self.text, self.texts = self._item_texts()

    def _item_texts(self) -> tuple[np.ndarray | None, list[str] | None]:
        """(n_items, 128) principal components of the items' text vectors, and the texts."""
        if self.settings.encoder is None:
            return None, None
        texts = product_texts(self.purchases.items)
        vectors = product_text_embeddings(self.settings.encoder, texts, progress=self.progress)
        if self.settings.fine_tune:
            return vectors, texts
        parts = principal_components(vectors, 128)
        return (parts / np.sqrt((parts**2).sum(1).mean())).astype(np.float32), texts

    def split(self, cut: int, *, new: bool, only: np.ndarray | None = None) -> _Split:
        """The events before the cut and the items bought after it.

        `new` leaves out what a household had bought before. `only` (n_items,) bool are items that
        are hidden from the past, and the only ones to be predicted.
        """
        horizon = TEST_HORIZON if cut == TEST_WEEK else HORIZON
        history, after = self.contracts["temporal_split"](self.events, cut, horizon)
        bought = _by_household(history, self.shape[0])
        targets = {}
        for household, items in enumerate(_by_household(after, self.shape[0])):
            wanted = np.setdiff1d(items, bought[household]) if new else items
            wanted = wanted if only is None else wanted[only[wanted]]
            if len(wanted):
                targets[household] = wanted
        if only is not None:
            history = history[~only[history["item_id"].to_numpy()]]
            bought = [np.union1d(items, np.flatnonzero(~only)) for items in bought]
        none = [np.zeros(0, np.int64)] * self.shape[0]
        return _Split(Past.of(history, cut, self.shape), bought if new else none, targets)

    def measure(self, split: _Split, ranked: Mapping[int, Any]) -> np.ndarray:
        """(n, 2) NDCG@20 and Recall@20 of each household with targets."""
        metric = self.contracts["ndcg_recall"]
        pairs = [
            metric(ranked[household], split.targets[household], K)
            for household in split.households.tolist()
        ]
        return np.array(pairs, float)

    def of_scores(self, split: _Split, scores: np.ndarray) -> np.ndarray:
        """As `measure`, for (households, items) scores."""
        return self.measure(split, _rankings(split, scores, K))

    def two_tower(self, split: _Split, name: str, seed: int, **options: Any) -> Any:
        """(user vectors, item vectors) of a trained model."""
        trainer = Trainer(
            split.past,
            self.purchases,
            self.settings,
            self.contracts,
            text=None if options.get("ids_only") else self.text,
            texts=self.texts,
            seed=seed,
            **options,
        )
        trainer.module.to(self.device)
        trainer.train(self.folder / f"{name}-{split.past.cut}-{seed}", self.progress)
        return trainer.vectors()

    # ---------------------------------------------------------------- tables

    def new_items(self) -> dict[str, Any]:
        """Items that a household has not bought before."""
        splits = [self.split(cut, new=True) for cut in (VALIDATION_WEEK, TEST_WEEK)]
        rows: dict[str, list[np.ndarray]] = {}
        found: list[dict[str, np.ndarray]] = []
        for split in splits:
            scores = self._baselines(split.past, self.settings.ease_l2[0])
            for name, value in scores.items():
                rows.setdefault(name, []).append(self.of_scores(split, value))
            found.append({name: standardise(scores[name]) for name in ("EASE", _POPULAR)})
        weight = self._choose(
            splits[0], found[0]["EASE"], found[0][_POPULAR], (0, 0.1, 0.25, 0.5, 1)
        )
        classical = [parts["EASE"] + weight * parts[_POPULAR] for parts in found]
        blend = "EASE + recent popularity"
        rows[blend] = [self.of_scores(*pair) for pair in zip(splits, classical, strict=True)]
        chosen: dict[str, Any] = {"weight of recent popularity": weight}
        for seed in self.settings.seeds:
            self._add_two_tower(splits, classical, seed, rows, chosen)
        for name, options in {"two-tower without log Q": {"use_log_q": False}}.items():
            first = self.settings.seeds[0]
            rows[name] = [
                self._measured_vectors(split, self.two_tower(split, "no-log-q", first, **options))
                for split in splits
            ]
        rows["two-tower, untrained"] = [
            self._measured_vectors(split, self._untrained(split)) for split in splits
        ]
        return {
            "rows": _table(rows),
            "chosen": chosen,
            "differences": [
                _difference(rows, _FUSED, blend),
                _difference(rows, "two-tower", "EASE"),
                _difference(rows, "two-tower", f"SVD, {self.settings.width} dimensions"),
            ],
        }

    def _add_two_tower(
        self,
        splits: list[_Split],
        classical: list[np.ndarray],
        seed: int,
        rows: dict[str, list[np.ndarray]],
        chosen: dict[str, Any],
    ) -> None:
        """A training at each cut: alone, in a weighted blend, and in a fusion of ranks."""
        vectors = [self.two_tower(split, "new", seed) for split in splits]
        scores = [standardise(users @ items.T) for users, items in vectors]
        weight = self._choose(splits[0], classical[0], scores[0], (0, 0.5, 1, 2, 4, 6, 8))
        chosen[f"weight of the two-tower, seed {seed}"] = weight
        for split, parts, (users, items), base in zip(
            splits, scores, vectors, classical, strict=True
        ):
            rows.setdefault("two-tower", []).append(self._measured_vectors(split, (users, items)))
            rows.setdefault(_FUSED, []).append(self.of_scores(split, base + weight * parts))
            lists = [_rankings(split, part, 200) for part in (base, parts)]
            fused = {
                household: self.contracts["fuse_rankings"](
                    [ranked[household].tolist() for ranked in lists], [1.0, 1.0]
                )
                for household in split.households.tolist()
            }
            rows.setdefault("rank fusion with the two-tower", []).append(self.measure(split, fused))

    def _untrained(self, split: _Split) -> tuple[np.ndarray, np.ndarray]:
        trainer = Trainer(split.past, self.purchases, self.settings, self.contracts, text=self.text)
        return trainer.vectors()

    def _measured_vectors(
        self, split: _Split, vectors: tuple[np.ndarray, np.ndarray]
    ) -> np.ndarray:
        users, items = vectors
        households = split.households
        ranked = self.contracts["recommend"](
            users[households], items, [split.seen[household] for household in households], K
        )
        return self.measure(split, dict(zip(households.tolist(), ranked, strict=True)))

    def all_items(self) -> dict[str, Any]:
        """All purchases, where what was bought before counts most."""
        splits = [self.split(cut, new=False) for cut in (VALIDATION_WEEK, TEST_WEEK)]
        rows: dict[str, list[np.ndarray]] = {}
        found = []
        for split in splits:
            past, everyone = split.past, np.arange(self.shape[0])
            frequency = PersonalFrequency().fit(past.decayed(16.0)).scores(everyone)
            scores = {
                "popularity": Popularity().fit(past.counts()).scores(everyone),
                "personal frequency": frequency,
                "EASE": EASE(self.settings.ease_l2[1])
                .fit(log_counts(past.decayed(16.0)))
                .scores(everyone),
            }
            for name, value in scores.items():
                rows.setdefault(name, []).append(self.of_scores(split, value))
            found.append([standardise(scores["EASE"]), standardise(frequency)])
        grid = (0, 0.25, 0.5, 1, 2, 4)
        often = self._choose(splits[0], found[0][0], found[0][1], grid)
        classical = [ease + often * frequency for ease, frequency in found]
        chosen: dict[str, Any] = {"weight of frequency": often}
        blend = "EASE + personal frequency"
        rows[blend] = [self.of_scores(*pair) for pair in zip(splits, classical, strict=True)]
        for seed in self.settings.seeds:
            # the model of new items, from the same checkpoints: it has learned what comes next
            parts = []
            for split in splits:
                users, items = self.two_tower(split, "new", seed)
                parts.append(standardise(users @ items.T))
            weight = self._choose(splits[0], classical[0], parts[0], (0, *grid[1:4]))
            chosen[f"weight of the two-tower, seed {seed}"] = weight
            for split, base, part in zip(splits, classical, parts, strict=True):
                rows.setdefault(_FUSED, []).append(self.of_scores(split, base + weight * part))
        return {
            "rows": _table(rows),
            "chosen": chosen,
            "differences": [_difference(rows, _FUSED, blend)],
        }

    def cold_items(self) -> dict[str, Any]:
        """Items that were hidden from training: only attributes and text are known."""
        rng = np.random.default_rng(COLD_SEED)
        hidden = np.zeros(self.shape[1], bool)
        hidden[rng.choice(self.shape[1], int(COLD_SHARE * self.shape[1]), replace=False)] = True
        splits = [self.split(cut, new=True, only=hidden) for cut in (VALIDATION_WEEK, TEST_WEEK)]
        rows: dict[str, list[np.ndarray]] = {}
        found = []
        for split in splits:
            scores = self._content_scores(split.past)
            for name, value in scores.items():
                rows.setdefault(name, []).append(self.of_scores(split, value))
            found.append({name: standardise(value) for name, value in scores.items()})
        grid = (0, 0.25, 0.5, 1, 2, 4)
        of_text = self._choose(splits[0], found[0][_AFFINITY], found[0][_TEXT], grid)
        content = [parts[_AFFINITY] + of_text * parts[_TEXT] for parts in found]
        chosen: dict[str, Any] = {"weight of text neighbours": of_text}
        blend = "attributes + text neighbours"
        rows[blend] = [self.of_scores(*pair) for pair in zip(splits, content, strict=True)]
        for seed in self.settings.seeds:
            parts = []
            for split in splits:
                vectors = self.two_tower(split, "cold", seed, cold=hidden)
                rows.setdefault("two-tower", []).append(self._measured_vectors(split, vectors))
                parts.append(standardise(vectors[0] @ vectors[1].T))
            weight = self._choose(splits[0], content[0], parts[0], grid)
            chosen[f"weight of the two-tower, seed {seed}"] = weight
            for split, base, part in zip(splits, content, parts, strict=True):
                rows.setdefault(_FUSED, []).append(self.of_scores(split, base + weight * part))
        first = self.settings.seeds[0]
        rows["two-tower, ids only"] = [
            self._measured_vectors(
                split, self.two_tower(split, "cold-ids", first, cold=hidden, ids_only=True)
            )
            for split in splits
        ]
        return {
            "rows": _table(rows),
            "chosen": chosen,
            "differences": [
                _difference(rows, _FUSED, blend),
                _difference(rows, "two-tower", blend),
            ],
        }

    def _content_scores(self, past: Past) -> dict[str, np.ndarray]:
        codes = self.purchases.item_attributes()[0]
        everyone, history = np.arange(self.shape[0]), past.counts()
        models = {
            "popularity of the type": TypePopularity(codes[:, 0]),
            _AFFINITY: AttributeAffinity(codes[:, [0, 1, 4]]),
        }
        if self.text is not None:
            models[_TEXT] = TextNeighbours(self.text)
        return {name: model.fit(history).scores(everyone) for name, model in models.items()}

    def _baselines(self, past: Past, ease_l2: float) -> dict[str, np.ndarray]:
        """(households, items) scores by name."""
        everyone = np.arange(self.shape[0])
        history, logs = past.counts(), log_counts(past.counts())
        width, near = self.settings.width, min(500, self.shape[1] - 1)
        models = {
            "popularity": Popularity().fit(history),
            _POPULAR: Popularity().fit(past.counts(RECENT)),
            "item neighbours (cosine)": ItemKNN(near, "cosine").fit(logs),
            "item neighbours (BM25)": ItemKNN(near, "bm25").fit(history),
            "ALS": ALS().fit(history),
            f"SVD, {width} dimensions": PureSVD(width).fit(logs),
            "EASE": EASE(ease_l2).fit(logs),
        }
        scores = {name: model.scores(everyone) for name, model in models.items()}
        neighbours = self.contracts["neighbour_scores"](logs, 200)
        dense = neighbours.toarray() if hasattr(neighbours, "toarray") else neighbours
        scores["household neighbours"] = np.asarray(dense, np.float32)
        return scores

    def _choose(
        self, split: _Split, base: np.ndarray, added: np.ndarray, weights: tuple[float, ...]
    ) -> float:
        """The weight of `added` with the best NDCG on the validation weeks."""
        quality = [self.of_scores(split, base + w * added)[:, 0].mean() for w in weights]
        return float(weights[int(np.argmax(quality))])


_POPULAR = f"popularity, last {RECENT} weeks"
_AFFINITY, _TEXT = "attribute affinity", "text neighbours"
_FUSED = "blend with the two-tower"


def _by_household(events: pd.DataFrame, n: int) -> list[np.ndarray]:
    """Each household's distinct items, in order."""
    pairs = events[["household_id", "item_id"]].drop_duplicates()
    pairs = pairs.sort_values(["household_id", "item_id"]).to_numpy()
    return np.split(pairs[:, 1], np.searchsorted(pairs[:, 0], np.arange(1, n)))


def _rankings(split: _Split, scores: np.ndarray, k: int) -> dict[int, np.ndarray]:
    """The k best items of each household with targets, best first, without what it has seen."""
    ranked = {}
    for household in split.households.tolist():
        row = scores[household].copy()
        row[split.seen[household]] = -np.inf
        best = np.argpartition(-row, k)[:k]
        ranked[household] = best[np.argsort(-row[best], kind="stable")]
    return ranked


def _table(rows: Mapping[str, list[np.ndarray]]) -> list[dict[str, Any]]:
    """One row per model: validation and test figures, and their spread where seeds differ."""
    table = []
    for name, measured in rows.items():
        validation, test = measured[0::2], measured[1::2]
        ndcg = [float(part[:, 0].mean()) for part in test]
        row = {
            "model": name,
            "validation NDCG@20": _mean(part[:, 0].mean() for part in validation),
            "test NDCG@20": _mean(ndcg),
            "test Recall@20": _mean(part[:, 1].mean() for part in test),
            "seeds": len(test),
            "spread of test NDCG@20": round(max(ndcg) - min(ndcg), 4),
        }
        table.append(row)
    return table


def _mean(values: Any) -> float:
    return round(float(np.mean(list(values))), 4)


def _difference(rows: Mapping[str, list[np.ndarray]], ours: str, other: str) -> dict[str, Any]:
    """Test NDCG@20 of one model minus that of another, with a 95 % bootstrap over households.

    Training seeds are averaged per household first: the interval is about households, the spread
    in the table about seeds.
    """
    per_household = [
        np.mean([part[:, 0] for part in rows[name][1::2]], axis=0) for name in (ours, other)
    ]
    gain = per_household[0] - per_household[1]
    rng = np.random.default_rng(0)
    means = [gain[rng.integers(len(gain), size=len(gain))].mean() for _ in range(N_RESAMPLES)]
    low, high = np.percentile(means, [2.5, 97.5])
    return {
        "model": ours,
        "against": other,
        "gain in NDCG@20": round(float(gain.mean()), 4),
        "95 % low": round(float(low), 4),
        "95 % high": round(float(high), 4),
        "households": len(gain),
    }

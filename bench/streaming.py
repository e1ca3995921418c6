"""Live blends over the whole stream, refreshed at once, weekly, in four weeks, or never.

    pip install river
    python bench/streaming.py            (about three minutes on one core)

Writes bench/results/streaming.json: recall@20 from week 9 on, over all 155,848 baskets, each
foretold before it is learned. A household at a time, with all its baskets as the rows of one
matrix: the lists of the model in `solutions/real_time` (but for ties), in a fraction of the time.

The reference's FTRL-Proximal stands beside river's, on products that were shown to some households:
examples per second of processor time, and the log loss of predictions made before learning. They
are not the same algorithm: river computes a coordinate's weight before it adds the example's
gradient, so each prediction lacks the example before it, and it does not set weights back to 0.
"""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from autograder.contracts import load_contracts
from shelfspace.data import WARM_UP_DAYS, Stream, load_stream
from shelfspace.pipelines import real_time

K = 20
ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "bench" / "results" / "streaming.json"
SHARE_OF_HOUSEHOLDS = 0.03  # whose examples the click models learn


@dataclass(frozen=True)
class Blend:
    """Fading counts of the household, plus a weight times the share of the shop's purchases.

    Half-lives are in days; `habits` False leaves popularity alone, and `refresh` answers from the
    state as it was at the last multiple of so many days (0: at once), `frozen` from that of a day.
    One that `peeks` has learned each basket before it foretells it.
    """

    habit: float = 84.0
    shop: float = 7.0
    weight: float = 200.0
    habits: bool = True
    refresh: float = 0.0
    frozen: float = np.inf
    peeks: bool = False

    def as_of(self, time: np.ndarray) -> np.ndarray:
        """The moment before which this model knows everything, for questions at these times."""
        last = time if not self.refresh else np.floor(time / self.refresh) * self.refresh
        return np.minimum(last, self.frozen)


class Replay:
    """A stream, and in which turn each basket is foretold: what came in earlier turns is known."""

    def __init__(self, stream: Stream, turn: np.ndarray) -> None:
        self.stream, self.turn = stream, turn
        self.sizes = np.diff(stream.offsets)
        self.basket_of = np.repeat(np.arange(len(stream)), self.sizes)
        self.n_turns = int(turn[-1]) + 1
        first_of_turn = np.searchsorted(turn, np.arange(self.n_turns))
        self.turn_time = stream.time[first_of_turn]
        self._shops: dict[float, _Shop] = {}

    def shop(self, half_life: float) -> _Shop:
        if half_life not in self._shops:
            self._shops[half_life] = _Shop(self, half_life)
        return self._shops[half_life]

    @cached_property
    def by_item(self) -> tuple[np.ndarray, np.ndarray]:
        """The order of lines by item, then time; and item * turns + turn in that order."""
        order = np.argsort(self.stream.item, kind="stable")
        lines = self.stream.item[order] * self.n_turns + self.turn[self.basket_of[order]]
        return order, lines

    def recalls(self, blends: dict[str, Blend]) -> dict[str, np.ndarray]:
        """recall@20 of every basket, by each blend."""
        found = {name: np.zeros(len(self.stream)) for name in blends}
        order = np.argsort(self.stream.household, kind="stable")
        bounds = np.flatnonzero(np.diff(self.stream.household[order])) + 1
        for baskets in np.split(order, bounds):
            for name, hits in self._hits(baskets, blends):
                found[name][baskets] = hits / np.minimum(self.sizes[baskets], K)
        return found

    def _known(self, blend: Blend, baskets: np.ndarray) -> np.ndarray:
        """Before which turn a blend knows everything when it foretells these baskets."""
        own, time = self.turn[baskets], self.stream.time[baskets]
        if blend.peeks:
            return np.minimum(own + 1, self.n_turns - 1)
        if blend.refresh == 0 and blend.frozen == np.inf:
            return own
        return np.minimum(np.searchsorted(self.turn_time, blend.as_of(time)), own)

    def _hits(
        self, baskets: np.ndarray, blends: dict[str, Blend]
    ) -> Iterator[tuple[str, np.ndarray]]:
        """How many items of each of a household's baskets are among the twenty, by each blend."""
        offsets, time = self.stream.offsets, self.stream.time[baskets]
        lines = np.concatenate([self.stream.item[offsets[b] : offsets[b + 1]] for b in baskets])
        items, column = np.unique(lines, return_inverse=True)
        bought = np.zeros((len(baskets), len(items)), bool)
        bought[np.repeat(np.arange(len(baskets)), self.sizes[baskets]), column] = True
        histories: dict[float, np.ndarray] = {}
        places: dict[tuple[float, float, bool], tuple[np.ndarray, np.ndarray]] = {}
        for name, blend in blends.items():
            if blend.habit not in histories:
                counts = np.vstack([np.zeros(len(items)), bought])
                counts[1:] *= 2 ** (time / blend.habit)[:, None]
                histories[blend.habit] = np.cumsum(counts, axis=0)
            known = self._known(blend, baskets)
            if (key := (blend.refresh, blend.frozen, blend.peeks)) not in places:
                # what the shop had sold of these items in earlier turns, as places among the lines
                asked = items * self.n_turns + known[:, None]
                places[key] = known, np.searchsorted(self.by_item[1], asked)
            known, place = places[key]
            shop = self.shop(blend.shop)
            popular = shop.before(place, items) / np.maximum(shop.total[known], 1.0)[:, None]
            own = histories[blend.habit][np.searchsorted(self.turn[baskets], known)]
            own = own * 0.5 ** (time / blend.habit)[:, None] * blend.habits
            scores = own + blend.weight * popular
            leaders = shop.leaders[known]
            others = np.where(
                np.isin(leaders, items) | (leaders < 0), -1.0, shop.leading[known] * blend.weight
            )
            scores = np.hstack([np.where(scores > 0, scores, -1.0), others])
            chosen = np.argpartition(scores, scores.shape[1] - K, axis=1)[:, -K:]
            offered = np.take_along_axis(scores, chosen, axis=1) > 0
            wide = np.hstack([bought, np.zeros_like(others, bool)])
            yield name, (np.take_along_axis(wide, chosen, axis=1) & offered).sum(1)


class _Shop:
    """What all households together had bought before each turn, fading with a half-life."""

    def __init__(self, replay: Replay, half_life: float) -> None:
        stream = replay.stream
        order, _ = replay.by_item
        weight = 2 ** (stream.time / half_life)
        lines = weight[replay.basket_of[order]]
        first = np.searchsorted(stream.item[order], np.arange(stream.n_items + 1))
        sums = np.zeros(len(lines) + 1)
        for begin, end in zip(first[:-1].tolist(), first[1:].tolist(), strict=True):
            if end > begin:  # sums within an item: all of the year's do not fit into one float
                np.cumsum(lines[begin:end], out=sums[begin + 1 : end + 1])
        self._first, self._sums = first, sums
        sold = np.concatenate([[0.0], np.cumsum(weight * replay.sizes)])
        self.total = sold[np.searchsorted(replay.turn, np.arange(replay.n_turns))]
        self.leaders = np.full((replay.n_turns, K), -1)
        self.leading = np.zeros((replay.n_turns, K))
        self._lead(replay, weight)

    def before(self, place: np.ndarray, items: np.ndarray) -> np.ndarray:
        """What these items' lines before each place weigh."""
        return np.where(place > self._first[items], self._sums[place], 0.0)

    def _lead(self, replay: Replay, weight: np.ndarray) -> None:
        """The best-selling items before each turn, and their shares."""
        value = np.zeros(replay.stream.n_items)
        pool = np.zeros(0, np.int64)
        turn = replay.turn.tolist()
        for basket, now in enumerate(turn):
            if basket == 0 or now != turn[basket - 1]:
                if len(pool) > K:  # only what was just bought can have risen
                    pool = pool[np.argpartition(value[pool], len(pool) - K)[-K:]]
                self.leaders[now, : len(pool)] = pool
                self.leading[now, : len(pool)] = value[pool] / max(self.total[now], 1.0)
            items = replay.stream.basket(basket)
            value[items] += weight[basket]
            pool = np.unique(np.concatenate([pool, items]))


BLENDS = {
    "live": Blend(),
    "without decay": Blend(habit=np.inf, shop=np.inf),
    "habits, half-life of a week": Blend(habit=7.0),
    "learned before foretold": Blend(peeks=True),
    "popularity, cumulative": Blend(shop=np.inf, habits=False),
    "popularity, half-life of a week": Blend(habits=False),
    "refreshed daily": Blend(refresh=1.0),
    "refreshed weekly": Blend(refresh=7.0),
    "refreshed every four weeks": Blend(refresh=28.0),
    "frozen on day 57": Blend(frozen=57.0),
}


def against_river(stream: Stream) -> dict[str, dict[str, float]]:
    """Examples per second and log loss of two FTRL-Proximals, and of the share of ones so far."""
    from river.linear_model import LogisticRegression  # not needed by who imports the blends
    from river.optim import FTRLProximal

    settings = real_time.Settings()
    notebook = ROOT / "solutions" / "real_time" / "real_time.ipynb"
    contracts = load_contracts(notebook, real_time.CONTRACTS)
    some = stream.sample(SHARE_OF_HOUSEHOLDS, np.random.default_rng(0))
    shown = real_time.Impressions.of(some, settings, contracts, progress=False)
    examples = np.concatenate(shown.features)
    labels = np.concatenate(shown.labels).tolist()
    parameters = settings.alpha, settings.beta, settings.l1, settings.l2
    ours = contracts["FTRLProximal"](*parameters)
    rivers = LogisticRegression(FTRLProximal(*parameters), intercept_lr=0.0)
    dicts = [dict.fromkeys(row, 1.0) for row in examples.tolist()]
    pairs = {
        "FTRL-Proximal, the reference's": (ours.predict, ours.learn, examples),
        "FTRL-Proximal, river's": (rivers.predict_proba_one, rivers.learn_one, dicts),
    }
    found = {}
    for name, (predict, learn, rows) in pairs.items():
        before, predicted = time.process_time(), []
        for row, label in zip(rows, labels, strict=True):
            predicted.append(predict(row))
            learn(row, label)
        seconds = time.process_time() - before
        p = [one[True] if isinstance(one, dict) else one for one in predicted]
        found[name] = {"examples_per_s": round(len(labels) / seconds), "log_loss": _loss(p, labels)}
    so_far = (np.cumsum(labels) - labels + 1) / (np.arange(len(labels)) + 2)
    found["the share of ones so far"] = {"log_loss": _loss(so_far, labels)}
    return found


def _loss(p: Any, labels: list[int]) -> float:
    p = np.clip(p, 1e-9, 1 - 1e-9)
    return round(float(-np.log(np.where(np.array(labels) == 1, p, 1 - p)).mean()), 4)


def main() -> None:
    stream = load_stream()
    judged = stream.time >= WARM_UP_DAYS
    found = Replay(stream, np.arange(len(stream))).recalls(BLENDS)
    recalls = {name: float(each[judged].mean()) for name, each in found.items()}
    live = recalls["live"]
    record = {
        "command": "python bench/streaming.py",
        "baskets": len(stream),
        "judged": int(judged.sum()),
        "recall_at_20": {name: round(recall, 4) for name, recall in recalls.items()},
        "against_live": {name: round(recall / live - 1, 4) for name, recall in recalls.items()},
        "click_models": against_river(stream),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "river": version("river"),
    }
    RESULTS.write_text(json.dumps(record, indent=1) + "\n", "utf-8")
    print(json.dumps(record, indent=1))


if __name__ == "__main__":
    main()

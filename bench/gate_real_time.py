"""How far right and wrong live models lie from the gate's bounds, on 20 seeds.

    python bench/gate_real_time.py            (about four minutes on one core)

Writes bench/results/gate_real_time.json: for each model, the smallest, median and largest value
over the seeds of its recall@20 over that of counts without decay, and of the processor time of a
basket with ten times as many products over that with few; and how often the gate passes.
A seed decides which tenth of the households is played, and the baskets of the second measurement.

Recalls are computed a household at a time (see streaming.py), in the gate's own turns; costs with
the models' code, in this process.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from streaming import Blend, Replay

from autograder.contracts import load_contracts
from autograder.exercises.real_time import props
from autograder.exercises.real_time.checks import live_model as gate

SEEDS = 20
ROOT = Path(__file__).parent.parent
RESULTS = Path(__file__).parent / "results" / "gate_real_time.json"
REFERENCE = ROOT / "solutions" / "real_time" / "real_time.ipynb"


class Arrays:
    """The blend with arrays over the catalogue; `scan` chooses from all of it for each basket."""

    def __init__(self, habit: float, shop: float, weight: float, scan: bool) -> None:
        self.half_lives, self.weight, self.scan = (habit, shop), weight, scan
        self.habits: dict[int, dict[int, float]] = {}
        self.sold, self.total = np.zeros(1024), 0.0
        self.pool = np.zeros(0, np.int64)

    def predict(self, time: float, household: int) -> np.ndarray:
        own = self.habits.get(household, {})
        share = self.weight / max(self.total, 1.0)
        leaders = np.argpartition(self.sold, -40)[-40:] if self.scan else self.pool
        others = np.setdiff1d(leaders, np.fromiter(own, np.int64, len(own)))
        items = np.concatenate([np.fromiter(own, np.int64, len(own)), others])
        scores = share * self.sold[items]
        fade = 0.5 ** (time / self.half_lives[0])
        scores[: len(own)] += fade * np.fromiter(own.values(), float, len(own))
        return items[np.argsort(-scores)[:20]]

    def learn(self, time: float, household: int, items: list[int]) -> None:
        habit, latest = (2 ** (time / half_life) for half_life in self.half_lives)
        own = self.habits.setdefault(household, {})
        for item in items:
            own[item] = own.get(item, 0.0) + habit
        while max(items) >= len(self.sold):
            self.sold = np.concatenate([self.sold, np.zeros_like(self.sold)])
        self.sold[items] += latest
        self.total += latest * len(items)
        pool = np.union1d(self.pool, items)
        if len(pool) > 40:
            pool = pool[np.argpartition(self.sold[pool], len(pool) - 40)[-40:]]
        self.pool = pool


def _reference() -> Any:
    return load_contracts(REFERENCE, ["live_model"])["live_model"]()


def _arrays(blend: Blend, scan: bool = False) -> Callable[[], Arrays]:
    return lambda: Arrays(blend.habit, blend.shop, blend.weight, scan)


REFERENCE_BLEND, SLOWER = Blend(), Blend(habit=112.0, weight=300.0)
FASTER, FORGETFUL = Blend(habit=56.0, weight=150.0), Blend(habit=7.0)
UNDECAYED = Blend(habit=np.inf, shop=np.inf)
LIGHTER, HEAVIER = (Blend(habit=np.inf, shop=np.inf, weight=weight) for weight in (100.0, 400.0))

MODELS: dict[str, tuple[Blend, Callable[[], Any]]] = {
    "right: the reference": (REFERENCE_BLEND, _reference),
    "right: arrays, slower decay": (SLOWER, _arrays(SLOWER)),
    "right: arrays, faster decay": (FASTER, _arrays(FASTER)),
    "wrong: no decay, half the weight": (LIGHTER, _arrays(LIGHTER)),
    "wrong: no decay, twice the weight": (HEAVIER, _arrays(HEAVIER)),
    "wrong: half-life of a week for habits": (FORGETFUL, _arrays(FORGETFUL)),
    "wrong: the whole catalogue for each basket": (
        REFERENCE_BLEND,
        _arrays(REFERENCE_BLEND, scan=True),
    ),
}


def main() -> None:
    rows = np.array([_measure(seed) for seed in range(SEEDS)])
    summary = {name: _summarise(rows[:, at]) for at, name in enumerate(MODELS)}
    record = {
        "command": "python bench/gate_real_time.py",
        "seeds": SEEDS,
        "bounds": {
            "recall_over_no_decay_at_least": gate.MIN_RECALL_RATIO,
            "cost_growth_below": gate.MAX_COST_RATIO,
        },
        "models": summary,
        "python": platform.python_version(),
        "numpy": np.__version__,
    }
    RESULTS.write_text(json.dumps(record, indent=1) + "\n", "utf-8")


def _measure(seed: int) -> list[tuple[float, float]]:
    """For each model, its recall over that without decay, and the growth of its cost."""
    sample = gate.Sample(seed)
    lengths = [last - first for first, last in sample.turns]
    replay = Replay(sample.stream, np.repeat(np.arange(len(lengths)), lengths))
    blends = {name: blend for name, (blend, _) in MODELS.items()}
    judged = sample.stream.time >= 50.0
    recalls = replay.recalls({**blends, "without decay": UNDECAYED})
    without = recalls["without decay"][judged].mean()
    baskets = gate.baskets_of_few(np.random.default_rng(seed), 400)
    rows = []
    for name, (_, make) in MODELS.items():
        growth = props.growth_of_events(
            make, gate.N_ITEMS, gate.TIMES_AS_MANY, baskets, gate.MAX_COST_RATIO
        )
        rows.append((float(recalls[name][judged].mean() / without), growth))
    print(seed, json.dumps(dict(zip(MODELS, rows, strict=True))), flush=True)
    return rows


def _summarise(rows: np.ndarray) -> dict[str, object]:
    passed = (rows[:, 0] >= gate.MIN_RECALL_RATIO) & (rows[:, 1] < gate.MAX_COST_RATIO)
    names = ("recall_over_no_decay", "cost_growth")
    spread = {
        name: [round(float(value), 3) for value in (column.min(), np.median(column), column.max())]
        for name, column in zip(names, rows.T, strict=True)
    }
    return {**spread, "passes": f"{int(passed.sum())}/{len(rows)}"}


if __name__ == "__main__":
    main()

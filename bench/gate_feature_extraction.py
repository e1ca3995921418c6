"""How far right and wrong encoders lie from the gate's bounds, on 20 seeds.

    python bench/gate_feature_extraction.py            (about fifteen minutes on one core)

Writes bench/results/gate_feature_extraction.json: for each way to train, the smallest, median and
largest of each measure over the seeds, and how often the gate passes. A seed decides which
households are unseen, the views, and the encoder's own randomness. `flat` is Recall@1 after
training with a loss that is 0 everywhere, over that of the untrained encoder. Counted as passing
is what passes by these measures. The gate also sees, without measuring quality, that a head was
kept, training mode left on, one view used twice, or the rows of the two views not paired.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from autograder.exercises.feature_extraction.checks import train_encoder as gate
from autograder.exercises.feature_extraction.checks.households import (
    Households,
    households,
    recall_at_1,
    recall_of_svd,
    recall_untrained,
    uniformity,
)
from autograder.exercises.feature_extraction.props import HIDDEN, flat_loss, make_encoder
from autograder.submission import read_submission

SEEDS = 20
HERE = Path(__file__).parent
RESULTS = HERE / "results" / "gate_feature_extraction.json"
REFERENCE = HERE.parent / "solutions" / "feature_extraction" / "feature_extraction.py"

Views = Callable[[], tuple[torch.Tensor, torch.Tensor]]
Loss = Callable[[torch.Tensor, torch.Tensor, float], torch.Tensor]


def reference(name: str) -> Callable:
    """A contract of the reference, loaded as a submission is."""
    namespace: dict[str, Any] = {}
    for statement in read_submission(REFERENCE).slice(name) or ():
        exec(statement.source, namespace)
    return namespace[name]


def train(
    views: Views,
    loss: Loss,
    rng: np.random.Generator,
    *,
    rate: float = 3e-3,
    temperature: float = 0.2,
    optimizer: Callable = torch.optim.AdamW,
    epochs: int = gate.EPOCHS,
    head_only: bool = False,
    own_loss: Loss | None = None,
) -> nn.Module:
    """An encoder, trained well or in one of the ways that the gate must not let pass."""
    loss = own_loss or loss
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(rng.integers(2**31)))
        encoder, head = make_encoder(rng)
        trained = [*head.parameters()] if head_only else [*encoder.parameters(), *head.parameters()]
        steps = optimizer(trained, lr=rate)
        for _ in range(epochs):
            x_a, x_b = views()
            value = loss(head(encoder(x_a)), head(encoder(x_b)), temperature)
            steps.zero_grad()
            value.backward()
            steps.step()
    return encoder.eval()


def alignment_only(z_a: torch.Tensor, z_b: torch.Tensor, temperature: float) -> torch.Tensor:
    """Positives without negatives: everything may end in one point."""
    return (z_a - z_b).square().mean()


def labels_off(z_a: torch.Tensor, z_b: torch.Tensor, temperature: float) -> torch.Tensor:
    """The reference's loss, with every positive one row off."""
    return reference_loss(z_a, z_b.roll(1, 0), temperature)


reference_loss = reference("nt_xent")
_reference_trainer = reference("train_encoder")

REFERENCE_TRAINER = "right: reference"
IGNORES_LOSS = "wrong: loss ignored, a contrastive one of its own"
TRAINERS: dict[str, Callable] = {
    REFERENCE_TRAINER: lambda views, loss, rng: _reference_trainer(
        views, make_encoder, loss, gate.EPOCHS, rng
    ),
    "right: Adam 0.01, temperature 0.1": partial(
        train, rate=1e-2, temperature=0.1, optimizer=torch.optim.Adam
    ),
    "right: AdamW 0.001, temperature 0.5": partial(train, rate=1e-3, temperature=0.5),
    "right, but timid: RMSprop 0.0005, temperature 0.1": partial(
        train, rate=5e-4, temperature=0.1, optimizer=torch.optim.RMSprop
    ),
    "wrong: untrained": partial(train, epochs=0),
    "wrong: optimizer holds the head only": partial(train, head_only=True),
    IGNORES_LOSS: partial(train, own_loss=reference_loss),
    "wrong: loss ignored, positives only": partial(train, own_loss=alignment_only, rate=1e-2),
    "wrong: labels off by one": partial(train, own_loss=labels_off),
}
CONSTANT = "wrong: constant"


def main() -> None:
    rows: dict[str, list[dict[str, float]]] = {name: [] for name in (*TRAINERS, CONSTANT)}
    shop: list[dict[str, float]] = []
    with ProcessPoolExecutor(2) as pool:
        for seed, (baselines, found) in enumerate(pool.map(_one_seed, range(SEEDS))):
            shop.append(baselines)
            for name, row in found.items():
                rows[name].append(row)
            print(seed, {name: _passes(row) for name, row in found.items()}, flush=True)
    _write(shop, rows)


def _one_seed(seed: int) -> tuple[dict[str, float], dict[str, dict[str, float]]]:
    """The baselines' recall and each trainer's measures on one seed's households."""
    torch.set_num_threads(1)
    data = households(seed)
    baselines = {"untrained": recall_untrained(data, seed), "svd": recall_of_svd(data)}
    rows = {CONSTANT: _measures(_Constant(), data, baselines)}
    for name, trainer in TRAINERS.items():
        encoder = _trained(trainer, data, reference_loss, seed)
        rows[name] = _measures(encoder, data, baselines)
        if name in (REFERENCE_TRAINER, IGNORES_LOSS):
            flat = _measures(_trained(trainer, data, flat_loss, seed), data, baselines)
            rows[name]["flat"] = flat["untrained_ratio"]
    return baselines | {"inputs": recall_at_1(data.second, data.first)}, rows


class _Constant(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.ones(len(x), HIDDEN)


def _trained(trainer: Callable, data: Households, loss: Loss, seed: int) -> nn.Module:
    source = np.random.default_rng(seed)
    views = lambda: tuple(map(torch.from_numpy, data.views(source)))  # noqa: E731
    return trainer(views, loss, np.random.default_rng(seed + 1000))


def _measures(
    encoder: nn.Module, data: Households, baselines: dict[str, float]
) -> dict[str, float]:
    with torch.no_grad():
        first, second = (encoder(torch.from_numpy(x)).numpy() for x in (data.first, data.second))
    recall = recall_at_1(second, first)
    return {
        "recall": recall,
        "untrained_ratio": recall / baselines["untrained"],
        "svd_ratio": recall / baselines["svd"],
        "uniformity": uniformity(first),
    }


def _passes(row: dict[str, float]) -> bool:
    return bool(
        row["untrained_ratio"] >= gate.MIN_UNTRAINED_RATIO
        and row["svd_ratio"] >= gate.MIN_SVD_RATIO
        and row["uniformity"] <= gate.MAX_UNIFORMITY
        and row.get("flat", 0.0) <= gate.MAX_FLAT_RATIO
    )


def _write(shop: list[dict[str, float]], rows: dict[str, list[dict[str, float]]]) -> None:
    record = {
        "command": "python bench/gate_feature_extraction.py",
        "seeds": len(shop),
        "epochs": gate.EPOCHS,
        "bounds": {
            "untrained_ratio_at_least": gate.MIN_UNTRAINED_RATIO,
            "svd_ratio_at_least": gate.MIN_SVD_RATIO,
            "uniformity_at_most": gate.MAX_UNIFORMITY,
            "flat_at_most": gate.MAX_FLAT_RATIO,
        },
        "recall_at_1_of_baselines": _spread(shop),
        "models": {
            name: {**_spread(found), "passes": f"{sum(map(_passes, found))}/{len(found)}"}
            for name, found in rows.items()
        },
        "python": platform.python_version(),
        "torch": version("torch"),
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(record, indent=1) + "\n", "utf-8")


def _spread(rows: list[dict[str, float]]) -> dict[str, list[float]]:
    """Smallest, median and largest of each measure."""
    return {
        name: [
            round(float(value), 3)
            for value in np.quantile([row[name] for row in rows], (0, 0.5, 1))
        ]
        for name in rows[0]
    }


if __name__ == "__main__":
    main()

"""How far right and wrong two-tower trainers lie from the gate's bounds, on 20 seeds.

    python bench/gate_recommender.py            (about half an hour on one core)

Writes bench/results/gate_recommender.json: for each trainer, the smallest, median and largest value
over the seeds of its NDCG on new items over EASE's, and of its NDCG with log_q replaced by zeros
over that with log_q; and how often the gate passes. A seed decides the trainer's randomness and
which 90% of the households it sees; even seeds are judged on the validation weeks (as in
self-check), odd ones on the test weeks (as in grading).
"""

from __future__ import annotations

import json
import platform
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from autograder.exercises.recommender.checks import train_two_tower as gate
from autograder.submission import read_submission

SEEDS = 20
ROOT = Path(__file__).parent.parent
RESULTS = Path(__file__).parent / "results" / "gate_recommender.json"
Trainer = Callable[[dict[str, Any], Callable[..., torch.Tensor], int, np.random.Generator], Any]


def _reference() -> tuple[Trainer, Callable[..., torch.Tensor]]:
    """The reference's trainer and loss, from its notebook."""
    notebook = read_submission(ROOT / "solutions" / "recommender" / "recommender.ipynb")
    statements = notebook.slice("train_two_tower", ("sampled_softmax",))
    assert statements is not None
    names: dict[str, Any] = {}
    for statement in statements:
        exec("from __future__ import annotations\n" + statement.source, names)
    return names["train_two_tower"], names["sampled_softmax"]


REFERENCE, SAMPLED_SOFTMAX = _reference()


def _without_log_q(users: Any, items: Any, ids: Any, log_q: Any, temperature: float) -> Any:
    return SAMPLED_SOFTMAX(users, items, ids, torch.zeros_like(log_q), temperature)


# ---------------------------------------------------------------------- what trainers share


def _bought(data: dict[str, Any]) -> np.ndarray:
    counts = np.zeros((data["n_households"], data["n_items"]), np.float32)
    np.add.at(counts, (data["household"], data["item"]), 1)
    return counts


def _prior(data: dict[str, Any], buyers: np.ndarray) -> np.ndarray:
    """What is being taken up lately: how likely a household that lacks an item begins with it."""
    cells = data["household"] * data["n_items"] + data["item"]
    first = np.unique(cells, return_index=True)[1]
    recent = first[data["week"][first] > data["week"].max() - 8]
    adopted = np.bincount(data["item"][recent], minlength=data["n_items"])
    rate = adopted / (data["n_households"] - buyers + adopted + 50) + 0.003
    return 0.75 * (np.log(rate) - 0.5 * np.log(buyers + 1))


def _model(users: torch.Tensor, items: torch.Tensor, bias: np.ndarray) -> SimpleNamespace:
    ones = torch.ones(len(users), 1)
    last = torch.from_numpy(np.asarray(bias)).float()[:, None]
    return SimpleNamespace(
        user_vectors=torch.cat([users, ones], 1), item_vectors=torch.cat([items, last], 1)
    )


# ---------------------------------------------------------------------- trainers


def decayed_bags(
    data: dict[str, Any],
    loss: Callable[..., torch.Tensor],
    epochs: int,
    rng: np.random.Generator,
    deep: bool = False,
    change: Callable[[torch.Tensor], torch.Tensor] = lambda log_q: log_q,
) -> SimpleNamespace:
    """User tower: two bags of one embedding, all purchases and the decayed ones; no attributes."""
    n, n_items, dim = data["n_households"], data["n_items"], 64
    counts = _bought(data)
    decayed = np.zeros_like(counts)
    ages = data["week"].max() - data["week"]
    np.add.at(decayed, (data["household"], data["item"]), 0.5 ** (ages / 20))
    bags = torch.from_numpy(np.sqrt(counts)), torch.from_numpy(np.sqrt(decayed))
    bought, buyers = torch.from_numpy(counts > 0), (counts > 0).sum(0)
    share = torch.from_numpy((buyers + 1) / (buyers + 1).sum()).float()
    log_q = change(torch.log(share))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(rng.integers(2**31)))
        known, asked = nn.Embedding(n_items, dim), nn.Embedding(n_items, dim)
        for table in (known, asked):
            nn.init.normal_(table.weight, 0, 0.03)
        join = nn.Linear(2 * dim, dim)
        deeper = nn.Sequential(nn.Linear(dim, dim), nn.GELU(), nn.Linear(dim, dim))
        bias = nn.Parameter(torch.log(share) - torch.log(share).mean())
        decayed_too = [known.weight, asked.weight, *join.parameters(), *deeper.parameters()]
        optimizer = torch.optim.AdamW(
            [
                {"params": decayed_too, "weight_decay": 1.0},
                {"params": [bias], "weight_decay": 0.0},
            ],
            lr=3e-3,
        )
        steps = epochs * -(-n // 128)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)

        def users_of(rows: Any, kept: Any) -> torch.Tensor:
            sums = [F.normalize(bag[rows] * kept, dim=1) @ known.weight for bag in bags]
            users = join(8 * torch.cat(sums, 1))
            return users + deeper(users) if deep else users

        for _ in range(epochs):
            for rows in torch.from_numpy(rng.permutation(n)).split(128):
                kept = torch.rand(len(rows), n_items) < 0.9
                ids = torch.multinomial(bought[rows] * ~kept + 1e-12, 6).reshape(-1)
                who = torch.arange(len(rows)).repeat_interleave(6)
                users = torch.cat([users_of(rows, kept)[who], torch.ones(len(who), 1)], 1)
                items = torch.cat([asked(ids), bias[ids, None]], 1)
                optimizer.zero_grad()
                loss(users, items, ids, log_q[ids], 1.0).backward()
                optimizer.step()
                schedule.step()
        with torch.no_grad():
            users = users_of(torch.arange(n), torch.ones(1))
    return _model(users, asked.weight.detach(), bias.detach().numpy() + _prior(data, buyers))


def household_embeddings(
    data: dict[str, Any],
    loss: Callable[..., torch.Tensor],
    epochs: int,
    rng: np.random.Generator,
    learn_items: bool = True,
) -> SimpleNamespace:
    """A free vector per household and item, as in matrix factorisation."""
    n, n_items, dim = data["n_households"], data["n_items"], 64
    pairs = np.unique(data["household"] * n_items + data["item"])
    buyers = np.bincount(pairs % n_items, minlength=n_items)
    log_q = torch.from_numpy(np.log((buyers + 1) / (buyers + 1).sum())).float()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(rng.integers(2**31)))
        users, items = nn.Embedding(n, dim), nn.Embedding(n_items, dim)
        for table in (users, items):
            nn.init.normal_(table.weight, 0, 0.1)
        items.weight.requires_grad_(learn_items)
        bias = nn.Parameter(log_q - log_q.mean(), requires_grad=learn_items)
        learned = [users.weight, items.weight, bias] if learn_items else [users.weight]
        optimizer = torch.optim.AdamW(learned, lr=0.02, weight_decay=1.0)
        steps = 20 * epochs
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.02, total_steps=steps)
        for _ in range(steps):
            drawn = torch.from_numpy(pairs[rng.integers(len(pairs), size=1024)])
            who, ids = drawn // n_items, drawn % n_items
            side = torch.cat([users(who), torch.ones(len(who), 1)], 1)
            optimizer.zero_grad()
            loss(side, torch.cat([items(ids), bias[ids, None]], 1), ids, log_q[ids], 1.0).backward()
            optimizer.step()
            schedule.step()
    last = bias.detach().numpy() + _prior(data, buyers)
    return _model(users.weight.detach(), items.weight.detach(), last)


def popularity(data: dict, loss: Any, epochs: int, rng: Any, recent: bool = False) -> Any:
    buyers = (_bought(data) > 0).sum(0)
    bias = np.log(buyers + 1) + (_prior(data, buyers) if recent else 0.0)
    zeros = torch.zeros(data["n_households"], 1)
    return _model(zeros, torch.zeros(data["n_items"], 1), bias)


def ease_factors(data: dict, loss: Any, epochs: int, rng: Any) -> Any:
    """The best 256 factors of EASE, without a step of training."""
    from scipy.sparse import csr_matrix

    from shelfspace.baselines import EASE, log_counts

    counts = csr_matrix(_bought(data))
    model = EASE(gate.EASE_L2, form="primal").fit(log_counts(counts))
    left, size, right = np.linalg.svd(model.item_weights)
    users = log_counts(counts) @ (left[:, :256] * size[:256])
    return SimpleNamespace(user_vectors=users, item_vectors=right[:256].T)


def random_vectors(data: dict, loss: Any, epochs: int, rng: np.random.Generator) -> Any:
    sizes = data["n_households"], data["n_items"]
    users, items = (rng.normal(size=(size, 16)) for size in sizes)
    return SimpleNamespace(user_vectors=users, item_vectors=items)


def constant(data: dict, loss: Any, epochs: int, rng: Any) -> Any:
    sizes = data["n_households"], data["n_items"]
    users, items = (np.ones((size, 4)) for size in sizes)
    return SimpleNamespace(user_vectors=users, item_vectors=items)


def _changed(trainer: Callable[..., Any], **options: Any) -> Trainer:
    return lambda data, loss, epochs, rng: trainer(data, loss, epochs, rng, **options)


def _own_loss(data: dict, loss: Any, epochs: int, rng: Any) -> Any:
    """A good model, trained by a loss of its own instead of the one that it is handed."""
    return REFERENCE(data, SAMPLED_SOFTMAX, epochs, rng)


MODELS: dict[str, Trainer] = {
    "right: the reference": REFERENCE,
    "right: decayed bags": decayed_bags,
    "right: decayed bags, deep user tower": _changed(decayed_bags, deep=True),
    "wrong: popularity": popularity,
    "wrong: popularity, recent uptake": _changed(popularity, recent=True),
    "wrong: EASE factors, loss ignored": ease_factors,
    "wrong: random vectors": random_vectors,
    "wrong: constant": constant,
    "wrong: log_q not estimated": _changed(decayed_bags, change=torch.zeros_like),
    "wrong: log_q inverted": _changed(decayed_bags, change=torch.neg),
    "wrong: item vectors untrained": _changed(household_embeddings, learn_items=False),
    "wrong: a loss of its own": _own_loss,
}
SAME_EVERY_TIME = {"wrong: a loss of its own"}  # without log_q it is the same model by construction


def main() -> None:
    summary = {}
    for name, trainer in MODELS.items():
        rows = np.array([_measure(name, trainer, seed) for seed in range(SEEDS)])
        summary[name] = _summarise(rows)
        print(name, json.dumps(summary[name]), flush=True)
    record = {
        "command": "python bench/gate_recommender.py",
        "seeds": SEEDS,
        "epochs": gate.EPOCHS,
        "bounds": {
            "ndcg_over_ease_at_least": gate.MIN_NDCG_RATIO,
            "without_log_q_below": gate.MAX_WITHOUT_LOG_Q,
        },
        "models": summary,
        "python": platform.python_version(),
        "torch": version("torch"),
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(record, indent=1) + "\n", "utf-8")


def _measure(name: str, trainer: Trainer, seed: int) -> tuple[float, float]:
    """NDCG over EASE's, and that with log_q replaced by zeros over it."""
    found, ease = gate.period(np.random.default_rng(seed), is_test=seed % 2 == 1)

    def ndcg(loss: Any) -> float:
        made = trainer(found.data, loss, gate.EPOCHS, np.random.default_rng(seed))
        users, items = (np.asarray(v, float) for v in (made.user_vectors, made.item_vectors))
        return found.ndcg(users @ items.T)

    corrected = ndcg(SAMPLED_SOFTMAX)
    without = corrected if name in SAME_EVERY_TIME else ndcg(_without_log_q)
    return corrected / ease, without / max(corrected, 1e-9)


def _summarise(rows: np.ndarray) -> dict[str, object]:
    passed = (rows[:, 0] >= gate.MIN_NDCG_RATIO) & (rows[:, 1] < gate.MAX_WITHOUT_LOG_Q)
    names = ("ndcg_over_ease", "without_log_q")
    spread = {
        name: [round(float(value), 3) for value in (column.min(), np.median(column), column.max())]
        for name, column in zip(names, rows.T, strict=True)
    }
    return {**spread, "passes": f"{int(passed.sum())}/{len(rows)}"}


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()

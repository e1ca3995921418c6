"""Checks of the gate: a two-tower model on the real purchases, beside EASE."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

import numpy as np

from autograder.checking import Case, check
from autograder.sandbox.wire import Handle, Own

K = 20
EPOCHS = 15
EASE_L2 = 3000.0  # the best of 100, 300, 1000, 3000, 10000 on the validation weeks
MIN_NDCG_RATIO, MAX_WITHOUT_LOG_Q = 0.95, 0.70
SHARE_OF_HOUSEHOLDS = 0.9


@cache
def purchase_weeks() -> tuple[dict[str, np.ndarray], int, np.ndarray]:
    """Distinct household x item x week events by week, the number of households, attributes."""
    from shelfspace.data.purchases import load_purchases

    purchases = load_purchases("product_type")
    events = purchases.events[["week", "household", "item"]].drop_duplicates()
    events = events.sort_values(["week", "household", "item"])
    columns = {name: events[name].to_numpy() for name in ("household", "item", "week")}
    return columns, purchases.n_households, purchases.item_attributes()[0]


class Period:
    """Events up to a week of some households, and the new items that these buy afterwards."""

    def __init__(self, households: np.ndarray, last_week: int, horizon: int) -> None:
        columns, n_households, attributes = purchase_weeks()
        number = np.full(n_households, -1)
        number[households] = np.arange(len(households))
        row, item, week = number[columns["household"]], columns["item"], columns["week"]
        known = (row >= 0) & (week <= last_week)
        later = (row >= 0) & (week > last_week) & (week <= last_week + horizon)
        self.counts = np.zeros((len(households), len(attributes)), np.int64)
        np.add.at(self.counts, (row[known], item[known]), 1)
        self.relevant = np.zeros(self.counts.shape, bool)
        self.relevant[row[later], item[later]] = True
        self.relevant &= self.counts == 0
        self.data = {
            "household": row[known],
            "item": item[known],
            "week": week[known],
            "n_households": len(households),
            "n_items": len(attributes),
            "item_attributes": attributes,
        }

    def ndcg(self, scores: np.ndarray) -> float:
        """Mean NDCG@20 on items not bought before, over households that buy any such item."""
        rows = np.flatnonzero(self.relevant.any(1))
        scores = np.where(self.counts[rows] > 0, -np.inf, scores[rows])
        top = np.argpartition(-scores, K, axis=1)[:, :K]
        order = np.argsort(-np.take_along_axis(scores, top, 1), axis=1, kind="stable")
        hits = np.take_along_axis(self.relevant[rows], np.take_along_axis(top, order, 1), 1)
        discount = 1 / np.log2(np.arange(2, K + 2))
        best = np.minimum(self.relevant[rows].sum(1), K)
        return float(((hits * discount).sum(1) / np.cumsum(discount)[best - 1]).mean())

    @property
    def ease(self) -> float:
        """The NDCG of EASE (Steck 2019) on the logarithms of the counts."""
        from scipy.sparse import csr_matrix

        from shelfspace.baselines import EASE, log_counts

        model = EASE(EASE_L2).fit(log_counts(csr_matrix(self.counts)))
        return self.ndcg(model.scores(np.arange(len(self.counts))))


def period(rng: np.random.Generator, is_test: bool) -> tuple[Period, float]:
    """The validation or test weeks of a random 90% of the households, and EASE's NDCG there."""
    n_households = purchase_weeks()[1]
    size = int(SHARE_OF_HOUSEHOLDS * n_households)
    households = np.sort(rng.permutation(n_households)[:size])
    return _period(households.tobytes(), is_test)


@lru_cache(4)
def _period(households: bytes, is_test: bool) -> tuple[Period, float]:
    from shelfspace.data.purchases import TEST_WEEK, VALIDATION_WEEK

    first, horizon = (TEST_WEEK, 5) if is_test else (VALIDATION_WEEK, 4)
    made = Period(np.frombuffer(households, np.int64), first - 1, horizon)
    return made, made.ease


def _few_households() -> dict[str, Any]:
    """The events of 150 households in ten weeks."""
    return Period(np.arange(150), 10, 4).data


def _vectors(case: Case, model: Handle, data: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Both sides of a model, well-formed, in double precision."""
    sides = []
    for side, rows in (("user_vectors", "n_households"), ("item_vectors", "n_items")):
        value = case.read(case.prop("vectors_of"), model, side)
        if isinstance(value, list):
            case.fail(
                f"{side} is too wide: at most 512 columns.",
                got=str(tuple(value)),
                category="wrong shape",
            )
        array = case.array(value, side, shape=(data[rows], None), kinds="f")
        sides.append(array.astype(float))
    users, items = sides
    if users.shape[1] != items.shape[1]:
        case.fail(
            "user_vectors and item_vectors must have the same number of columns.",
            got=f"{users.shape} and {items.shape}",
            category="wrong shape",
        )
    return users, items


def _ndcg(case: Case, found: Period, loss: Any, rng: Any) -> float:
    model = case.make(found.data, loss, EPOCHS, rng)
    users, items = _vectors(case, model, found.data)
    return found.ndcg(users @ items.T)


@check(
    "train_two_tower",
    f"NDCG@{K} on new items is at least {MIN_NDCG_RATIO:g} x that of EASE",
    advice="Train on weeks 1-44 and measure on weeks 45-48. Popularity alone is a good start: what "
    "do the towers add? Regularise, hide some of a household's items while training, and look at "
    "what has been taken up lately.",
    weight=2.0,
    core=True,
)
def gate_ranks_new_items(case: Case) -> None:
    # public cases are the validation weeks, so that a learner's choices are made on these; the
    # grade is taken on later ones
    found, ease = period(case.rng, is_test="/secret/" in case.key)
    got = _ndcg(case, found, Own("sampled_softmax"), case.fresh_rng())
    if got < MIN_NDCG_RATIO * ease:
        case.fail(
            "The model ranks new items worse than a closed-form linear model does.",
            expected=f"an NDCG@{K} of at least {MIN_NDCG_RATIO * ease:.4f}",
            got=f"{got:.4f}",
        )


@check(
    "train_two_tower",
    f"with log_q replaced by zeros, its NDCG falls below {MAX_WITHOUT_LOG_Q:g} x of that",
    advice="Train both towers by the loss that you are handed, with a log_q for each item that "
    "follows from how often it is drawn as a positive.",
    core=True,
    seeds=(1, 0),
)
def gate_uses_the_loss(case: Case) -> None:
    found, _ = period(case.rng, is_test=False)
    rng = case.fresh_rng()
    corrected = _ndcg(case, found, Own("sampled_softmax"), rng)
    uncorrected = case.stage(case.prop("without_log_q"), Own("sampled_softmax"))
    without = _ndcg(case, found, uncorrected, rng)
    if without < MAX_WITHOUT_LOG_Q * corrected:
        return
    case.fail(
        "Handed a loss that ignores log_q, your trainer gives a model that ranks too much like the "
        "one before.",
        expected=f"an NDCG@{K} below {MAX_WITHOUT_LOG_Q * corrected:.4f}",
        got=f"{without:.4f}",
        misconception=_why_alike(case, without / max(corrected, 1e-9)),
    )


def _why_alike(case: Case, ratio: float) -> str | None:
    """The known reason why a loss without log_q makes so little difference."""
    uses = case.read(case.prop("uses_of_the_loss"))
    if not isinstance(uses, dict) or not uses.get("calls"):
        return "loss_not_used"
    if not uses.get("varied"):
        return "log_q_not_estimated"
    if ratio > 1.1:
        return "log_q_inverted"
    return "loss_not_used" if ratio > 0.99 else None


@check(
    "train_two_tower",
    "its inputs and global random state are left alone",
    advice="Train inside `with torch.random.fork_rng():`, after `torch.manual_seed` of a number "
    "that rng draws.",
    weight=0.5,
    seeds=(1, 0),
)
def gate_leaves_alone(case: Case) -> None:
    case.leaves_alone(_few_households(), Own("sampled_softmax"), 1, case.fresh_rng())


@check(
    "train_two_tower",
    "the same state of rng gives the same model, another state another",
    advice="Seed torch with a number drawn from rng, and shuffle with rng.",
    weight=0.5,
    seeds=(1, 0),
)
def gate_follows_rng(case: Case) -> None:
    data, rng = _few_households(), case.fresh_rng()
    states = (rng, rng, case.fresh_rng())
    models = [case.make(data, Own("sampled_softmax"), 1, state) for state in states]
    scores = [users @ items.T for users, items in (_vectors(case, m, data) for m in models)]
    if not np.allclose(scores[0], scores[1], rtol=1e-4, atol=1e-5):
        case.fail(
            "Two models from the same data and the same state of `rng` score differently.",
            category="not reproducible",
        )
    if np.allclose(scores[0], scores[2], rtol=1e-4, atol=1e-5):
        case.fail("Generators in different states gave the same model.", category="ignores rng")

"""Checks of the gate: an encoder that recognises real households which it has never seen."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from autograder.checking import Case, check
from autograder.exercises.feature_extraction.props import HIDDEN, INPUT, PROJECTED
from autograder.sandbox.wire import Handle, Own, Prop, Remote, Rng, Tensor

EPOCHS = 400
MIN_UNTRAINED_RATIO, MIN_SVD_RATIO = 1.10, 0.78
MAX_UNIFORMITY = -2.0
MAX_FLAT_RATIO = 1.10

VIEWS = 1
Views = Callable[[np.random.Generator], tuple[np.ndarray, np.ndarray]]


class Source:
    """The judge's `views`: answers the calls, and counts them."""

    def __init__(self, views: Views, seed: int) -> None:
        self._views, self._rng = views, np.random.default_rng(seed)
        self.calls = 0
        self.remotes = {VIEWS: self._answer}

    def _answer(self, method: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        self.calls += 1
        return tuple(Tensor(view.astype(np.float32)) for view in self._views(self._rng))


def _some_views(case: Case, n: int = 96) -> Views:
    """Made-up households, for checks that do not ask how good the encoder is."""
    typical = case.rng.normal(size=(n, INPUT))

    def views(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        a, b = typical + 0.5 * rng.normal(size=(2, n, INPUT))
        return a, b

    return views


def _arguments(case: Case, loss: Own | Prop, epochs: int, rng: Rng) -> tuple[Any, ...]:
    return Remote(VIEWS), case.prop("make_encoder"), loss, epochs, rng


def _train(
    case: Case, views: Views, loss: Own | Prop, epochs: int, rng: Rng, seed: int = 0
) -> Handle:
    """The encoder that the submission trains; `views` are drawn from `seed`."""
    source = Source(views, seed)
    encoder = case.make(*_arguments(case, loss, epochs, rng), remotes=source.remotes)
    if encoder.kind in ("tuple", "list"):
        case.fail(
            "Return the trained encoder alone.",
            got=f"a {encoder.kind}",
            category="wrong type",
        )
    if source.calls != epochs:
        case.fail(
            "Call `views()` once per epoch: each call gives fresh views.",
            expected=f"{epochs} calls for {epochs} epochs",
            got=f"{source.calls} calls",
        )
    return encoder


def _embed(case: Case, encoder: Handle, rows: np.ndarray) -> np.ndarray:
    """What the encoder makes of rows, well-formed."""
    returned = case.call_method(encoder, "__call__", Tensor(rows.astype(np.float32)))
    if not isinstance(returned, Tensor):
        case.fail("The encoder must give a tensor.", got=type(returned).__name__)
    vectors = case.array(returned.array, "encoder(x)", shape=(len(rows), None), kinds="f")
    if vectors.shape[1] != HIDDEN:
        case.fail(
            "The vectors have the wrong number of columns.",
            expected=f"{HIDDEN}, as the encoder gives",
            got=str(vectors.shape[1]),
            category="wrong shape",
            misconception="head_kept" if vectors.shape[1] == PROJECTED else None,
        )
    return vectors


@check(
    "train_encoder",
    "the encoder comes back without its head and in eval mode, trained on fresh views",
    advice="Call `views()` once in each epoch, and end with `return encoder.eval()`.",
    core=True,
    seeds=(1, 0),
)
def gate_returns_encoder(case: Case) -> None:
    views = _some_views(case)
    encoder = _train(case, views, case.prop("spread_loss"), 3, case.fresh_rng())
    rows = views(case.rng)[0]
    first = _embed(case, encoder, rows)
    again, alone = _embed(case, encoder, rows), _embed(case, encoder, rows[:5])
    scale = float(np.abs(first).max()) + 1e-9
    if max(np.abs(first - again).max(), np.abs(first[:5] - alone).max()) > 1e-3 * scale:
        case.fail(
            "The same rows give other vectors the second time, or among other rows.",
            misconception="training_mode_on",
        )


@check(
    "train_encoder",
    "the loss sees both views, row by row",
    advice="Send `x_a` and `x_b` through encoder and head, cut both into the same batches of rows, "
    "and hand the two results to `loss` in one call.",
    core=True,
    seeds=(1, 0),
)
def gate_compares_views(case: Case) -> None:
    n = 96

    def strangers(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        return rng.normal(size=(n, INPUT)), rng.normal(size=(n, INPUT))

    def twins(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        rows = rng.normal(size=(n, INPUT))
        return rows, rows

    _train(case, strangers, case.prop("recording_loss"), 1, case.fresh_rng())
    apart = case.read(case.prop("seen_likeness"))
    _train(case, twins, case.prop("recording_loss"), 1, case.fresh_rng())
    alike = case.read(case.prop("seen_likeness"))
    if not apart or not alike:
        case.fail("The loss that is handed in was never called.")
    if apart[0] > 0.6:
        case.fail(
            "The two views here have nothing in common, yet what `loss` was handed is alike: it "
            "saw one view twice."
        )
    if alike < 0.6:
        case.fail(
            "The two views here are the same, yet what `loss` was handed differs from row to row: "
            "the rows of the two views are not paired."
        )


def _recognises(case: Case, loss: Own | Prop) -> tuple[float, float, int]:
    """Recall@1 and uniformity of the trained encoder on unseen households, and their seed."""
    from autograder.exercises.feature_extraction.checks import households

    seed = int(case.rng.integers(1 << 31))
    data = households.households(seed)
    encoder = _train(case, data.views, loss, EPOCHS, case.fresh_rng(), seed)
    first, second = (_embed(case, encoder, half) for half in (data.first, data.second))
    return households.recall_at_1(second, first), households.uniformity(first), seed


@lru_cache(4)
def _baselines(seed: int) -> tuple[float, float]:
    """Recall@1 of untrained encoders and of truncated SVD on the same unseen households."""
    from autograder.exercises.feature_extraction.checks import households

    data = households.households(seed)
    return households.recall_untrained(data, seed), households.recall_of_svd(data)


@check(
    "train_encoder",
    f"on unseen households, Recall@1 is at least {MIN_UNTRAINED_RATIO:g} x the untrained "
    "encoder's, and nothing has collapsed",
    advice="Look whether the optimizer holds the parameters of encoder and head, whether both "
    "views go through both, and whether rows of the two views stay paired; then vary temperature, "
    "learning rate and batch size.",
    weight=2.0,
    core=True,
)
def gate_learns(case: Case) -> None:
    recall, spread, seed = _recognises(case, Own("nt_xent"))
    if spread > MAX_UNIFORMITY:
        case.fail(
            "The vectors of different households lie nearly in one point: the embedding has "
            "collapsed.",
            expected=f"a uniformity below {MAX_UNIFORMITY:g}",
            got=f"{spread:.2f}",
        )
    untrained, _ = _baselines(seed)
    if recall < MIN_UNTRAINED_RATIO * untrained:
        case.fail(
            "The trained encoder recognises households hardly better than an untrained one.",
            expected=f"a Recall@1 of at least {MIN_UNTRAINED_RATIO * untrained:.3f}",
            got=f"{recall:.3f} (untrained {untrained:.3f})",
        )


@check(
    "train_encoder",
    f"it is at least {MIN_SVD_RATIO:g} x that of a truncated SVD of the same dimension",
    advice="Train with the learning rate as high as it stays stable, and try temperatures between "
    "0.05 and 0.5; watch Recall@1 on households that you hold back, not the loss.",
    weight=1.5,
)
def gate_keeps_up_with_svd(case: Case) -> None:
    recall, _, seed = _recognises(case, Own("nt_xent"))
    _, svd = _baselines(seed)
    if recall < MIN_SVD_RATIO * svd:
        case.fail(
            "A truncated SVD of the same dimension recognises households much better.",
            expected=f"a Recall@1 of at least {MIN_SVD_RATIO * svd:.3f}",
            got=f"{recall:.3f} (SVD {svd:.3f})",
        )


@check(
    "train_encoder",
    "it minimises the loss that it is handed",
    advice="Call `loss(z_a, z_b, temperature)`, the argument, and no loss of your own.",
    core=True,
    seeds=(1, 0),
)
def gate_uses_loss(case: Case) -> None:
    recall, _, seed = _recognises(case, case.prop("flat_loss"))
    untrained, _ = _baselines(seed)
    if recall > MAX_FLAT_RATIO * untrained:
        case.fail(
            "Handed a loss that is 0 whatever the vectors, the encoder learned all the same.",
            expected=f"a Recall@1 of at most {MAX_FLAT_RATIO * untrained:.3f}",
            got=f"{recall:.3f}",
        )


@check(
    "train_encoder",
    "global random state is left alone",
    advice="Train inside `with torch.random.fork_rng(devices=[]):`, and seed torch there from "
    "`rng`.",
    weight=0.5,
    seeds=(1, 0),
)
def gate_leaves_alone(case: Case) -> None:
    source = Source(_some_views(case), 0)
    arguments = _arguments(case, case.prop("spread_loss"), 2, case.fresh_rng())
    case.leaves_alone(*arguments, remotes=source.remotes)


@check(
    "train_encoder",
    "the same state of rng and the same views give the same encoder, another state another",
    advice="Hand your `rng` to `make_encoder`, and seed torch's generator, which dropout uses, "
    "with a number from it: `torch.manual_seed(int(rng.integers(2**31)))` inside `fork_rng`.",
    weight=0.5,
    seeds=(1, 0),
)
def gate_follows_rng(case: Case) -> None:
    views = _some_views(case)
    rows = views(case.rng)[0][:8]

    def vectors(rng: Rng) -> np.ndarray:
        return _embed(case, _train(case, views, case.prop("spread_loss"), 2, rng), rows)

    rng = case.fresh_rng()
    first, again = vectors(rng), vectors(rng)
    if not np.allclose(first, again, rtol=1e-3, atol=1e-5):
        case.fail(
            "Two encoders from the same views and the same state of `rng` differ.",
            category="not reproducible",
        )
    if np.allclose(first, vectors(case.fresh_rng()), rtol=1e-3, atol=1e-5):
        case.fail(
            "Generators in different states gave the same encoder. Hand `rng` to `make_encoder`.",
            category="ignores rng",
        )

"""Checks of encoding in batches: a spy stands for the model, and knows each text's vector."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.checking import Case, check
from autograder.sandbox.wire import Remote

ENCODE = 1
WIDTH = 5


class Spy:
    """Answers `encode_batch` with a vector for each text, and notes what it was asked."""

    def __init__(self, case: Case, n: int, dtype: str = "float32") -> None:
        numbers = case.rng.permutation(10 * n)[:n]
        self.texts = [f"product {number}" for number in numbers]
        self.lengths = case.rng.integers(2, 30, n)
        self.vectors = case.rng.normal(size=(n, WIDTH)).astype(dtype)
        self.calls: list[list[int]] = []
        self.problem = ""

    def answer(self, method: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        values = [*args, *kwargs.values()]
        texts = values[0] if len(values) == 1 else None
        if isinstance(texts, np.ndarray):
            texts = texts.tolist()
        position = {text: place for place, text in enumerate(self.texts)}
        if not isinstance(texts, (list, tuple)) or any(text not in position for text in texts):
            self.problem = self.problem or "`encode_batch` takes a list of texts, as they are."
            raise TypeError("encode_batch takes a list of texts of the shop")
        if not texts:
            self.problem = self.problem or "`encode_batch` was called without a text."
        self.calls.append([position[text] for text in texts])
        return self.vectors[self.calls[-1]]


def _encoded(case: Case, spy: Spy, budget: int, lengths: Any = None) -> np.ndarray:
    """What came back for the spy's texts, in the right form."""
    lengths = spy.lengths if lengths is None else lengths
    args = spy.texts, Remote(ENCODE), lengths, budget
    returned = case.call(*args, remotes={ENCODE: spy.answer})
    if spy.problem:
        case.fail(spy.problem, category="wrong call")
    _require_once(case, spy)
    for call in spy.calls:
        _require_within(case, spy.lengths[call], budget)
    shape = (len(spy.texts), WIDTH)
    return case.array(returned, "vectors", shape=shape, kinds="f")


def _require_once(case: Case, spy: Spy) -> None:
    sent = np.bincount(np.concatenate(spy.calls or [[]]).astype(int), minlength=len(spy.texts))
    if (sent == 0).any():
        case.fail(
            "Not every text was encoded.",
            expected=f"all {len(spy.texts)} texts",
            got=f"{(sent == 0).sum()} never came",
            misconception="last_batch_lost" if sent.any() else None,
        )
    if (sent > 1).any():
        case.fail("A text was encoded more than once.", got=f"{(sent > 1).sum()} texts")


def _require_within(case: Case, lengths: np.ndarray, budget: int) -> None:
    padded = len(lengths) * int(lengths.max())
    if len(lengths) == 1 or padded <= budget:
        return
    known = "budget_of_real_tokens" if lengths.sum() <= budget else None
    case.fail(
        "A call of `encode_batch` exceeds the budget of padded tokens.",
        expected=f"at most {budget}",
        got=f"{len(lengths)} texts of up to {lengths.max()} tokens: {padded}",
        misconception=known,
    )


def _require_order(case: Case, spy: Spy, vectors: np.ndarray) -> None:
    if np.allclose(vectors, spy.vectors, rtol=1e-6, atol=1e-7):
        return
    known = None
    as_sent = spy.vectors[[place for call in spy.calls for place in call]]
    rows = {tuple(row) for row in np.round(spy.vectors.astype(float), 5).tolist()}
    came = [tuple(row) for row in np.round(vectors.astype(float), 5).tolist()]
    if np.allclose(vectors, as_sent, rtol=1e-6, atol=1e-7) or set(came) == rows:
        known = "order_lost"
    case.fail(
        "The vectors are not those of the texts, row by row.",
        expected=spy.vectors[0],
        got=vectors[0],
        misconception=known,
    )


@check(
    "encode_texts",
    "row i is the vector of text i, whatever the batches were",
    advice="Write each batch's rows to their places: `vectors[batch] = rows`.",
    weight=2.0,
    core=True,
    seeds=(3, 2),
)
def rows_in_the_order_of_the_texts(case: Case) -> None:
    for n, budget in ((23, 60), (40, 200), (11, 10_000)):
        spy = Spy(case, n)
        _require_order(case, spy, _encoded(case, spy, budget))


@check(
    "encode_texts",
    "one text, texts longer than the budget, and lengths as a list serve",
    advice="A text longer than the budget is encoded by itself.",
    weight=0.5,
    seeds=(2, 1),
)
def odd_texts_serve(case: Case) -> None:
    spy = Spy(case, 1)
    _require_order(case, spy, _encoded(case, spy, 100))
    spy = Spy(case, 9)
    _require_order(case, spy, _encoded(case, spy, 12, spy.lengths.tolist()))
    spy = Spy(case, 9)
    _require_order(case, spy, _encoded(case, spy, 1))


@check(
    "encode_texts",
    "no texts: an array of shape (0, 0), and no call",
    advice="Return `np.zeros((0, 0))` before anything else when there is no text.",
    weight=0.5,
    seeds=(1, 0),
)
def no_texts_no_call(case: Case) -> None:
    spy = Spy(case, 2)
    args: tuple[Any, ...] = [], Remote(ENCODE), np.zeros(0, np.int64), 10
    returned = case.call(*args, remotes={ENCODE: spy.answer})
    if spy.calls or spy.problem:
        case.fail("`encode_batch` was called, though there is no text.", category="wrong call")
    case.array(returned, "vectors", shape=(0, 0), kinds="fiu")


@check(
    "encode_texts",
    "numbers as they come, texts that stand twice too, inputs left alone",
    advice="Make the result in the dtype of the first rows: `np.empty(shape, rows.dtype)`.",
    weight=0.5,
    seeds=(1, 1),
)
def numbers_as_they_come(case: Case) -> None:
    spy = Spy(case, 15, dtype="float64")
    vectors = _encoded(case, spy, 70)
    if not np.allclose(vectors, spy.vectors, rtol=1e-12, atol=1e-14):
        case.fail("float64 rows came back with fewer digits, or in other places.")
    spy = Spy(case, 8)
    places = [0, 3, 3, 5, 0, 7, 1, 2, 4, 6]
    texts, lengths = [spy.texts[i] for i in places], spy.lengths[places]
    args = texts, Remote(ENCODE), lengths, 45
    returned = case.call(*args, remotes={ENCODE: spy.answer})
    vectors = case.array(returned, "vectors", shape=(10, WIDTH), kinds="f")
    if not np.allclose(vectors, spy.vectors[places], rtol=1e-6, atol=1e-7):
        case.fail("With texts that stand twice, the vectors are wrong.")
    case.leaves_alone(*args, remotes={ENCODE: spy.answer})

"""Checks of the gate: the naive encoder in a process of the judge's, the submission's in another.

Both processes are given the same weights, and new texts in every round. What each has used of a
processor is read from outside, so that nothing in the submission's process can change it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, cast

import numpy as np

from autograder.checking import Case, Failed, Measured, check, failure_of, prop_beside
from autograder.sandbox.envelope import Fault
from autograder.sandbox.wire import Handle

prop = partial(prop_beside, __file__)

K = 10
MIN_NEIGHBOURS, MIN_SPEED_UP = 0.99, 15.0
# A round is so many runs of texts, each of names with one basket somewhere among them: whoever
# takes the texts as they come has a basket in every large batch, whatever the seed.
ROUNDS, RUNS, NAMES = 6, 3, 31
ITEMS = range(8, 13)  # in a basket: several times as long as a name
NAIVE_TEXTS = 4  # of a round
HOPELESS = 3.0  # times the naive encoder's speed, on few texts: not worth the rounds


@cache
def texts() -> tuple[list[str], list[str]]:
    """Names of products, and baskets of middling size."""
    from shelfspace.data import load_journey
    from shelfspace.minilm import shop_texts

    names, baskets = shop_texts(load_journey())
    return names, [text for text in baskets if text.count(",") + 1 in ITEMS]


@cache
def _parts() -> tuple[dict[str, np.ndarray], str]:
    from shelfspace.minilm import published_parts

    weights, vocabulary = published_parts()
    return weights, "\n".join(vocabulary)


def rounds(rng: np.random.Generator, count: int = ROUNDS) -> list[list[str]]:
    """The texts of each round; no text is in two of them."""
    names, baskets = ([pool[i] for i in rng.permutation(len(pool))] for pool in texts())
    found: list[list[str]] = [[] for _ in range(count)]
    for number in range(count * RUNS):
        run = [*names[number * NAMES : (number + 1) * NAMES], baskets[number]]
        found[number // RUNS] += [run[i] for i in rng.permutation(len(run))]
    return found


def neighbours_kept(got: np.ndarray, wanted: np.ndarray) -> float:
    """Of each row's K nearest others by the cosine, which share `got` has in common with `wanted`.

    A neighbour that ties with the last of them counts as one of them.
    """
    cosines = []
    for vectors in (got, wanted):
        unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        cosine = unit.astype(float) @ unit.astype(float).T
        np.fill_diagonal(cosine, -np.inf)
        cosines.append(cosine)
    near = np.argsort(-cosines[0], axis=1, kind="stable")[:, :K]
    last = np.sort(cosines[1], axis=1)[:, -K]
    return float((np.take_along_axis(cosines[1], near, 1) >= last[:, None] - 1e-6).mean())


@dataclass
class Judges:
    """The naive encoder and the original vectors, in a process that holds no submission."""

    calls: Measured
    model: Handle
    tokenizer: Handle
    naive: Handle

    def vectors(self, texts: list[str]) -> np.ndarray:
        reply = self.calls.call(prop("original_vectors"), self.model, self.tokenizer, texts)
        return np.asarray(reply.value)

    def seconds(self, texts: list[str]) -> float:
        """Processor time of the naive encoder for a text."""
        return seconds(self.calls, self.naive, texts)[0]


@contextmanager
def judges(calls: Measured) -> Iterator[Judges]:
    """Opens the judge's own process, beside that of `calls`."""
    with calls.beside() as own:
        weights, vocabulary = _parts()
        model = own.call(prop("model_of"), weights, keep=True).value
        tokenizer = own.call(prop("tokenizer_of"), vocabulary, keep=True).value
        naive = own.call(prop("naive_encoder"), model, tokenizer, keep=True).value
        yield Judges(own, model, tokenizer, naive)


def seconds(calls: Measured, encode: Handle, texts: list[str]) -> tuple[float, Any]:
    """Processor time that an encoder uses for a text, and what it returned."""
    before = calls.cpu_seconds()
    value = calls.call(prop("encoded"), encode, texts).value
    return max(calls.cpu_seconds() - before, 1e-9) / len(texts), value


def _staged(case: Case, *, watched: bool = False) -> tuple[Handle, Handle]:
    """A model and its tokenizer on the submission's side."""
    weights, vocabulary = _parts()
    model = case.stage(prop("model_of"), weights)
    if watched:
        model = case.stage(prop("watched"), model)
    return model, case.stage(prop("tokenizer_of"), vocabulary)


def _vectors(case: Case, value: Any, n: int) -> np.ndarray:
    """What an encoder returned, in the right form."""
    if value is None:
        case.fail("The encoder returned None.", category="returned nothing")
    vectors = case.array(value, "The vectors", shape=(n, 384), kinds="f").astype(float)
    norms = np.linalg.norm(vectors, axis=1)
    if np.abs(norms - 1).max() > 0.02:
        case.fail(
            "Every vector must have length 1: divide by its Euclidean norm.",
            got=norms,
            misconception="vectors_not_normalised",
        )
    return vectors


def _encode(case: Case, encode: Handle, batch: list[str]) -> np.ndarray:
    return _vectors(case, case.read(prop("encoded"), encode, batch), len(batch))


def _require_neighbours(case: Case, got: np.ndarray, wanted: np.ndarray) -> None:
    kept = neighbours_kept(got, wanted)
    if kept >= MIN_NEIGHBOURS and np.median((got * wanted).sum(1)) > 0.98:
        return
    known = None
    best = (got @ wanted.T).argmax(1)
    nearest = (got @ wanted.T).max(1)
    if (nearest > 0.999).mean() > 0.9 and (best != np.arange(len(best))).mean() > 0.5:
        known = "rows_of_other_texts"
    case.fail(
        "The vectors are not those of the original encoder.",
        expected=f"{MIN_NEIGHBOURS:g} of the {K} nearest neighbours kept",
        got=f"{kept:.3f}, with a median cosine to the original of "
        f"{np.median((got * wanted).sum(1)):.3f}",
        misconception=known,
    )


@check(
    "fast_encoder",
    f"first, quality: at least {MIN_NEIGHBOURS:g} of each text's {K} nearest neighbours are kept",
    advice="Hand the mask to the model, take the mean of real tokens only, divide by the norm, and "
    "put the rows back into the order of the texts.",
    core=True,
    seeds=(1, 0),
)
def gate_keeps_neighbours(case: Case) -> None:
    calls = cast(Measured, case.calls)
    (batch,) = rounds(case.rng, 1)
    batch = batch[:64]
    encode = case.make(*_staged(case))
    got = _encode(case, encode, batch)
    with judges(calls) as own:
        _require_neighbours(case, got, own.vectors(batch))
    for few in (batch[:1], batch[5:7]):
        alone, beside = _encode(case, encode, few), got[[batch.index(text) for text in few]]
        if (alone * beside).sum(1).min() < 0.98:
            case.fail("The vector of a text depends on the texts that it is encoded with.")


@check(
    "fast_encoder",
    f"then, speed: at least {MIN_SPEED_UP:g} times the naive encoder's, at that quality",
    advice="Count what the naive encoder wastes: padding, gradients, unlike lengths in one batch. "
    "`token_batches` with a budget of a few hundred tokens, and `torch.inference_mode()`.",
    weight=2.0,
    core=True,
    seeds=(1, 1),
)
def gate_is_fast(case: Case) -> None:
    calls = cast(Measured, case.calls)
    encode = case.make(*_staged(case))
    every = rounds(case.rng)
    try:
        with judges(calls) as own:
            _require_some_speed(case, own, encode, every[0])
            found, ratios = [], []
            for batch in every[1:]:
                naive = own.seconds(batch[:NAIVE_TEXTS])
                fast, value = seconds(calls, encode, batch)
                found.append(_vectors(case, value, len(batch)))
                ratios.append(naive / fast)
            wanted = own.vectors([text for batch in every[1:] for text in batch])
    except Fault as fault:
        raise failure_of(fault) from None
    _require_neighbours(case, np.concatenate(found), wanted)
    _require_speed(case, float(np.median(ratios)))


def _require_some_speed(case: Case, own: Judges, encode: Handle, batch: list[str]) -> None:
    """A first round, which counts for nobody, and ends what is as slow as the naive encoder."""
    calls = cast(Measured, case.calls)
    own.seconds(batch[:2])
    seconds(calls, encode, batch[:2])
    naive, fast = own.seconds(batch[2:5]), seconds(calls, encode, batch[5:20])[0]
    if naive / fast < HOPELESS:
        _require_speed(case, naive / fast)


def _require_speed(case: Case, ratio: float) -> None:
    if ratio >= MIN_SPEED_UP:
        return
    case.fail(
        "The encoder uses too much of the processor.",
        expected=f"at most 1/{MIN_SPEED_UP:g} of the naive encoder's time per text",
        got=f"1/{ratio:.1f}",
        category="too slow",
        misconception=_why_slow(case),
    )


def _why_slow(case: Case) -> str | None:
    """The known reason for it, seen in what the model is handed for a few texts."""
    (batch,) = rounds(np.random.default_rng(0), 1)
    try:
        case.read(prop("encoded"), case.make(*_staged(case, watched=True)), batch[:32])
        seen = case.read(prop("tokens_seen"))
    except Failed:
        return None
    is_padded = seen["real"] and seen["padded"] > 2.5 * seen["real"]
    return "padded_beyond_need" if is_padded else None


@check(
    "fast_encoder",
    "the model is left as it was",
    advice="`copy.deepcopy(model)` is yours to change: its precision, its mode, its gradients.",
    weight=0.5,
    seeds=(1, 0),
)
def gate_leaves_the_model(case: Case) -> None:
    model, tokenizer = _staged(case)
    before = case.read(prop("fingerprint"), model)
    _encode(case, case.make(model, tokenizer), texts()[0][:3])
    if case.read(prop("fingerprint"), model) != before:
        case.fail(
            "Your function changed the model that it was handed.", category="changed its input"
        )

"""Checks of the hashing trick: names count, values spread, and every process agrees."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.checking import Case, check
from autograder.exercises.real_time.checks.parts import own, prop

MOST_SHARED = 500  # of 2,000; sums of characters share nearly all


def _read(case: Case, indices: Any, size: int, n_bits: int) -> np.ndarray:
    return case.array(
        indices, "indices", shape=(size,), kinds="i", bounds=(0, 2**n_bits - 1)
    ).astype(np.int64)


def _hashed(case: Case, fields: dict[str, Any], n_bits: int) -> np.ndarray:
    """The indices of these fields, well-formed."""
    indices = case.call(fields, n_bits)
    found = _read(case, indices, len(fields), n_bits)
    if indices.dtype != np.int64:
        case.fail(
            "indices must be int64.", expected="int64", got=indices.dtype, category="wrong dtype"
        )
    return found


def _words(case: Case, n: int) -> list[str]:
    """Distinct words of four to seven letters."""
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    words: dict[str, None] = {}
    while len(words) < n:
        words["".join(case.rng.choice(letters, int(case.rng.integers(4, 8))))] = None
    return list(words)


def _fields(case: Case, n: int) -> dict[str, Any]:
    """Fields of which every other value is a text, and the rest are ints."""
    names, values = _words(case, n), _words(case, n)
    numbers = case.rng.integers(100_000, size=n).tolist()
    return {
        name: value if at % 2 else number
        for at, (name, value, number) in enumerate(zip(names, values, numbers, strict=True))
    }


@check(
    "hash_features",
    "one int64 index per field, the same wherever the field stands",
    advice="Hash each field by itself, in the order of the dict, into an int64 array.",
    core=True,
    seeds=(2, 1),
)
def hash_depends_on_the_field_alone(case: Case) -> None:
    fields = _fields(case, 12) | {"città": "crème", "地区": "上海"}
    for n_bits in (3, int(case.rng.integers(24, 32))):  # with few columns, many are shared
        _judge_alone(case, fields, n_bits)


def _judge_alone(case: Case, fields: dict[str, Any], n_bits: int) -> None:
    whole = dict(zip(fields, _hashed(case, fields, n_bits).tolist(), strict=True))
    names = [list(fields)[at] for at in case.rng.permutation(len(fields))]
    for chosen in (names[:1], names[3:9], []):
        some = _hashed(case, {name: fields[name] for name in chosen}, n_bits)
        if some.tolist() != [whole[name] for name in chosen]:
            case.fail(
                "A field's index changes with the fields beside it, or with earlier calls.",
                expected=[whole[name] for name in chosen],
                got=some,
            )


@check(
    "hash_features",
    "name and value both count, and so does where one ends",
    advice="Hash one text that holds both, with a sign between them that no name holds, such as "
    'f"{name}={value}".',
    core=True,
    seeds=(2, 1),
)
def hash_knows_the_name(case: Case) -> None:
    words = _words(case, 24)
    # each pair may collide by chance, one in 2**31; half of them never do
    values = [int(_hashed(case, {words[0]: value}, 31)[0]) for value in words]
    if len(set(values)) <= len(words) // 2:
        case.fail("Many values of a field have one index.")
    names = _hashed(case, dict.fromkeys(words, "yes"), 31).tolist()
    if len(set(names)) <= len(words) // 2:
        case.fail("Many fields of the same value have one index.", misconception="without_the_name")
    alike = [_pair_alike(case, (a, b), (b, a)) for a, b in zip(words[:8], words[8:16], strict=True)]
    if sum(alike) > 2:
        case.fail("A field has the same index when its name and its value are exchanged.")
    if sum(_pair_alike(case, (a, a), (a, a.upper())) for a in words[:8]) > 2:
        case.fail("Large and small letters have one index.")
    moved = [
        _hashed(case, {word[:2]: word[2:]}, 31)[0] == _hashed(case, {word[:3]: word[3:]}, 31)[0]
        for word in words[:8]
    ]
    if sum(moved) > 2:
        word = words[0]
        case.fail(
            f'The fields ("{word[:2]}", "{word[2:]}") and ("{word[:3]}", "{word[3:]}") have one '
            "index.",
            misconception="joined_without_a_sign",
        )
    pairs = zip(words[:8], words[8:16], strict=True)
    if sum(_pair_alike(case, (f"{a}_{b}", "x"), (a, f"{b}_x")) for a, b in pairs) > 2:
        case.fail(
            'The fields ("a_b", "c") and ("a", "b_c") have one index. Names may hold `_`: '
            "join name and value by another sign."
        )


def _pair_alike(case: Case, one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether two fields (name, value) have one index."""
    first, second = (int(_hashed(case, dict([field]), 31)[0]) for field in (one, other))
    return first == second


@check(
    "hash_features",
    "the same in every process",
    advice="Python's `hash` of a text is salted anew in every process. Use zlib.crc32 or hashlib "
    "on the bytes of the text.",
    core=True,
    seeds=(1, 1),
)
def hash_is_the_same_everywhere(case: Case) -> None:
    fields = _fields(case, 10)
    here = _hashed(case, fields, 22)
    if here.tolist() != _hashed(case, fields, 22).tolist():
        case.fail("The same fields have other indices when they are hashed once more.")
    there = _read(case, case.read(prop("in_another_process"), own(case), fields, 22), 10, 22)
    if here.tolist() != there.tolist():
        case.fail(
            "In a process with another hash seed, the indices are others: a model trained in one "
            "process is noise in the next.",
            expected=here,
            got=there,
            misconception="salted_hash",
        )


@check(
    "hash_features",
    "indices spread over 0 to 2**n_bits - 1 as chance does",
    advice="Take the remainder of a good hash (zlib.crc32, hashlib) by 2**n_bits. Sums of "
    "character codes crowd together.",
    core=True,
    seeds=(1, 1),
)
def hash_spreads(case: Case) -> None:
    names, n = _words(case, 10), 2_000
    fields = {f"{names[at % 10]}{at}": int(at // 10) for at in range(n)}
    # 2,000 features in 2**20 columns: 1.9 shared on average; but CRC-32 is linear, and of names
    # that differ in a few bits alike a hundred now and then. In 64 columns 31 each, in 2 a thousand
    few = n - len(set(_hashed(case, fields, 20).tolist()))
    if few > MOST_SHARED:
        case.fail(
            "Far more features share an index than by chance.",
            expected="about 2 of 2,000 in 2**20 columns",
            got=few,
            category="collisions",
        )
    counts = np.bincount(_hashed(case, fields, 6), minlength=64)
    halves = np.bincount(_hashed(case, fields, 1), minlength=2)
    if counts.min() < 3 or counts.max() > 85 or abs(halves[0] - 1_000) > 150:
        case.fail(
            "Some columns get far more features than others.",
            expected="about 31 of 2,000 in each of 64 columns",
            got=counts,
            category="collisions",
        )
    if _hashed(case, fields, 31).max() < 2**30:
        case.fail("With 31 bits no index lies in the upper half.", category="collisions")


@check(
    "hash_features",
    "the fields are left alone",
    advice="Build a new array; leave the dict as it is.",
    weight=0.5,
    seeds=(1, 0),
)
def hash_leaves_alone(case: Case) -> None:
    case.leaves_alone({"aisle": 7, "day": "monday"}, 20)

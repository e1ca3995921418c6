"""What the checks of several contracts share: objects driven by lists of operations."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from autograder.checking import Case, prop_beside, show
from autograder.sandbox.wire import Own

prop = partial(prop_beside, __file__)

REFUSED = "ValueError"  # as in props.py
Operation = tuple[Any, ...]  # (method, argument, ...)


def driven(
    arguments: list[list[Any]], operations: list[Any], asked: set[str] | frozenset[str]
) -> tuple[list[list[Any]], list[Any]]:
    """Arguments of the prop `outcomes`: `operations` are (object's number, method, argument ...),
    and `asked` the methods whose results matter."""
    return arguments, [[number, name in asked, name, *rest] for number, name, *rest in operations]


def for_one(operations: list[Operation]) -> list[Any]:
    """Operations on the only object."""
    return [(0, *operation) for operation in operations]


def judge_outcomes(
    case: Case,
    arguments: list[list[Any]],
    operations: list[Any],
    asked: set[str] | frozenset[str],
    *,
    well_formed: Callable[[str, Any], Any],
    close: Callable[[Any, Any], bool],
    what: str,
    may_refuse: bool = False,
) -> None:
    """The contract's objects give what the reference's give.

    `well_formed` fails, or returns the result of a method as it is compared; it never sees REFUSED,
    which is what an asked operation gives that raises ValueError, where it `may_refuse`.
    """
    names = [name for _, name, *_ in operations if name in asked]

    def read(results: Any) -> list[Any]:
        return [
            one if isinstance(one, str) and one == REFUSED else well_formed(name, one)
            for name, one in zip(names, results, strict=True)
        ]

    def first_difference(got: Any, wanted: Any) -> dict[str, Any]:
        at = next(at for at, pair in enumerate(zip(got, wanted, strict=True)) if not close(*pair))
        place = [place for place, (_, name, *_) in enumerate(operations) if name in asked][at]
        number, name, *rest = operations[place]
        which = f" of object {number + 1}" if len(arguments) > 1 else ""
        call = f"call {place + 1}{which}, {name}({', '.join(show(one) for one in rest)})"
        where, one, other = _inside(got[at], wanted[at])
        return {"what": f"{what} First in {call}{where}.", "expected": other, "got": one}

    case.matches_reference(
        *driven(arguments, operations, asked),
        may_refuse,
        read=read,
        view=tuple,
        close=lambda got, wanted: len(got) == len(wanted) and all(map(close, got, wanted)),
        through=prop("outcomes"),
        explain=first_difference,
    )


def _inside(got: Any, wanted: Any) -> tuple[str, str, str]:
    """Where two values that differ do so first, and what stands there, with digits enough."""
    if isinstance(got, list) and isinstance(wanted, list):
        if len(got) != len(wanted):
            return ", by the number of entries", str(len(got)), str(len(wanted))
        for at, (one, other) in enumerate(zip(got, wanted, strict=True)):
            if show(one) != show(other):
                return f", entry {at + 1}", show(one), show(other)
    if show(got) == show(wanted):
        return "", repr(got), repr(wanted)
    return "", show(got), show(wanted)


def both_refused(got: Any, wanted: Any) -> bool | None:
    """Whether two results agree, as far as a refusal decides it."""
    refused = [isinstance(one, str) and one == REFUSED for one in (got, wanted)]
    return all(refused) if any(refused) else None


def own(case: Case) -> Own:
    """The contract itself, to be handed to a prop."""
    return Own(case.check.task)

"""What the checks of several contracts share: objects driven by lists of operations."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from autograder.checking import Case, prop_beside
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
) -> None:
    """The contract's objects give what the reference's give.

    `well_formed` fails, or returns the result of a method as it is compared; it never sees REFUSED.
    """
    names = [name for _, name, *_ in operations if name in asked]

    def read(results: Any) -> list[Any]:
        return [
            one if isinstance(one, str) and one == REFUSED else well_formed(name, one)
            for name, one in zip(names, results, strict=True)
        ]

    case.matches_reference(
        *driven(arguments, operations, asked),
        read=read,
        view=tuple,
        close=lambda got, wanted: len(got) == len(wanted) and all(map(close, got, wanted)),
        through=prop("outcomes"),
        what=what,
    )


def both_refused(got: Any, wanted: Any) -> bool | None:
    """Whether two results agree, as far as a refusal decides it."""
    refused = [isinstance(one, str) and one == REFUSED for one in (got, wanted)]
    return all(refused) if any(refused) else None


def own(case: Case) -> Own:
    """The contract itself, to be handed to a prop."""
    return Own(case.check.task)

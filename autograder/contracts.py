"""A notebook's functions, to be used here: the parts that a pipeline takes from its user.

They are what the grader sees: the last binding of each contract and what it needs, nothing else.
But they run in THIS process and without a fence, with all the rights of whoever calls: this door is
for one's own work and for the reference, never for strangers' files.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from autograder.sandbox.runner import Runner, Statement, describe
from autograder.submission import Broken, Unreadable, read_submission

_MODULE = "__submission__"
_SEED = 0  # for code that draws from the global generators while it is loaded


class ContractError(Exception):
    """Contracts that can't be used; the message is a sentence for their owner."""


def contract_statements(notebook: Path, names: Sequence[str]) -> list[Statement]:
    """The statements of a notebook (or a `.py` file) that all these contracts need; none runs.

    Raises
    ------
    ContractError
        If the file is no submission, or a contract is missing, still a stub, or needs a cell that
        does not parse.
    """
    try:
        submission = read_submission(notebook)
        absent = [name for name in names if submission.slice(name) is None]
        absent += [name for name in names if name not in absent and submission.is_stub(name)]
        if absent:
            missing = ", ".join(name for name in names if name in absent)
            raise ContractError(
                f"{notebook} has no {missing} yet. Write {'it' if len(absent) == 1 else 'them'} "
                "first, or run the reference."
            )
        return submission.slice(names[0], names[1:]) or [] if names else []
    except Unreadable as error:
        raise ContractError(f"{notebook}: {error}") from None
    except Broken as error:
        where = f", {error.place}, line {error.line}" if error.place else ""
        raise ContractError(f"{notebook}{where}: {error}. Put it right first.") from None


def contracts_code(statements: Sequence[Statement]) -> str:
    """The code of these statements, wherever in the notebook they stand."""
    return "\n".join(statement.source for statement in statements)


def load_contracts(notebook: Path, names: Sequence[str]) -> dict[str, Callable[..., Any]]:
    """The contracts of a notebook as the grader sees them, ready to be called in this process.

    What they need is executed once, in one namespace and WITHOUT A FENCE: see the head of this
    module. Global random generators are seeded, as the grader does before it loads a submission.

    Parameters
    ----------
    notebook : Path
        A notebook, or a `.py` file with the definitions.
    names : sequence of str
        The contracts that are wanted, and the keys of what is returned.

    Raises
    ------
    ContractError
        As `contract_statements` does; also if executing them fails or a contract is no callable.
    """
    statements = contract_statements(notebook, names)
    # Not `__main__`, which is the command here; dataclasses and `inspect` look their module up.
    module = sys.modules[_MODULE] = types.ModuleType(_MODULE)
    namespace = vars(module)
    rows = [[part.source, part.place, part.line] for part in statements]
    reply = Runner(namespace, _no_judge).handle({"op": "load", "statements": rows, "seed": _SEED})
    if "error" in reply:
        if reply["error"][0] == "KeyboardInterrupt":
            raise KeyboardInterrupt
        raise ContractError(_told(notebook, reply))
    for name in names:
        if not callable(namespace.get(name)):
            kind = type(namespace.get(name)).__name__
            raise ContractError(f"{notebook}: {name} is of type {kind}, not a function.")
    return {name: namespace[name] for name in names}


def failure_in(notebook: Path, error: BaseException) -> str | None:
    """What went wrong in a notebook's own lines, as a sentence; None if the error passed none."""
    reply = describe(error)
    return _told(notebook, reply) if reply["place"] else None


def _told(notebook: Path, reply: dict[str, Any]) -> str:
    where = f", {reply['place']}, line {reply['line']}" if reply["place"] else ""
    return f"{notebook}{where}: {reply['error'][0]}: {reply['message']}"


def _no_judge(number: int, method: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
    raise AssertionError("no object of a judge is handed to these functions")

"""Calls that go through a prop: for inputs and results that are no plain data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograder.checking import Calls, Case
from autograder.sandbox.envelope import Reply
from autograder.sandbox.wire import Handle, Own, Prop


class Through:
    """Calls of a contract that a prop makes, with the contract as its first argument."""

    def __init__(self, calls: Calls, prop: Prop) -> None:
        self._calls, self._prop = calls, prop

    def call(
        self,
        target: str | Handle | Prop,
        *args: Any,
        method: str = "",
        keep: bool = False,
        grad: bool = False,
        watch: bool = False,
        remotes: Mapping[int, Any] | None = None,
    ) -> Reply:
        assert isinstance(target, str)
        through = (self._prop, Own(target))
        return self._calls.call(
            *through, *args, method=method, keep=keep, grad=grad, watch=watch, remotes=remotes
        )


def go_through(case: Case, name: str) -> None:
    """From here on the prop calls the submission; the reference is called as it is."""
    case.calls = Through(case.calls, case.prop(name))

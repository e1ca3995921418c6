"""Requests to a submission and the form of what comes back; the same behind every door."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from autograder.sandbox import wire
from autograder.sandbox.wire import Handle, Prop, WireError

MAX_CALLBACKS = 10_000  # per call

# (method's name or "", positional arguments, keyword arguments) -> plain value. It must refuse
# methods that it does not know. A built-in exception that it raises is raised in the submission;
# any other one ends the call, after the submission has returned.
Answerer = Callable[[str, list[Any], dict[str, Any]], Any]


@dataclass
class Reply:
    """What a call came to.

    Parameters
    ----------
    value : what the contract returned, as plain data; a `Handle` where it was kept.
    grads : the gradient for each argument that tracks one, None where it was not used.
    touched : what else a watched call changed: "argument 1", "numpy.random", ... The submission's
        own word.
    """

    value: Any
    grads: list[Any] = field(default_factory=list)
    touched: list[str] = field(default_factory=list)


class Fault(Exception):
    """The submission did not answer a call with a value.

    `kind` is "error" (it raised), "timed_out", "crashed" (its process ended) or "protocol" (it sent
    what no honest process sends, or too much of it). `error_names` are the exception's classes,
    most specific first; `place` and `line` are the submission's own. All texts are safe to show.
    """

    def __init__(
        self,
        kind: str,
        message: str = "",
        error_names: tuple[str, ...] = (),
        place: str = "",
        line: int = 0,
    ) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind, self.message, self.error_names = kind, message, error_names
        self.place, self.line = place, line


class Lie(Exception):
    """What came is not what an honest process sends."""


class Callbacks:
    """Answers what the submission asks of the judge's objects during one call."""

    def __init__(self, remotes: Mapping[int, Answerer]) -> None:
        self._remotes = remotes
        self._count = 0
        self._stop: BaseException | None = None

    def answer(self, ask: Any) -> list[Any]:
        """The frame that answers the plain value `ask`. Raises Lie, and Fault for a flood."""
        number, method, args, kwargs = _checked_ask(ask)
        remote = self._remotes.get(number)
        if remote is None:
            raise Lie("it called an object that it was not given")
        self._count += 1
        if self._count > MAX_CALLBACKS:
            raise Fault("timed_out", f"more than {MAX_CALLBACKS} uses of an object it was given")
        if self._stop is None:
            try:
                return self._encoded(remote(method, args, kwargs))
            except Exception as error:  # goes to the submission, or on to the check
                if type(error).__module__ == "builtins":
                    return _raised(type(error).__name__, str(error))
                self._stop = error
        return _raised("RuntimeError", "the check has ended")

    def finish(self) -> None:
        """Raise what one of the judge's objects wanted the check to see."""
        if self._stop is not None:
            raise self._stop

    def _encoded(self, value: Any) -> list[Any]:
        try:
            return wire.encode({"value": value})
        except WireError as error:
            raise CallbackError(f"a callback's answer cannot cross: {error}") from error


class CallbackError(Exception):
    """One of the judge's own objects answered with something other than plain data."""


def call_request(
    target: str | Handle | Prop,
    args: tuple[Any, ...],
    method: str,
    keep: bool,
    grad: bool,
    watch: bool,
) -> dict[str, Any]:
    return {
        "op": "call",
        "target": target,
        "method": method,
        "args": list(args),
        "keep": keep,
        "grad": grad,
        "watch": watch,
    }


def check_reply(envelope: Any, keep: bool) -> None:
    """Raise Lie unless `envelope` has the form of a `Runner`'s reply."""
    if type(envelope) is not dict:
        raise Lie("its answer has no form")
    if set(envelope) == {"ok", "grads", "touched"}:
        grads, touched = envelope["grads"], envelope["touched"]
        honest = _is_texts(touched, 100) and type(grads) is list
        honest = honest and (type(envelope["ok"]) is Handle or not keep)
    elif set(envelope) == {"error", "message", "place", "line"}:
        honest = _is_texts(envelope["error"], 8) and type(envelope["line"]) is int
        honest = honest and type(envelope["message"]) is str and type(envelope["place"]) is str
    else:
        honest = False
    if not honest:
        raise Lie("its answer has another form than answers have")


def read_reply(envelope: dict[str, Any]) -> Reply:
    """The reply in a checked envelope; raises Fault when the submission raised."""
    if "ok" in envelope:
        touched = [clean(name, 100) for name in envelope["touched"]]
        return Reply(envelope["ok"], envelope["grads"], touched)
    raise Fault(
        "error",
        clean(envelope["message"], 2000),
        tuple(clean(name, 100) for name in envelope["error"]),
        clean(envelope["place"], 100),
        min(max(envelope["line"], 0), 1 << 31),
    )


def clean(text: str, limit: int) -> str:
    """Foreign text as it may be shown: bounded, no control characters, no change of direction."""
    shown = "".join(
        char if char == "\n" or (char.isprintable() and char not in _DIRECTIONS) else "\ufffd"
        for char in text[:limit]
    )
    return shown + "…" * (len(text) > limit)


_DIRECTIONS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def _checked_ask(ask: Any) -> tuple[int, str, list[Any], dict[str, Any]]:
    if type(ask) is not list or [type(part) for part in ask] != [int, str, list, dict]:
        raise Lie("its callback has another form than callbacks have")
    number, method, args, kwargs = ask
    if len(method) > 100 or not all(type(key) is str for key in kwargs):
        raise Lie("its callback has another form than callbacks have")
    return number, method, args, kwargs


def _raised(name: str, message: str) -> list[Any]:
    text = message[:500].encode("utf-8", "replace").decode()
    return wire.encode({"raise": [name, text]})


def _is_texts(value: Any, count: int) -> bool:
    return type(value) is list and len(value) <= count and all(type(x) is str for x in value)

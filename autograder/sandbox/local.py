"""The door without a fence: a submission in this process, as in the learner's notebook."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from autograder.sandbox import wire
from autograder.sandbox.child import read_answer
from autograder.sandbox.envelope import (
    Answerer,
    Callbacks,
    Fault,
    Reply,
    call_request,
    check_reply,
    read_reply,
)
from autograder.sandbox.runner import Runner, describe
from autograder.sandbox.wire import Handle, Prop, WireError


class LocalSession:
    """Calls the functions in `namespace`. Values take the same path as through a process, so that
    a check judges exactly alike; there is no limit of any kind."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        self._runner = Runner(namespace, self._ask)
        self._callbacks = Callbacks({})
        self._flood: Fault | None = None

    def call(
        self,
        target: str | Handle | Prop,
        *args: Any,
        method: str = "",
        keep: bool = False,
        grad: bool = False,
        watch: bool = False,
        remotes: Mapping[int, Answerer] | None = None,
    ) -> Reply:
        """As `host.Session.call`; a KeyboardInterrupt is the learner's own and goes on."""
        request = _crossed(call_request(target, args, method, keep, grad, watch))
        callbacks = self._callbacks = Callbacks(remotes or {})
        self._flood = None
        envelope = self._runner.handle(request)
        try:
            envelope = _crossed(envelope)
        except WireError as error:
            envelope = describe(error)
        if self._flood is not None:
            raise self._flood
        callbacks.finish()
        check_reply(envelope, keep)
        if envelope.get("error", [""])[0] == "KeyboardInterrupt":
            raise KeyboardInterrupt
        return read_reply(envelope)

    def cpu_seconds(self) -> float:
        """The processor time of this process."""
        return time.process_time()

    def beside(self) -> LocalSession:
        """Calls that reach no function of the learner, in this same process."""
        return LocalSession({})

    def __enter__(self) -> LocalSession:
        return self

    def __exit__(self, *exception: object) -> None:
        pass

    def _ask(self, number: int, method: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        ask = _crossed([number, method, args, kwargs])
        try:
            return read_answer(_payload(self._callbacks.answer(ask)))
        except Fault as fault:
            self._flood = fault  # the submission may catch it
            raise


def _crossed(value: Any) -> Any:
    """The value as it would arrive in another process."""
    return _payload(wire.encode(value))


def _payload(frames: list[Any]) -> Any:
    return wire.decode(memoryview(b"".join(frames))[wire.HEADER.size :])

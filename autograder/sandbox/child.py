"""The submission's side of the channel: answers the judge's requests with plain data."""

from __future__ import annotations

import builtins
import contextlib
import os
import socket
import sys
import threading
import types
from typing import Any

from autograder.sandbox import frames, wire
from autograder.sandbox.runner import Runner, describe


class Channel:
    """The child's end of its socket to the judge."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._one_at_a_time = threading.RLock()

    def send(self, value: Any) -> None:
        frames.send(self._channel, wire.encode(value), lambda: None)

    def receive(self) -> Any:
        """The next value; EOFError when the judge has gone."""
        return frames.receive(self._channel, sys.maxsize, lambda: None)

    def ask(self, number: int, method: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """What the judge's object answers; raises the built-in exception that it raised."""
        with self._one_at_a_time:
            self.send({"ask": [number, method, args, kwargs]})
            answer = self.receive()
        return read_answer(answer)


def read_answer(answer: dict[str, Any]) -> Any:
    """The value that one of the judge's objects answered; raises the exception that it raised."""
    if "value" in answer:
        return answer["value"]
    name, message = answer["raise"]
    raise getattr(builtins, name)(message)


def serve(channel: Channel) -> None:
    """Run the submission's requests until the judge hangs up."""
    module = types.ModuleType("__main__")  # as in a notebook; dataclasses look their module up
    sys.modules["__main__"] = module
    runner = Runner(vars(module), channel.ask)
    channel.send({"ready": True})
    while True:
        try:
            request = channel.receive()
        except (EOFError, OSError):
            return
        try:
            channel.send(runner.handle(request))
        except OSError:
            return
        except BaseException as error:  # a reply that cannot cross is an outcome
            channel.send(describe(error))


def main(config: dict[str, Any]) -> None:
    """Serve as a process of one's own, with the limits that this system has and no other fence."""
    if "share" in config:  # Windows hands sockets over by a description
        channel = socket.fromshare(bytes.fromhex(config["share"]))  # type: ignore[attr-defined]
    else:
        channel = socket.socket(fileno=config["channel"])
    if os.name == "posix":
        _limit(config)
    serve(Channel(channel))
    os._exit(0)


def _limit(config: dict[str, Any]) -> None:
    import resource

    seconds = config["cpu_seconds"]
    # the libraries are not loaded yet, and map some gigabytes
    memory = config["memory_bytes"] + (6 << 30)
    for kind, soft, hard in (
        (resource.RLIMIT_CPU, seconds, seconds + 1),
        (resource.RLIMIT_AS, memory, memory),
        (resource.RLIMIT_CORE, 0, 0),
        (resource.RLIMIT_FSIZE, 64 << 20, 64 << 20),
    ):
        # macOS has no limit on address space
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(kind, (soft, hard))

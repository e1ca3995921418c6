"""Values over a socket, one frame at a time; the same code on both ends."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

from autograder.sandbox import wire
from autograder.sandbox.wire import WireError

_PIECE = 1 << 16


def send(channel: socket.socket, frame: list[Any], prepare: Callable[[], None]) -> None:
    """Send what `wire.encode` made; `prepare` runs before each piece, to set a timeout."""
    if sum(map(len, frame)) < _PIECE:
        frame = [b"".join(frame)]
    for piece in frame:
        prepare()
        channel.sendall(piece)


def receive(channel: socket.socket, limit: int, prepare: Callable[[], None]) -> Any:
    """The value in the next frame, of at most `limit` bytes, with nothing behind it.

    Raises
    ------
    EOFError
        When the other end has closed.
    WireError
        When what came is no frame with a value.
    """
    head = wire.HEADER.size
    data = bytearray()
    while len(data) < head:
        prepare()
        piece = channel.recv(_PIECE)
        if not piece:
            raise EOFError
        data += piece
    (size,) = wire.HEADER.unpack(data[:head])
    if size > limit:
        raise WireError(f"an answer of {size} bytes is too large; {limit} are allowed")
    filled = len(data)
    if filled > head + size:
        raise WireError("more than one answer")
    data += bytes(head + size - filled)
    rest = memoryview(data)[filled:]
    while len(rest):
        prepare()
        got = channel.recv_into(rest)
        if not got:
            raise EOFError
        rest = rest[got:]
    return wire.decode(memoryview(data)[head:])

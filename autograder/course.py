"""The instructor's side of a course folder: where the references lie, and the secret seeds."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Course:
    """A folder with `solutions/`; only an instructor's machine has one."""

    root: Path

    @classmethod
    def find(cls, start: Path) -> Course | None:
        """The course that `start` lies in, or None where there are no solutions."""
        for folder in (start.resolve(), *start.resolve().parents):
            if (folder / "solutions").is_dir() and (folder / "exercises").is_dir():
                return cls(folder)
        return None

    def reference(self, exercise: str) -> Path:
        """The source notebook whose solution cells are the reference."""
        return self.root / "solutions" / exercise / f"{exercise}.ipynb"

    def starter(self, exercise: str) -> Path:
        """The release notebook, as a learner receives it."""
        return self.root / "exercises" / exercise / f"{exercise}.ipynb"

    def secret(self) -> bytes:
        """The course's secret, made on first use and then kept, so that a regrade agrees."""
        path = self.root / "course_secret"
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return path.read_bytes().strip()
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32) + "\n")
        return path.read_bytes().strip()

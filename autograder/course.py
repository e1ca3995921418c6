"""The instructor's side of a course folder: where the references lie, and the secret seeds."""

from __future__ import annotations

import os
import secrets
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from autograder.checking import GraderError

SECRET_BYTES = 32


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
        """The course's secret, made on first use and then kept, so that a regrade agrees.

        Raises
        ------
        GraderError
            If the file is there but cut short: with a known secret, secret inputs are none.
        """
        path = self.root / "course_secret"
        if not path.exists():
            with tempfile.NamedTemporaryFile("w", dir=self.root, prefix=".secret-") as file:
                file.write(secrets.token_hex(SECRET_BYTES) + "\n")
                file.flush()
                os.fsync(file.fileno())
                with suppress(FileExistsError):  # whoever is first makes it, whole
                    os.link(file.name, path)
        secret = path.read_bytes().strip()
        if len(secret) < 2 * SECRET_BYTES:
            raise GraderError(f"{path} is cut short. Restore it, or delete it to make a new one.")
        return secret

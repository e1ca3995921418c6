"""Makes a fresh clone a course that nbgrader can run; a second time it changes nothing."""

from __future__ import annotations

import copy
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import DatabaseError
from traitlets.config import Config, PyFileConfigLoader

from autograder.catalogue import Exercise, exercises
from autograder.checking import GraderError
from autograder.course import Course
from autograder.for_nbgrader.submissions import known_cells

CONFIGURATION = "nbgrader_config.py"


def set_up(course: Course) -> Iterator[str]:
    """Make what the course lacks: secret, exchange folder, gradebook, assignments.

    Yields a line for each of them. Raises GraderError where something stands in the way.
    """
    if not (course.root / CONFIGURATION).is_file():
        raise GraderError(f"{CONFIGURATION} is missing. Restore it; it is part of the repository.")
    _find_commands()
    config = PyFileConfigLoader(CONFIGURATION, path=str(course.root)).load_config()
    had_secret = (course.root / "course_secret").exists()
    course.secret()
    yield f"course_secret: {'kept' if had_secret else 'made; keep it, and a regrade agrees'}"
    yield f"{_make_exchange(config)}: the exchange folder"
    for exercise in exercises().values():
        yield f"gradebook.db: {exercise.name} {_make_assignment(course, exercise, config)}"


def _make_exchange(config: Config) -> str:
    """nbgrader's exchange on one machine: a folder that everybody may write to."""
    folder = config.Exchange.root
    if not os.path.isdir(folder):
        if os.path.lexists(folder):
            raise GraderError(f"{folder} is no folder. Move it away: the exchange belongs there.")
        os.makedirs(folder)
        os.chmod(folder, 0o777)
    return os.path.basename(folder) + "/"


def _make_assignment(course: Course, exercise: Exercise, config: Config) -> str:
    if _recorded(course, exercise, config) == _wanted(course, exercise):
        return "is up to date"
    release = course.starter(exercise.name)
    with tempfile.TemporaryDirectory() as scratch, chdir(course.root):
        # elsewhere, because nbgrader empties the folder first, and it may hold somebody's work
        elsewhere = copy.deepcopy(config)
        elsewhere.CourseDirectory.release_directory = scratch
        elsewhere.GenerateAssignment.pop("post_convert_hook", None)
        done = NbGraderAPI(config=elsewhere).generate_assignment(exercise.name, force=True)
        if not done["success"]:
            found = re.search(r"(?m)^\s*[\w.]*(?:Error|Exception): (.+)", done["log"])
            reason = found[1] if found else "it does not say why"
            raise GraderError(f"nbgrader could not generate {exercise.name}: {reason}")
        made = Path(scratch, exercise.name, release.name).read_bytes()
    if made != release.read_bytes():
        raise GraderError(
            f"{release} is not what solutions/{exercise.name} gives. Move changes of yours "
            "elsewhere, then run `shelfspace build`, and this command again."
        )
    return "generated"


def _find_commands() -> None:
    """nbgrader calls `alembic`, which lies beside this Python; nobody has to activate it."""
    here = os.path.dirname(sys.executable)
    os.environ["PATH"] = os.pathsep.join([here, os.environ.get("PATH", os.defpath)])


Cells = dict[str, tuple[str, float | None]]


def _recorded(course: Course, exercise: Exercise, config: Config) -> Cells:
    """Source and points of each cell that the gradebook knows."""
    url = CourseDirectory(config=config).db_url
    try:
        with Gradebook(url, config.CourseDirectory.course_id) as gradebook:
            notebook = gradebook.find_notebook(exercise.name, exercise.name)
            points = {cell.name: cell.max_score for cell in notebook.grade_cells}
            cells = notebook.source_cells
            return {cell.name: (cell.source, points.get(cell.name)) for cell in cells}
    except MissingEntry:
        return {}
    except DatabaseError:
        raise GraderError(
            f"{url} is no gradebook that this nbgrader can read. Restore it, or move it away to "
            "start a new one."
        ) from None


def _wanted(course: Course, exercise: Exercise) -> Cells:
    """The same, as nbgrader makes it of source and release."""
    source, release = map(_cells, (course.reference(exercise.name), course.starter(exercise.name)))
    return {
        name: (
            (cell if cell.metadata.nbgrader.locked else release.get(name, cell)).source,
            cell.metadata.nbgrader.get("points"),
        )
        for name, cell in source.items()
    }


def _cells(path: Path) -> dict[str, Any]:
    try:
        return known_cells(nbformat.read(path, as_version=4))
    except (OSError, nbformat.reader.NotJSONError):
        raise GraderError(f"{path} cannot be read. Run `shelfspace build` to make it.") from None

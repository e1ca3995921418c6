"""What is handed in, read safely and put back into the cells of the release.

Of a learner's notebook the types and sources of cells are kept, and the images pasted into them.
Outputs, metadata and ids are theirs to forge, so they are made anew.
"""

from __future__ import annotations

import copy
import functools
import re
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat.v4 import new_markdown_cell, new_notebook
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets.config import Config

from autograder.submission import Cell, Unreadable, read_cells

MAX_TEXT = 60_000  # characters of markdown that are rendered; the rest is shown as it is

MISSING = """\
# This cell was missing from the notebook; it is here for the comment on the task.
# What counts is the definition, wherever it stands."""


def course_directory(config: Config) -> CourseDirectory:
    """The course's folders, as nbgrader's configuration has them."""
    return CourseDirectory(config=config)


def submitted_file(config: Config, resources: Any) -> Path:
    """The notebook that was handed in, of the submission that nbgrader is converting."""
    course, submission = course_directory(config), resources["nbgrader"]
    folder = course.format_path(
        course.submitted_directory, submission["student"], submission["assignment"]
    )
    return Path(folder) / f"{submission['notebook']}.ipynb"


def released_notebook(config: Config, resources: Any) -> Any:
    """The notebook that learners received; shared, so not to be changed."""
    return _notebook(course_directory(config).release_directory, config, resources)


def _notebook(step: str, config: Config, resources: Any) -> Any:
    course, submission = course_directory(config), resources["nbgrader"]
    folder = course.format_path(step, ".", submission["assignment"])
    path = Path(folder) / f"{submission['notebook']}.ipynb"
    return _read(path, path.stat().st_mtime_ns)


@functools.lru_cache(4)
def _read(path: Path, written: int) -> Any:
    """The notebook at `path`; read anew when it was `written` anew."""
    return nbformat.read(path, as_version=4)


class SubmissionExporter(NotebookExporter):
    """Reads a submission with the grader's own bounds; what cannot be read becomes a notice.

    nbgrader's reader drops the whole submission at the first damage.
    """

    def from_filename(self, filename: str, resources: Any = None, **options: Any) -> Any:
        path = Path(filename)
        if path != submitted_file(self.config, resources):  # a notebook that we wrote
            return super().from_filename(filename, resources, **options)
        resources["metadata"] = {"name": path.stem, "path": str(path.parent)}
        return self.from_notebook_node(as_plain_notebook(path), resources, **options)


def as_plain_notebook(path: Path) -> Any:
    """Types, sources and pasted images of the submission's cells, with the id that each one claims.

    A cell's prompt is its place in the file, which is how verdicts call it.
    """
    cells, texts = [], 0
    try:
        for place, cell in enumerate(read_cells(path), start=1):
            texts += len(cell.source) * (cell.cell_type != "code")
            cells.append(_plain_cell(cell, place, as_text=texts > MAX_TEXT))
    except Unreadable as error:
        cells = [new_markdown_cell(f"**This file could not be read.** {error}")]
    return new_notebook(cells=cells)


def _plain_cell(cell: Cell, place: int, as_text: bool) -> Any:
    source = cell.source.encode("utf-8", "replace").decode()  # JSON can hold half characters
    made: dict[str, Any] = {"id": f"submitted-{place}", "metadata": {"claimed_id": cell.grade_id}}
    if cell.cell_type == "code":
        made |= {"cell_type": "code", "source": source, "execution_count": place, "outputs": []}
    elif cell.cell_type == "markdown" and not as_text:
        made |= {"cell_type": "markdown", "source": source, "attachments": cell.images}
    else:  # raw text may be HTML: show it, in a fence that it lacks
        longest = max(map(len, re.findall("`+", source)), default=0)
        fence = "`" * max(3, longest + 1)
        made |= {"cell_type": "markdown", "source": f"{fence}\n{source}\n{fence}"}
    return nbformat.from_dict(made)


class RestoreCells(NbGraderPreprocessor):
    """Every cell of the release that nbgrader knows, exactly once, among the learner's own cells.

    The last cell of the right type that claims an id takes its place; one that is missing is put
    behind its neighbour. Nothing that a learner wrote is lost: what stood in a locked cell, or in
    an earlier cell of the same id, stays as a cell of its own.
    """

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        release = released_notebook(self.config, resources)
        source = _notebook(course_directory(self.config).source_directory, self.config, resources)
        nb.metadata = copy.deepcopy(release.metadata)
        nb.cells = _restored(nb.cells, copy.deepcopy(known_cells(release)))
        graders = known_cells(source)
        for grade_id, cell in known_cells(nb).items():
            if cell.metadata.nbgrader.locked:  # with the mark scheme
                cell.source = graders[grade_id].source
        return nb, resources


def known_cells(nb: Any) -> dict[str, Any]:
    """The cells that nbgrader knows, by id and in order."""
    return {c.metadata.nbgrader.grade_id: c for c in nb.cells if "nbgrader" in c.metadata}


def _restored(cells: list[Any], ours: dict[str, Any]) -> list[Any]:
    """`cells` of a submission, with all of `ours` among them."""
    claims = [cell.metadata.pop("claimed_id", None) for cell in cells]
    places = {
        claim: place
        for place, (cell, claim) in enumerate(zip(cells, claims, strict=True))
        if claim in ours and ours[claim].cell_type == cell.cell_type
    }
    result: list[Any] = []
    for place, (cell, claim) in enumerate(zip(cells, claims, strict=True)):
        result += _put_back(cell, ours[claim]) if places.get(claim) == place else [cell]
    before = None
    for grade_id, cell in ours.items():
        if grade_id not in places:
            if cell.cell_type == "code" and cell.metadata.nbgrader.solution:
                cell.source = MISSING
            result.insert(_behind(before, result) if before else 0, cell)
        before = cell
    return result


def _put_back(cell: Any, ours: Any) -> list[Any]:
    """The release's cell with what the learner wrote in it; beside it, where it is locked."""
    if cell.cell_type == "code":
        ours.execution_count = cell.execution_count
    if ours.metadata.nbgrader.locked:
        return [ours] if cell.source.strip() == ours.source.strip() else [cell, ours]
    ours.source = cell.source
    if "attachments" in cell:
        ours.attachments = cell.attachments
    return [ours]


def _behind(cell: Any, cells: list[Any]) -> int:
    return next(place for place, other in enumerate(cells) if other is cell) + 1

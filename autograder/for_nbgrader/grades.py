"""Verdicts as points, tables and comments in nbgrader's gradebook.

nbgrader fails open: a grade cell without output, or with one that it cannot read, earns full marks.
So a grade cell holds an error before it is judged, and a plain float once it is.
"""

from __future__ import annotations

import ast
import atexit
import hashlib
import math
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.plugins import LateSubmissionPlugin
from nbgrader.preprocessors import NbGraderPreprocessor, SaveAutoGrades
from nbgrader.utils import is_grade, is_solution
from traitlets import Bool, Float

from autograder.catalogue import Exercise, find_exercise
from autograder.checking import GraderError
from autograder.course import Course
from autograder.for_nbgrader.submissions import (
    course_directory,
    released_notebook,
    submitted_file,
)
from autograder.grading import Graded, Grader
from autograder.judge import Verdict
from autograder.report import headline, verdict_html
from autograder.sandbox.host import SandboxError

SECONDS_PER_DAY = 86_400


class SandboxedChecks(NbGraderPreprocessor):
    """Judges the submitted file, every task in a locked process, and writes points and tables."""

    allow_weak = Bool(
        False,
        help="Grade although the sandbox on this machine is WEAK; only for files that you trust.",
    ).tag(config=True)

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        grade_cells = {
            cell.metadata.nbgrader.grade_id: cell
            for cell in nb.cells
            if is_grade(cell) and cell.cell_type == "code"
        }
        for cell in grade_cells.values():
            cell.outputs = [_error("This task was not judged.")]
        graded = self._grade(resources)
        for cell in grade_cells.values():
            if graded.message:
                cell.outputs = [_error(graded.message)]
        for verdict in graded.verdicts:
            grade_cells[verdict.task.name].outputs = [_points_and_table(verdict)]
        resources["shelfspace"] = graded
        return nb, resources

    def _grade(self, resources: Any) -> Graded:
        course = Course(Path(course_directory(self.config).root))
        grader = _warm_grader(course, find_exercise(resources["nbgrader"]["assignment"]))
        if grader.isolation.name == "WEAK" and not self.allow_weak:
            raise GraderError(
                f"The sandbox on this machine is {grader.isolation.text} Grade strangers' work "
                "on Linux, or set c.SandboxedChecks.allow_weak for files that you trust."
            )
        try:
            return grader.grade(submitted_file(self.config, resources))
        except SandboxError:
            _end_warm_grader()  # the next submission starts afresh
            raise


class SaveVerdicts(SaveAutoGrades):
    """nbgrader's own saving of points; a comment line per task, and a look by a person where an
    answer may stand elsewhere."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        graded: Graded = resources["shelfspace"]
        self.lines = {
            f"{verdict.task.name}-solution": headline(verdict) for verdict in graded.verdicts
        }
        self.look = graded.message
        if _own_texts(nb, released_notebook(self.config, resources)):
            self.look = self.look or "The answer's cell is unchanged; there is text in other cells."
        return super().preprocess(nb, resources)

    def _add_score(self, cell: Any, resources: Any) -> None:
        super()._add_score(cell, resources)
        if self.look and is_solution(cell):
            name = cell.metadata.nbgrader.grade_id
            grade = self.gradebook.find_grade(name, *self._where())
            if grade.auto_score == 0:
                grade.needs_manual_grade = True
                self.lines[name] = self.look

    def _add_comment(self, cell: Any, resources: Any) -> None:
        name = cell.metadata.nbgrader.grade_id
        if name not in self.lines:
            super()._add_comment(cell, resources)
            return
        self.gradebook.find_comment(name, *self._where()).auto_comment = self.lines[name]
        self.gradebook.db.commit()

    def _where(self) -> tuple[str, str, str]:
        return self.notebook_id, self.assignment_id, self.student_id


class LatePenalty(LateSubmissionPlugin):
    """Points off for each day begun after the due date, down to zero."""

    points_per_day = Float(2.0, help="Points that each day begun costs.").tag(config=True)

    def late_submission_penalty(
        self, student_id: str, score: float, total_seconds_late: float
    ) -> float:
        return min(score, self.points_per_day * math.ceil(total_seconds_late / SECONDS_PER_DAY))


def _points_and_table(verdict: Verdict) -> Any:
    """One output: nbgrader reads its text as points, people read its table."""
    data = {"text/plain": repr(float(verdict.points)), "text/html": verdict_html(verdict)}
    return _output("execute_result", data=data, metadata={}, execution_count=None)


def _error(text: str) -> Any:
    return _output("error", ename="NotJudged", evalue=text, traceback=[text])


def _output(output_type: str, **fields: Any) -> Any:
    return nbformat.from_dict({"output_type": output_type, **fields})


def _own_texts(nb: Any, release: Any) -> list[str]:
    """Texts that the learner wrote in cells of their own, where an answer may stand."""
    released = {cell.source.strip() for cell in release.cells} | {""}
    return [
        cell.source
        for cell in nb.cells
        if "nbgrader" not in cell.metadata
        and cell.source.strip() not in released
        and (cell.cell_type == "markdown" or _is_prose(cell.source))
    ]


def _is_prose(source: str) -> bool:
    """Whether a code cell holds words: comments, a text, or what is no Python at all."""
    try:
        statements = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return True
    return all(
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant | ast.Name)
        for statement in statements
    )


# ---------------------------------------------------------------------- the grader of this process

_warm: dict[tuple[Path, str, bytes], Grader] = {}


def _warm_grader(course: Course, exercise: Exercise) -> Grader:
    """One grader for the batch, or for as long as formgrader runs; anew when its basis changes."""
    basis = course.reference(exercise.name).read_bytes() + course.secret()
    key = course.root, exercise.name, hashlib.sha256(basis).digest()
    if key not in _warm:
        _end_warm_grader()
        _warm[key] = Grader(exercise, course)
    return _warm[key]


@atexit.register
def _end_warm_grader() -> None:
    while _warm:
        _warm.popitem()[1].close()

"""Grades whole submissions in the sandbox: one fresh child per task, one verdict each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from autograder.catalogue import Exercise, Task
from autograder.checking import Finding, GraderError, failure_of
from autograder.course import Course
from autograder.judge import ERROR, NOT_ATTEMPTED, PASSED, Judge, Verdict
from autograder.oracle import Reference
from autograder.sandbox.envelope import Fault, Reply
from autograder.sandbox.host import Limits, Sandbox, SandboxError, Session
from autograder.sandbox.probe import Level
from autograder.sandbox.runner import Statement
from autograder.sandbox.wire import Handle, Prop
from autograder.submission import THE_COURSES, Broken, Submission, Unreadable, read_submission

_HEAVY_LIBRARY = re.compile(r"\b(?:torch|sklearn|imblearn|scipy|pandas|matplotlib)\b")


@dataclass(frozen=True)
class Graded:
    """A submission's verdicts in the order of the tasks; a `message` and none if unreadable."""

    path: Path
    verdicts: tuple[Verdict, ...] = ()
    message: str = ""

    @property
    def points(self) -> float:
        return round(sum(verdict.points for verdict in self.verdicts), 2)


class Grader:
    """Grades submissions of one exercise.

    With a `course` the reference and the secret seeds join in; without one (a learner's machine),
    public seeds only. `with_gate=False` leaves the last, measured task out.
    """

    def __init__(
        self, exercise: Exercise, course: Course | None = None, *, with_gate: bool = True
    ) -> None:
        self.exercise = exercise
        self.tasks = [task for task in exercise.tasks if with_gate or not task.is_gate]
        self._heavy, self._light = Sandbox(), Sandbox(heavy=False)
        self._reference: Reference | None = None
        self._right: Submission | None = None
        if course is not None:
            right = self._right = read_submission(course.reference(exercise.name))
            self._reference = Reference(lambda task: self._open_reference(right, task))
        secret = course.secret() if course is not None else None
        self.judge = Judge(exercise, secret, self._reference)

    def __enter__(self) -> Grader:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the processes; a closed grader is of no more use."""
        if self._reference is not None:
            self._reference.close()
        self._heavy.close()
        self._light.close()

    @property
    def max_points(self) -> float:
        return sum(task.points for task in self.tasks)

    @property
    def isolation(self) -> Level:
        """What the sandbox's attack on itself observed, in the weaker of its two kinds."""
        levels = self._heavy.level, self._light.level
        return max(levels, key=lambda level: ("STRONG", "GOOD", "WEAK").index(level.name))

    def _sandbox(self, task: Task, statements: list[Statement]) -> Sandbox:
        """The sandbox whose processes have loaded what the task or the statements need."""
        named = task.needs_libraries or any(
            _HEAVY_LIBRARY.search(statement.source) for statement in statements
        )
        return self._heavy if named else self._light

    def grade(self, path: Path) -> Graded:
        """All verdicts on the submission at `path`; never raises for what it holds."""
        try:
            submission = read_submission(path)
            return Graded(path, tuple(self.verdict(submission, task) for task in self.tasks))
        except Unreadable as error:
            return Graded(path, message=str(error))
        except (GraderError, SandboxError):
            raise
        except Exception as error:  # one strange file must not cost the others their grades
            text = f"The grader could not judge this file ({type(error).__name__}). Report it."
            return Graded(path, message=text)

    def verdict(self, submission: Submission, task: Task) -> Verdict:
        """The verdict on one task, judged in a child of its own.

        Where a function that the task may call is itself wrong, and the reference is at hand, the
        task is judged with the reference's in its place, too, and the better verdict counts: one
        fault costs one task.
        """
        verdict = self._verdict(submission, task)
        if verdict.outcome == PASSED or self._right is None:
            return verdict
        siblings = [self.exercise.task(name) for name in task.may_call]
        wrong = [item for item in siblings if self.verdict(submission, item).outcome != PASSED]
        if not wrong:
            return verdict
        for sibling in wrong:
            statements = self._right.slice(sibling.name) or []
            submission = submission.with_statements(sibling.name, statements)
        return max(verdict, self._verdict(submission, task), key=lambda found: found.points)

    def _verdict(self, submission: Submission, task: Task) -> Verdict:
        try:
            statements = submission.slice(task.name, task.uses)
        except Broken as error:
            text = f"The cell does not parse: {error}."
            finding = Finding(text, category="syntax error", place=error.place, line=error.line)
            return self.judge.without_calls(task, ERROR, finding)
        if statements is None:
            text = f"No definition of `{task.name}` was found."
            return self.judge.without_calls(task, NOT_ATTEMPTED, Finding(text))
        if submission.is_stub(task.name):
            return self.judge.without_calls(task, NOT_ATTEMPTED, Finding("Not attempted yet."))
        for used in task.uses:
            if not submission.slice(used) or submission.is_stub(used):
                return self.judge.without_calls(task, ERROR, without_sibling(task, used))
        lines, sandbox = _lines_of(statements), self._sandbox(task, statements)
        try:
            if task.is_gate:
                with _RenewableSession(sandbox, statements, limits_of(task)) as session:
                    return self.judge.judge(task, session, lines)
            with sandbox.open(statements, limits_of(task)) as session:
                sandbox.prepare(limits_of(task))  # most tasks have the same limits
                return self.judge.judge(task, session, lines)
        except Fault as fault:  # from the statements; a check handles those of its calls
            failure = failure_of(fault)
            return self.judge.without_calls(task, failure.outcome, failure.finding)

    def _open_reference(self, reference: Submission, name: str) -> Session:
        task = self.exercise.task(name)
        statements = reference.slice(name)
        assert statements is not None, f"the reference does not define {name}"
        return self._sandbox(task, statements).open(statements, limits_of(task))


class _RenewableSession:
    """A session that `renew` replaces by a new child, for tasks that could carry over what they
    have seen: a fitted model, or labels."""

    def __init__(self, sandbox: Sandbox, statements: list[Statement], limits: Limits) -> None:
        self._open = lambda: sandbox.open(statements, limits)
        self._open_empty = lambda: sandbox.open([], limits)
        self._session = self._open()

    def __enter__(self) -> _RenewableSession:
        return self

    def __exit__(self, *exception: object) -> None:
        self._session.close()

    def call(self, target: str | Handle | Prop, *args: Any, **options: Any) -> Reply:
        return self._session.call(target, *args, **options)

    def cpu_seconds(self) -> float:
        return self._session.cpu_seconds()

    def beside(self) -> Session:
        return self._open_empty()

    def renew(self) -> None:
        self._session.close()
        self._session = self._open()


def without_sibling(task: Task, used: str) -> Finding:
    """What there is to say where a task's function is handed one that isn't there."""
    text = f"`{task.name}` is handed your `{used}`, which is not written yet: begin with that one."
    return Finding(text, category="not written yet")


def _lines_of(statements: list[Statement]) -> dict[str, set[int]]:
    """The lines of a submission that were taken, by place."""
    lines: dict[str, set[int]] = {}
    for item in statements:
        if item.place == THE_COURSES:
            continue
        last = item.line + item.source.count("\n")
        lines.setdefault(item.place, set()).update(range(item.line, last + 1))
    return lines


def limits_of(task: Task) -> Limits:
    """CPU seconds decide; the wall clock only ends what sleeps, generously on a busy machine."""
    return Limits(cpu_seconds=task.cpu_seconds, wall_seconds=3 * task.cpu_seconds + 10)


def submissions_in(paths: list[Path]) -> Iterator[Path]:
    """The files that are meant: files as they are, and every notebook or module in a folder.

    Hidden folders (Jupyter's checkpoints) are left out.
    """
    for path in paths:
        if not path.is_dir() or path.is_symlink():
            yield path
            continue
        found = [p for p in path.rglob("*") if p.suffix in (".ipynb", ".py") and not p.is_dir()]
        yield from sorted(
            p for p in found if not any(part.startswith(".") for part in p.relative_to(path).parts)
        )

"""The door in the notebook: `check("smote")` below a task's cell, and `hint("smote")`.

There is no fence here; whoever tampers with their own kernel fools only themselves.
"""

from __future__ import annotations

import html
import inspect
import os
import sys
import textwrap
from collections import Counter
from typing import Any

from autograder.catalogue import Exercise, Task, exercises, find_task
from autograder.checking import Finding, GraderError
from autograder.grading import without_sibling
from autograder.judge import ERROR, NOT_ATTEMPTED, PASSED, Judge, Verdict
from autograder.report import summary_html, summary_text, verdict_html, verdict_text
from autograder.sandbox.local import LocalSession
from autograder.submission import parse_cells

_hints_shown: Counter[str] = Counter()


class Shown:
    """What a call shows: HTML in a notebook, text anywhere else.

    Where nbgrader runs the cell, its text is the points: anything else would earn full marks.
    """

    def __init__(self, text: str, markup: str, points: float = 0.0) -> None:
        self._text, self._markup, self._points = text, markup, points

    def __repr__(self) -> str:
        return repr(float(self._points)) if "NBGRADER_EXECUTION" in os.environ else self._text

    def _repr_html_(self) -> str:
        return self._markup


def check(name: str) -> Shown:
    """The verdict on a task of this notebook, or, for an exercise's name, on all of its tasks.

    Parameters
    ----------
    name : str
        A task, such as "smote", or an exercise, such as "imbalance".
    """
    try:
        if name in exercises():
            exercise = exercises()[name]
            verdicts = tuple(_judge(exercise, task) for task in exercise.tasks)
            return Shown(summary_text(verdicts), summary_html(verdicts))
        exercise, task = find_task(name)
        verdict = _judge(exercise, task)
        text = verdict_text(verdict)
        if os.environ.get("NBGRADER_EXECUTION") == "validate" and verdict.outcome != PASSED:
            print(text, file=sys.stderr)  # all that `nbgrader validate` shows of a failed cell
        return Shown(text, verdict_html(verdict), verdict.points)
    except (GraderError, KeyError) as error:
        return Shown(str(error.args[0]), html.escape(str(error.args[0])))


def hint(name: str, number: int | None = None) -> None:
    """Print the next hint for a task, or the hint with a `number` from 1 (a nudge) to 3."""
    try:
        _, task = find_task(name)
    except KeyError as error:
        print(error.args[0])
        return
    if number is None:
        _hints_shown[name] = min(_hints_shown[name] + 1, len(task.hints))
        number = _hints_shown[name]
    print(hint_text(task, number))


def hint_text(task: Task, number: int) -> str:
    """One hint, with its place in the row."""
    if not 1 <= number <= len(task.hints):
        return f"{task.name} has hints 1 to {len(task.hints)}."
    return f"Hint {number} of {len(task.hints)} for {task.name}: {task.hints[number - 1]}"


def _judge(exercise: Exercise, task: Task) -> Verdict:
    namespace = _namespace()
    judge = Judge(exercise)
    if task.name not in namespace:
        text = f"No definition of `{task.name}` was found. Run its cell first."
        return judge.without_calls(task, NOT_ATTEMPTED, Finding(text))
    for used in task.uses:
        if used not in namespace or _is_stub(namespace[used]):
            return judge.without_calls(task, ERROR, without_sibling(task, used))
    return judge.judge(task, LocalSession(namespace))


def _is_stub(function: Any) -> bool:
    try:
        source = textwrap.dedent(inspect.getsource(function))
    except (OSError, TypeError):
        return False
    return parse_cells([("file", source)]).is_stub(function.__name__)


def _namespace() -> dict[str, Any]:
    return vars(sys.modules["__main__"])

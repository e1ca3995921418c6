"""The verdict corpus: right submissions get all points, wrong ones lose exactly what they break."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from conftest import REFERENCE, ROOT, STARTER, SUBMISSIONS

from autograder.build import load_misconceptions
from autograder.catalogue import exercises, find_exercise
from autograder.judge import Verdict
from autograder.report import message
from autograder.submission import parse_cells, read_submission

RIGHT = sorted(SUBMISSIONS.glob("right/*"))
WRONG = sorted(SUBMISSIONS.glob("wrong/*.py"))
BASE = SUBMISSIONS / "right" / "vectorised.py"
PRELUDE, MISCONCEPTIONS = load_misconceptions(ROOT, find_exercise("imbalance"))
TASKS = [task for task in find_exercise("imbalance").tasks if not task.is_gate]


@dataclass(frozen=True)
class Wrong:
    """A wrong answer and what its header promises of it."""

    source: str
    task: str
    outcome: str
    misconception: str | None

    @classmethod
    def read(cls, path: Path) -> Wrong:
        source = path.read_text("utf-8")
        header = dict(re.findall(r"(?m)^# (task|outcome|misconception): (\S+)", source))
        named = header["misconception"]
        return cls(source, header["task"], header["outcome"], None if named == "none" else named)

    @property
    def is_gate(self) -> bool:
        return find_exercise("imbalance").task(self.task).is_gate


@cache
def base() -> str:
    return BASE.read_text("utf-8")


def test_the_reference_gets_all_points(course_grader):
    graded = course_grader.grade(REFERENCE)
    assert [message(verdict) for verdict in graded.verdicts] == ["All checks passed."] * len(TASKS)
    assert graded.points == course_grader.max_points == 17


def test_the_starter_is_not_attempted_everywhere(course_grader):
    graded = course_grader.grade(STARTER)
    assert {verdict.outcome for verdict in graded.verdicts} == {"not_attempted"}
    assert graded.points == 0


@pytest.mark.parametrize("path", RIGHT, ids=lambda path: path.stem)
def test_a_right_submission_gets_all_points(course_grader, path):
    graded = course_grader.grade(path)
    assert [message(verdict) for verdict in graded.verdicts] == ["All checks passed."] * len(TASKS)


@pytest.mark.parametrize(
    "path", [path for path in WRONG if not Wrong.read(path).is_gate], ids=lambda path: path.stem
)
def test_a_wrong_submission_loses_its_task_and_is_named(course_grader, path):
    wrong = Wrong.read(path)
    right = parse_cells([("cell 1", base())])
    submission = parse_cells([("cell 1", base()), ("cell 2", wrong.source)])
    for task in TASKS:
        if task.name == wrong.task:
            verdict = course_grader.verdict(submission, task)
            assert verdict.outcome == wrong.outcome, message(verdict)
            assert verdict.misconception == wrong.misconception, message(verdict)
            assert verdict.points < task.points
            assert wrong.outcome == "not_attempted" or "Try: " in message(verdict)
        elif submission.slice(task.name) != right.slice(task.name):
            # the same code has the same verdict: only what the wrong answer touches is judged again
            assert course_grader.verdict(submission, task).outcome == "passed"


@pytest.mark.parametrize(
    "wrong",
    [wrong for wrong in MISCONCEPTIONS if wrong.task != "coupon_model"],
    ids=lambda wrong: f"{wrong.task}-{wrong.name}",
)
def test_every_misconception_is_rejected_and_named(learner_grader, wrong):
    submission = parse_cells([("file", PRELUDE + wrong.code)])
    verdict = learner_grader.verdict(submission, learner_grader.exercise.task(wrong.task))
    assert (verdict.outcome, verdict.misconception) == ("wrong", wrong.name)
    assert wrong.sentence in message(verdict)


def test_every_misconception_has_a_wrong_submission_of_its_own():
    covered = {(Wrong.read(path).task, Wrong.read(path).misconception) for path in WRONG}
    assert {(wrong.task, wrong.name) for wrong in MISCONCEPTIONS} <= covered


def test_every_task_has_right_answers_in_several_styles_and_several_wrong_ones():
    for task in exercises()["imbalance"].tasks:
        styles = [path for path in RIGHT if read_submission(path).slice(task.name)]
        assert len(styles) >= 3
        assert sum(Wrong.read(path).task == task.name for path in WRONG) >= 4


# What a contract may not return instead of its right answer, as a function of that answer.
DEGENERATE = {
    "zeros": "lambda a: np.zeros_like(a)",
    "constant": "lambda a: np.full_like(a, 0.5 if a.dtype.kind == 'f' else 1)",
    "nan": "lambda a: np.full(a.shape, np.nan)",
    "random": "lambda a: np.random.default_rng(5).random(a.shape)",
    "wrong shape": "lambda a: a[None]",
    "text": "lambda a: a.astype(str)",
    "complex": "lambda a: a.astype(complex) if a.dtype.kind in 'biuf' else a[:0]",
    "empty": "lambda a: a.ravel()[:0]",
    "none": "lambda a: None",
}
DISTORTED = """
import numpy as _np

def _distort(value, change):
    if isinstance(value, tuple):
        return tuple(_distort(item, change) for item in value)
    if type(value).__name__ == "Tensor":
        changed = change(value.detach().numpy())
        try:
            return torch.as_tensor(changed)
        except (TypeError, RuntimeError):
            return changed
    changed = change(_np.asarray(value))
    return changed.item() if _np.shape(changed) == () and changed is not None else changed

_right = {task}

def {task}(*args):
    return _distort(_right(*args), {change})
"""


@pytest.mark.parametrize("kind", DEGENERATE)
@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_degenerate_results_earn_nothing(learner_grader, task, kind):
    verdict = _verdict_on(learner_grader, task, DISTORTED, change=DEGENERATE[kind])
    assert verdict.outcome == "wrong", message(verdict)
    assert verdict.points == 0
    assert "Try: " in message(verdict)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_an_exception_earns_nothing_and_says_where(learner_grader, task):
    source = "def {task}(*args):\n    return [][1]\n"
    verdict = _verdict_on(learner_grader, task, source)
    assert (verdict.outcome, verdict.points) == ("error", 0)
    assert "IndexError" in message(verdict)
    assert "line" in message(verdict)
    assert "Try: " in message(verdict)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_the_unchanged_input_earns_nothing(learner_grader, task):
    verdict = _verdict_on(learner_grader, task, "def {task}(*args):\n    return args[0]\n")
    assert verdict.outcome == "wrong"
    assert verdict.points == 0


def test_a_branch_left_open_is_an_error_of_that_branch(learner_grader):
    source = """
_right_resample = random_resample

def random_resample(X, y, strategy, rng):
    if strategy == "under":
        raise NotImplementedError
    return _right_resample(X, y, strategy, rng)
"""
    verdict = _verdict_on(learner_grader, learner_grader.exercise.task("random_resample"), source)
    assert verdict.outcome == "error"


def _verdict_on(grader, task, source: str, **values: str) -> Verdict:
    text = source.replace("{task}", task.name)
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    return grader.verdict(parse_cells([("file", base() + "\n\n" + text)]), task)

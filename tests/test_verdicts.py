"""The verdict corpus: right submissions get all points, wrong ones lose exactly what they break."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from corpus import CORPORA, IMBALANCE, Corpus, of_every_exercise, of_every_exercise_in_time, tier

from autograder.catalogue import Task
from autograder.grading import Grader
from autograder.judge import Verdict
from autograder.report import message
from autograder.submission import parse_cells, read_submission

TASKS = [
    pytest.param(corpus, task, id=f"{corpus.name}-{task.name}")
    for corpus in CORPORA
    for task in corpus.tasks
]


def sampled(attribute: str) -> list[Any]:
    """Each wrong answer without the gate's, in the tier that judges it.

    `attribute` is what a corpus calls them: `wrong` or `misconceptions`.
    """
    found = []
    for corpus in CORPORA:
        numbers: Counter[str] = Counter()
        for wrong in getattr(corpus, attribute):
            if wrong.task == corpus.gate.name:
                continue
            name = f"{corpus.name}-{wrong.task}-{wrong.name}"
            found.append(pytest.param(corpus, wrong, marks=tier(numbers[wrong.task]), id=name))
            numbers[wrong.task] += 1
    return found


def all_passed(graded: Any, corpus: Corpus) -> bool:
    texts = [message(verdict) for verdict in graded.verdicts]
    return texts == ["All checks passed."] * len(corpus.tasks)


@of_every_exercise_in_time
def test_the_reference_gets_all_points(course_graders, corpus):
    grader = course_graders(corpus)
    graded = grader.grade(corpus.reference)
    assert all_passed(graded, corpus), [message(verdict) for verdict in graded.verdicts]
    assert graded.points == grader.max_points == 20 - corpus.gate.points


@of_every_exercise
def test_the_starter_is_not_attempted_everywhere(course_graders, corpus):
    graded = course_graders(corpus).grade(corpus.starter)
    assert {verdict.outcome for verdict in graded.verdicts} == {"not_attempted"}
    assert graded.points == 0


@pytest.mark.parametrize(
    ("corpus", "path"),
    [
        pytest.param(
            corpus,
            path,
            marks=[pytest.mark.slow] if number else [],
            id=f"{corpus.name}-{path.stem}",
        )
        for corpus in CORPORA
        for number, path in enumerate(corpus.right)
    ],
)
def test_a_right_submission_gets_all_points(course_graders, corpus, path):
    graded = course_graders(corpus).grade(path)
    assert all_passed(graded, corpus), [message(verdict) for verdict in graded.verdicts]


@pytest.mark.parametrize(("corpus", "wrong"), sampled("wrong"))
def test_a_wrong_submission_loses_its_task_and_is_named(course_graders, corpus, wrong):
    grader = course_graders(corpus)
    right = parse_cells([("cell 1", corpus.base)])
    submission = parse_cells([("cell 1", corpus.base), ("cell 2", wrong.source)])
    for task in corpus.tasks:
        if task.name == wrong.task:
            verdict = grader.verdict(submission, task)
            assert verdict.outcome == wrong.outcome, message(verdict)
            assert verdict.misconception == wrong.misconception, message(verdict)
            assert verdict.points < task.points
            assert wrong.outcome == "not_attempted" or "Try: " in message(verdict)
        elif wrong.task in task.uses:
            continue  # it is handed what is wrong here
        elif submission.slice(task.name, task.uses) != right.slice(task.name, task.uses):
            # the same code has the same verdict: only what the wrong answer touches is judged again
            assert grader.verdict(submission, task).outcome == "passed"


@pytest.mark.parametrize(("corpus", "wrong"), sampled("misconceptions"))
def test_every_misconception_is_rejected_and_named(learner_graders, corpus, wrong):
    submission = parse_cells([("file", corpus.prelude + wrong.code)])
    verdict = learner_graders(corpus).verdict(submission, corpus.exercise.task(wrong.task))
    assert (verdict.outcome, verdict.misconception) == ("wrong", wrong.name)
    assert wrong.sentence in message(verdict)


@of_every_exercise
def test_every_misconception_has_a_wrong_submission_of_its_own(corpus):
    covered = {(wrong.task, wrong.misconception) for wrong in corpus.wrong}
    assert {(wrong.task, wrong.name) for wrong in corpus.misconceptions} <= covered


@of_every_exercise
def test_every_task_has_right_answers_in_several_styles_and_several_wrong_ones(corpus):
    right = [read_submission(path) for path in corpus.right]
    for task in corpus.exercise.tasks:
        assert sum(bool(submission.slice(task.name)) for submission in right) >= 3
        assert sum(wrong.task == task.name for wrong in corpus.wrong) >= 4


# What a contract may not return instead of its right answer, as a function of each array in it.
DEGENERATE = {
    "zeros": "lambda a: np.zeros_like(a)",
    "constant": "lambda a: np.full_like(a, 0.5 if a.dtype.kind == 'f' else 1)",
    "nan": "lambda a: np.full(a.shape, np.nan)",
    "random": "lambda a: np.random.default_rng(5).random(a.shape)",
    "wrong shape": "lambda a: a[None]",
    "text": "lambda a: np.full(a.shape, '?') if a.dtype.kind in 'OU' else a.astype(str)",
    "complex": "lambda a: a.astype(complex) if a.dtype.kind in 'biuf' else a.ravel()[:0]",
    "empty": "lambda a: a.ravel()[:0]",
    "none": "lambda a: None",
}
DISTORTED = """
import numpy as np

def _distort(value, change):
    if isinstance(value, tuple):
        return tuple(_distort(item, change) for item in value)
    if isinstance(value, dict):
        return {key: _distort(item, change) for key, item in value.items()}
    if type(value).__name__ == "DataFrame":
        return _as(type(value), {name: change(value[name].to_numpy()) for name in value})
    if type(value).__name__ == "Tensor":
        import torch
        return _as(torch.as_tensor, change(value.detach().numpy()))
    if hasattr(value, "toarray"):
        return _as(type(value), change(value.toarray()))
    if isinstance(value, list) and any(map(_is_uneven, (value, *value))):
        return [_distort(item, change) for item in value]
    changed = change(np.asarray(value))
    if isinstance(value, list) and changed is not None:
        return changed.tolist()
    return changed.item() if np.shape(changed) == () and changed is not None else changed

def _is_uneven(value):
    # no array holds it: records, several arrays, or lists beside numbers
    if not isinstance(value, list):
        return isinstance(value, (tuple, np.ndarray))
    return len({isinstance(item, list) for item in value}) == 2

def _as(kind, changed):
    # where a thing of the same kind cannot hold it, what it would have held
    try:
        return kind(changed)
    except (TypeError, RuntimeError, ValueError):
        return changed

_right = {task}
"""
DISTORTED_FUNCTION = f"""{DISTORTED}
def {{task}}(*args):
    return _distort(_right(*args), {{change}})
"""
# a right object behind one that distorts what its methods return
DISTORTED_CLASS = f"""{DISTORTED}
class {{task}}:
    def __init__(self, *args):
        self._right = _right(*args)

    def __getattr__(self, name):
        def method(*args):
            value = getattr(self._right, name)(*args)
            return None if value is None else _distort(value, {{change}})
        return method
"""
UNCHANGED_FUNCTION = "def {task}(*args):\n    return args[0]\n"
UNCHANGED_CLASS = """
class {task}:
    def __init__(self, *args):
        pass

    def __getattr__(self, name):
        return lambda *args: args[0]
"""


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(kind, marks=[] if kind == "zeros" else [pytest.mark.slow])
        for kind in DEGENERATE
    ],
)
@pytest.mark.parametrize(("corpus", "task"), TASKS)
def test_degenerate_results_earn_nothing(learner_graders, corpus, task, kind):
    source = DISTORTED_CLASS if _is_class(corpus, task) else DISTORTED_FUNCTION
    verdict = _verdict_on(learner_graders(corpus), corpus, task, source, DEGENERATE[kind])
    assert verdict.outcome == "wrong", message(verdict)
    assert verdict.points == 0
    assert "Try: " in message(verdict)


@pytest.mark.parametrize(("corpus", "task"), TASKS)
def test_an_exception_earns_nothing_and_says_where(learner_graders, corpus, task):
    source = "def {task}(*args):\n    return [][1]\n"
    verdict = _verdict_on(learner_graders(corpus), corpus, task, source)
    assert (verdict.outcome, verdict.points) == ("error", 0)
    assert "IndexError" in message(verdict)
    assert "line" in message(verdict)
    assert "Try: " in message(verdict)


@pytest.mark.parametrize(("corpus", "task"), TASKS)
def test_the_unchanged_input_earns_nothing(learner_graders, corpus, task):
    source = UNCHANGED_CLASS if _is_class(corpus, task) else UNCHANGED_FUNCTION
    verdict = _verdict_on(learner_graders(corpus), corpus, task, source)
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
    task = IMBALANCE.exercise.task("random_resample")
    assert _verdict_on(learner_grader, IMBALANCE, task, source).outcome == "error"


def _is_class(corpus: Corpus, task: Task) -> bool:
    """Whether a contract is a class, as its source in the course says."""
    return f"\nclass {task.name}:" in corpus.source.read_text("utf-8")


def _verdict_on(
    grader: Grader, corpus: Corpus, task: Task, source: str, change: str = ""
) -> Verdict:
    text = source.replace("{task}", task.name).replace("{change}", change)
    return grader.verdict(parse_cells([("file", corpus.base + "\n\n" + text)]), task)


# ---------------------------------------------------------------------- functions that call others

BROKEN = """
def quantize_activation(x):
    raise RuntimeError("not today")
"""
OPEN = """
def quantize_activation(x):
    raise NotImplementedError
"""
UNREADABLE = "def quantize_activation(x:\n"


@pytest.mark.parametrize("cell", [BROKEN, OPEN, UNREADABLE])
def test_a_fault_of_a_called_function_costs_one_task(course_graders, learner_graders, cell):
    corpus = next((corpus for corpus in CORPORA if corpus.name == "inference_speed"), None)
    if corpus is None:
        pytest.skip("the exercise is not there yet")
    source = read_submission(corpus.reference)
    plain = [unit.statement.source for unit in source.units]
    kept = [text for text in plain if not text.startswith("def quantize_activation")]
    submission = parse_cells([("cell 1", cell), ("cell 2", "\n".join(kept))])
    caller = corpus.exercise.task("quantized_linear")
    sibling = corpus.exercise.task("quantize_activation")
    grader = course_graders(corpus)
    assert grader.verdict(submission, sibling).outcome != "passed"
    assert grader.verdict(submission, caller).outcome == "passed"
    # a learner's machine holds no right one
    assert learner_graders(corpus).verdict(submission, caller).outcome != "passed"
    # a fault of its own is not mended by it
    own = "def quantized_linear(x, w_q, w_scale, bias):\n    return quantize_activation(x)[1]\n"
    both = parse_cells([("cell 1", cell), ("cell 2", "\n".join([*kept, own]))])
    verdict = grader.verdict(both, caller)
    assert (verdict.outcome == "passed", verdict.points) == (False, 0)

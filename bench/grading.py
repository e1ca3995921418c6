"""What grading through nbgrader costs per submission: our pipeline against nbgrader's own.

    python bench/grading.py

Both run `nbgrader autograde` on the same notebooks, in turns, and give the same points. The stock
pipeline starts a kernel for each and runs all of its cells; its hidden tests are the same checks,
on the same kinds of input, against the reference in the same kernel. Ours judges in locked
processes. What one more submission costs is the difference between a large batch and a small one,
divided by that of their sizes; the rest is what a batch costs however small it is.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
EXERCISE = "imbalance"
ROUNDS = 3
BATCHES = {"stock": (1, 4), "ours": (16, 48)}  # ours is so quick that few would drown in noise
STOCK = """
c = get_config()
c.CourseDirectory.course_id = "stock"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "exercises"
c.ClearMarkScheme.enforce_metadata = c.ClearHiddenTests.enforce_metadata = False
c.ExecutePreprocessor.timeout = 300
"""
# hidden tests as stock nbgrader has them: beside the learner's code, answers in reach
HIDDEN = """
### BEGIN HIDDEN TESTS
import __future__ as _future
from pathlib import Path as _Path
from autograder.catalogue import find_exercise as _find
from autograder.judge import Judge as _Judge
from autograder.oracle import Reference as _Reference
from autograder.sandbox.local import LocalSession as _Local
from autograder.submission import read_submission as _read
_answers = _read(_Path({reference!r}))
def _open(task):
    namespace = {{}}
    for statement in _answers.slice(task):
        flags = _future.annotations.compiler_flag
        exec(compile(statement.source, "answers", "exec", flags), namespace)
    return _Local(namespace)
_judge = _Judge(_find({exercise!r}), b"secret", _Reference(_open))
_whole = check
def check(name):
    if name == {exercise!r}:
        return _whole(name)
    return _judge.judge(_judge.exercise.task(name), _Local(globals())).points
### END HIDDEN TESTS
"""


def main() -> None:
    for with_gate in (False, True):
        print(f"{'with' if with_gate else 'without'} the gate, per submission:")
        costs: dict[str, list[tuple[float, float]]] = {name: [] for name in BATCHES}
        with tempfile.TemporaryDirectory() as scratch:
            courses = {name: _course(Path(scratch) / name, name, with_gate) for name in costs}
            for _ in range(ROUNDS):
                for name, course in courses.items():
                    costs[name].append(_marginal_cost(course, *BATCHES[name]))
        cpu, wall = (
            {name: median(cost[kind] for cost in rounds) for name, rounds in costs.items()}
            for kind in (0, 1)
        )
        for name in costs:
            print(f"  {name:<6} {cpu[name]:6.2f} s CPU  {wall[name]:6.2f} s wall")
        print(
            f"  ratio  {cpu['stock'] / cpu['ours']:6.1f} x CPU  "
            f"{wall['stock'] / wall['ours']:6.1f} x wall",
            flush=True,
        )


def _course(root: Path, name: str, with_gate: bool) -> Path:
    """A course with its assignment generated and submissions of right answers waiting."""
    (root / "exercises").mkdir(parents=True)
    shutil.copytree(ROOT / "solutions", root / "solutions")
    if name == "stock":
        (root / "nbgrader_config.py").write_text(STOCK)
        _hide_tests(root / "solutions" / EXERCISE / f"{EXERCISE}.ipynb")
    else:
        shutil.copy(ROOT / "nbgrader_config.py", root)
    _nbgrader(root, "generate_assignment", EXERCISE, "--force")
    submission = _right_submission(with_gate)
    small, large = BATCHES[name]
    for number in range(large):
        student = f"{'few' if number < small else 'more'}{number}"
        folder = root / "submitted" / student / EXERCISE
        folder.mkdir(parents=True)
        (folder / f"{EXERCISE}.ipynb").write_text(submission)
    return root


def _hide_tests(path: Path) -> None:
    """Put the checks into the source notebook, where a stock course has them."""
    notebook = json.loads(path.read_text())
    reference = ROOT / "solutions" / EXERCISE / f"{EXERCISE}.ipynb"
    for cell in notebook["cells"]:
        if cell["id"] == "setup":
            cell["source"] += HIDDEN.format(reference=str(reference), exercise=EXERCISE).splitlines(
                keepends=True
            )
    path.write_text(json.dumps(notebook))


def _right_submission(with_gate: bool) -> str:
    """The solution as a learner would hand it in; its gate still open where it is left out."""
    solved = json.loads((ROOT / "solutions" / EXERCISE / f"{EXERCISE}.ipynb").read_text())
    open_ = json.loads((ROOT / "exercises" / EXERCISE / f"{EXERCISE}.ipynb").read_text())
    if not with_gate:
        for cell, stub in zip(solved["cells"], open_["cells"], strict=True):
            if cell["id"] == "coupon-model-solution":
                cell["source"] = stub["source"]
    return json.dumps(solved)


def _marginal_cost(course: Path, small: int, large: int) -> tuple[float, float]:
    """(CPU, wall) seconds that one more submission costs."""
    few, many = _cost(course, "--student=few*"), _cost(course)
    cpu, wall = ((all_ - some) / (large - small) for all_, some in zip(many, few, strict=True))
    return cpu, wall


def _cost(course: Path, *options: str) -> tuple[float, float]:
    """(CPU, wall) seconds of a batch."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    _nbgrader(course, "autograde", EXERCISE, "--force", *options)
    after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - start
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime, wall


def _nbgrader(course: Path, *arguments: str) -> None:
    command = [sys.executable, "-m", "nbgrader", *arguments]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # it calls alembic
    subprocess.run(
        command, cwd=course, check=True, capture_output=True, env=os.environ | {"PATH": path}
    )


if __name__ == "__main__":
    main()

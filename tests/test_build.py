"""What is derived is up to date, and no answer leaves the instructor's side."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from corpus import (
    ALL,
    AWAITED,
    CORPORA,
    IMBALANCE,
    ROOT,
    Corpus,
    of_every_exercise,
    of_every_exercise_in_time,
)

from autograder import build
from autograder.catalogue import exercises
from autograder.judge import Judge, checks_of
from autograder.oracle import goldens_path
from autograder.report import verdict_text
from autograder.sandbox.local import LocalSession


def test_every_exercise_is_complete():
    """So must be the awaited ones, as soon as they are no longer called so."""
    written = [corpus for corpus in ALL if corpus.name not in AWAITED]
    assert {corpus.name: corpus.missing for corpus in written if corpus.missing} == {}
    assert "imbalance" in exercises()


@of_every_exercise
def test_the_source_notebook_is_what_its_source_builds(corpus):
    built = build.source_notebook(corpus.source, corpus.exercise)
    committed = corpus.reference.read_text("utf-8")
    assert built == committed, "run `shelfspace build` and commit the result"


@of_every_exercise
def test_the_release_is_what_nbgrader_makes_of_it(corpus):
    built = build.release_notebook(ROOT, corpus.exercise)
    committed = corpus.starter.read_text("utf-8")
    assert built == committed, "run `shelfspace build` and commit the result"


@of_every_exercise_in_time
def test_the_goldens_are_what_reference_and_misconceptions_say(warm, corpus):
    built = build.goldens(ROOT, corpus.exercise)
    committed = goldens_path(corpus.name).read_text("utf-8")
    assert build.goldens_agree(committed, built), "run `shelfspace build` and commit the result"
    changed = json.loads(committed)
    some = next(iter(changed["questions"].values()))
    some["answer"]["value"] = {"float": "0.123"}
    assert not build.goldens_agree(json.dumps(changed), built)


@of_every_exercise
def test_goldens_hold_an_answer_for_every_public_question_and_no_code(corpus):
    text = goldens_path(corpus.name).read_text("utf-8")
    data = json.loads(text)
    assert set(data) == {"sentences", "questions"}
    for question in data["questions"].values():
        assert set(question) == {"inputs", "answer", "misconceptions"}
    assert "def " not in text
    assert "import " not in text


def solution_lines(corpus: Corpus) -> set[str]:
    """Every line of a reference that says something of its own."""
    source = corpus.source.read_text("utf-8")
    regions = re.findall(r"(?s)### BEGIN SOLUTION\n(.*?)### END SOLUTION", source)
    scheme = re.findall(r"(?s)=== BEGIN MARK SCHEME ===(.*?)=== END MARK SCHEME ===", source)
    assert len(regions) >= 8  # a class has one in each method
    assert len(scheme) == 1
    lines = {line.strip(" #\n") for region in [*regions, *scheme] for line in region.split("\n")}
    return {line for line in lines if len(line) > 24}


def runs_of(text: str) -> set[tuple[str, ...]]:
    """Each three lines in a row that say something."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    runs = zip(lines, lines[1:], lines[2:], strict=False)
    return {run for run in runs if min(map(len, run)) > 12}


def solution_runs(corpus: Corpus) -> set[tuple[str, ...]]:
    regions = re.findall(
        r"(?s)### BEGIN SOLUTION\n(.*?)### END SOLUTION", corpus.source.read_text("utf-8")
    )
    return set().union(*map(runs_of, regions))


def test_one_notebook_per_exercise_is_released_and_nothing_else():
    files = {
        path.relative_to(ROOT / "exercises").as_posix()
        for path in (ROOT / "exercises").rglob("*")
        if path.is_file() and path.parent.name not in AWAITED - set(exercises())
    }
    assert files == {f"{name}/{name}.ipynb" for name in exercises()}


@of_every_exercise
def test_no_line_of_a_solution_is_released(corpus):
    cells = json.loads(corpus.starter.read_text("utf-8"))["cells"]
    released = "\n".join("".join(cell["source"]) for cell in cells)
    assert [line for line in solution_lines(corpus) if line in released] == []
    solutions = [cell for cell in cells if cell["metadata"].get("nbgrader", {}).get("solution")]
    code = ["".join(cell["source"]) for cell in solutions if cell["cell_type"] == "code"]
    assert ["raise NotImplementedError" in source for source in code] == [True] * 8


def test_only_exercises_lie_under_solutions():
    found = {path.name for path in (ROOT / "solutions").iterdir()}
    assert found - (AWAITED - set(exercises())) == set(exercises())


@of_every_exercise
def test_every_cell_of_a_task_carries_what_the_catalogue_says(corpus):
    exercise = corpus.exercise
    for path in (corpus.reference, corpus.starter):
        cells = json.loads(path.read_text("utf-8"))["cells"]
        graded = {
            cell["metadata"]["nbgrader"]["grade_id"]: cell
            for cell in cells
            if cell["metadata"].get("nbgrader", {}).get("grade")
        }
        assert list(graded) == [*(task.name for task in exercise.tasks), "interview_question"]
        for task in exercise.tasks:
            cell = graded[task.name]
            assert cell["metadata"]["nbgrader"]["points"] == task.points
            assert cell["metadata"]["nbgrader"]["locked"]
            assert "".join(cell["source"]) == f'check("{task.name}")'
        answer = graded["interview_question"]
        assert answer["cell_type"] == "markdown"
        assert answer["metadata"]["nbgrader"]["points"] == exercise.question_points == 5
        assert answer["metadata"]["nbgrader"]["solution"]  # so that it is marked by hand
        assert len({cell["id"] for cell in cells}) == len(cells)


@of_every_exercise
def test_the_catalogue_is_complete(corpus):
    exercise = corpus.exercise
    assert len(exercise.tasks) == 8
    assert exercise.points == 20
    assert exercise.question_points == 5
    assert [task.is_gate for task in exercise.tasks] == [False] * 7 + [True]
    for task in exercise.tasks:
        assert len(task.hints) == 3
        assert all(len(hint) > 40 for hint in task.hints)
        assert task.difficulty in range(1, 6)
        assert task.importance in range(1, 6)
        assert set(task.uses) <= {other.name for other in exercise.tasks} - {task.name}
        before = [other.name for other in exercise.tasks[: exercise.tasks.index(task)]]
        assert set(task.may_call) <= set(before)
        checks = checks_of(exercise.name, task.name)
        assert any(check.core for check in checks)
        assert all(check.advice.endswith((".", "?", "`")) and check.title for check in checks)


def test_a_tasks_name_is_its_own_in_the_whole_course():
    names = [task.name for exercise in exercises().values() for task in exercise.tasks]
    assert len(set(names) | set(exercises())) == len(names) + len(exercises())


@of_every_exercise
def test_the_readmes_table_is_the_catalogues(corpus):
    exercise = corpus.exercise
    points = f"{exercise.points:g} + {exercise.question_points:g}"
    row = f"| `{exercise.name}` | {len(exercise.tasks)} | {points} | {exercise.lesson} "
    assert row in (ROOT / "README.md").read_text("utf-8")


def test_the_readme_shows_what_a_learner_sees():
    wrong = next(w for w in IMBALANCE.misconceptions if w.name == "lambda_per_feature")
    namespace: dict[str, object] = {}
    exec(IMBALANCE.prelude + wrong.code, namespace)
    exercise = IMBALANCE.exercise
    verdict = Judge(exercise).judge(exercise.task("smote"), LocalSession(namespace))
    readme = (ROOT / "README.md").read_text("utf-8")
    sample = readme[readme.index("    ✗ smote") : readme.index("## What is in it")]
    assert " ".join(sample.split()) in " ".join(verdict_text(verdict).split())


def imported(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


def test_who_may_know_whom():
    for path in (ROOT / "shelfspace").rglob("*.py"):
        assert not imported(path) & {"autograder", "solutions", "tests"}, path
    for path in (ROOT / "autograder").rglob("*.py"):
        assert not imported(path) & {"solutions", "tests"}, path


@pytest.mark.slow
def test_a_wheel_holds_the_exercises_and_no_answer(tmp_path):
    command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(tmp_path), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        names = wheel.namelist()
        texts = {name: wheel.read(name).decode("utf-8", "replace") for name in names}
    for name in exercises():
        assert f"autograder/content/exercises/{name}/{name}.ipynb" in names
        assert f"autograder/exercises/{name}/goldens.json" in names
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {
        "autograder",
        "shelfspace",
    }
    # One line or two may be an idiom, or stand in a hint. Three in a row are taken from an answer.
    runs = set().union(*map(solution_runs, CORPORA))
    assert all(solution_runs(corpus) & runs_of(corpus.source.read_text()) for corpus in CORPORA)
    for name, text in texts.items():
        assert "misconceptions = [" not in text.lower(), name
        assert runs & runs_of(text) == set(), name

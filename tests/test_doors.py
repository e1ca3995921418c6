"""Same code and seeds, same verdict: in the notebook, through pytest, and by `shelfspace grade`."""

from __future__ import annotations

import ast
import json
import re
import sys
import types
from itertools import zip_longest
from pathlib import Path

import pytest
from conftest import STARTER, as_notebook
from corpus import CORPORA, IMBALANCE, Corpus, of_every_exercise

from autograder import notebook
from autograder.cli import main
from autograder.judge import Judge
from autograder.sandbox.local import LocalSession

pytest_plugins = ["pytester"]
pytestmark = pytest.mark.usefixtures("warm")

BASE = IMBALANCE.base


def submissions(corpus: Corpus) -> dict[str, str]:
    """Every submission of a corpus as one source, without the gate's wrong answers.

    The n-th wrong answers to all tasks make one submission, `mixed/n`. Those that end or block
    their process stand alone, as `unfenced/NAME`.
    """
    whole = {f"right/{p.stem}": p.read_text("utf-8") for p in corpus.right if p.suffix == ".py"}
    columns = []
    for task in corpus.tasks:
        answers = [wrong for wrong in corpus.wrong if wrong.task == task.name]
        columns.append([wrong.source for wrong in answers if not wrong.is_unfenced])
        for wrong in answers:
            if wrong.is_unfenced:
                whole[f"unfenced/{wrong.path.stem}"] = f"{corpus.base}\n\n{wrong.source}"
    for number, sources in enumerate(zip_longest(*columns, fillvalue="")):
        whole[f"mixed/{number}"] = "\n\n".join([corpus.base, *sources])
    return whole


SAMPLE = ("right/loops", "right/one_helper", "mixed/1", "mixed/2")


def some_of(corpus: Corpus, only: tuple[str, ...] | None) -> dict[str, str]:
    """The submissions called `only`, or, for None, many of `imbalance` and a few of others.

    All doors lead to one judge, and `test_verdicts` holds it against wrong answers one by one.
    """
    whole = submissions(corpus)
    if only is None:
        mixed = [name for name in whole if name.startswith("mixed")]
        others = [name for name in whole if name not in mixed]
        only = (*others, *mixed[::4]) if corpus is IMBALANCE else (*others[:2], *mixed[::24])
    return {name: whole[name] for name in only if name in whole}


@pytest.fixture(
    scope="module",
    params=[
        pytest.param((IMBALANCE, SAMPLE), id="imbalance-a sample"),
        *(
            pytest.param((corpus, None), marks=pytest.mark.slow, id=f"{corpus.name}-many")
            for corpus in CORPORA
        ),
    ],
)
def handed_in(request) -> tuple[Corpus, dict[str, str]]:
    """Some submissions of each exercise in the slow tier, a few of the first in the fast tier."""
    corpus, only = request.param
    return corpus, some_of(corpus, only)


@pytest.fixture(scope="module")
def graded(
    handed_in, lending, tmp_path_factory
) -> dict[str, dict[str, tuple[str, float, str | None]]]:
    """What `shelfspace grade --json --no-gate` says of them, outside any course."""
    corpus, sources = handed_in
    folder = tmp_path_factory.mktemp("corpus")
    for name, source in sources.items():
        path = folder / (name.replace("/", "--") + ".ipynb")
        path.write_text(as_notebook(*split(source)))
    with pytest.MonkeyPatch.context() as patch, lending():
        patch.chdir(folder)
        out = folder / "out.txt"
        with out.open("w") as file:
            patch.setattr("sys.stdout", file)
            assert main(["grade", corpus.name, str(folder), "--json", "--no-gate"]) == 0
    report = json.loads(out.read_text())
    assert report["exercise"] == corpus.name
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


def test_the_notebook_agrees_with_grade(handed_in, graded, monkeypatch):
    corpus, sources = handed_in
    judge = Judge(corpus.exercise)
    for name, source in sources.items():
        if name.startswith("unfenced"):
            continue
        module = types.ModuleType("kernel")
        monkeypatch.setitem(sys.modules, "kernel", module)
        namespace = vars(module)
        exec(compile(source, "cell 1", "exec"), namespace)
        for task in corpus.tasks:
            verdict = judge.judge(task, LocalSession(namespace))
            said = (verdict.outcome, verdict.points, verdict.misconception)
            assert said == graded[name][task.name], (name, task.name)


def test_pytest_agrees_with_grade(handed_in, graded, pytester):
    corpus, sources = handed_in
    for name, source in sources.items():
        folder = pytester.path / name.replace("/", "--")
        folder.mkdir()
        (folder / f"{corpus.name}.ipynb").write_text(as_notebook(*split(source)))
    result = pytester.runpytest_inprocess("-q", "-rA", "-k", f"not {corpus.gate.name}", "--tb=no")
    outcomes: dict[tuple[str, str], set[str]] = {}
    for line in result.outlines:
        found = re.match(rf"(PASSED|FAILED) (\S+)/{corpus.name}.ipynb::(\w+)::", line)
        if found:
            key = (found[2].replace("--", "/"), found[3])
            outcomes.setdefault(key, set()).add(found[1])
    for name, tasks in graded.items():
        assert set(tasks) == {task.name for task in corpus.tasks}
        for task, (outcome, _, _) in tasks.items():
            assert (outcomes[name, task] == {"PASSED"}) == (outcome == "passed"), (name, task)


def test_pytest_shows_the_learner_a_sentence_and_no_traceback(pytester):
    wrong = next(w for w in IMBALANCE.wrong if w.misconception == "lambda_per_feature")
    source = BASE + "\n\n" + wrong.source
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
@of_every_exercise
def test_the_reference_notebook_runs_from_top_to_bottom_in_a_kernel(tmp_path, corpus):
    import nbformat
    from nbclient import NotebookClient

    book = nbformat.read(corpus.reference, as_version=4)
    NotebookClient(book, timeout=600, resources={"metadata": {"path": tmp_path}}).execute()
    texts = [
        output["data"].get("text/plain", "")
        for cell in book.cells
        for output in cell.get("outputs", [])
        if output.output_type == "execute_result"
    ]
    assert sum(": passed" in text for text in texts) == 8
    assert "20 / 20" in texts[-1]

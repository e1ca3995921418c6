"""The gates on real data: right models pass, wrong ones do not, and each says why."""

from __future__ import annotations

import importlib
import json
import re
from typing import Any

import pytest
from conftest import as_notebook
from corpus import CORPORA, IMBALANCE, ROOT, Corpus, of_every_exercise, tier

from autograder.catalogue import exercises
from autograder.cli import main
from autograder.exercises.imbalance.checks import coupon_model as gate
from autograder.report import message
from autograder.submission import parse_cells, read_submission

# In the slow tier one right submission beside the reference, and a third of the wrong ones: a gate
# takes up to a minute, and the recorded benchmarks have held models of each kind to 20 seeds.
RIGHT = [
    pytest.param(
        corpus,
        path,
        marks=pytest.mark.exhaustive if number > 1 else pytest.mark.slow,
        id=f"{corpus.name}-{path.stem}",
    )
    for corpus in CORPORA
    for number, path in enumerate([corpus.reference, *corpus.right])
]


def of_the_gate(attribute: str) -> list[Any]:
    """The gates' wrong answers, each in its tier; `attribute`: `wrong` or `misconceptions`."""
    found = []
    for corpus in CORPORA:
        wrongs = [one for one in getattr(corpus, attribute) if one.task == corpus.gate.name]
        for number, wrong in enumerate(wrongs):
            marks = tier(number) or [pytest.mark.slow]
            found.append(pytest.param(corpus, wrong, marks=marks, id=f"{corpus.name}-{wrong.name}"))
    return found


def bounds(corpus: Corpus) -> list[float]:
    """The bounds that a gate's checks hold a model to: the constants MIN_* and MAX_*."""
    module = importlib.import_module(
        f"autograder.exercises.{corpus.name}.checks.{corpus.gate.name}"
    )
    return sorted(
        value for name, value in vars(module).items() if re.match("(MIN|MAX)_[A-Z]", name)
    )


def test_the_text_names_the_bounds_that_are_checked():
    text = IMBALANCE.source.read_text("utf-8")
    for bound in (gate.MIN_AP_RATIO, gate.MAX_BRIER_RATIO, gate.MAX_COST_RATIO):
        assert f"{bound:.2f} times" in text
    assert (gate.MISS_COST, gate.ALARM_COST) == (8, 1)


@of_every_exercise
def test_the_bounds_lie_between_right_and_wrong_models_on_every_recorded_seed(corpus):
    record = json.loads(corpus.gate_record.read_text("utf-8"))
    assert record["command"] == f"python bench/gate_{corpus.name}.py"
    assert (ROOT / "bench" / f"gate_{corpus.name}.py").is_file()
    assert sorted(record["bounds"].values()) == bounds(corpus)
    assert record["seeds"] == 20
    passes = {name: found["passes"] for name, found in record["models"].items()}
    right = [name for name in passes if name.startswith("right")]
    wrong = [name for name in passes if name.startswith("wrong")]
    assert sorted(right + wrong) == sorted(passes)
    assert {passes[name] for name in right} == {"20/20"}
    assert {passes[name] for name in wrong} == {"0/20"}
    assert len(right) >= 3


@pytest.mark.slow
def test_headless_start_judges_reference_and_starter(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    assert main(["start", "--headless"]) == 0
    out = capsys.readouterr().out
    assert "20 / 20" in out
    assert "0 / 20" in out
    assert out.count("not attempted") == len(next(iter(exercises().values())).tasks)


@pytest.mark.parametrize(("corpus", "path"), RIGHT)
def test_right_models_pass(course_graders, corpus, path):
    verdict = course_graders(corpus).verdict(read_submission(path), corpus.gate)
    assert verdict.outcome == "passed", message(verdict)


@pytest.mark.parametrize(("corpus", "wrong"), of_the_gate("wrong"))
def test_wrong_models_do_not_pass(course_graders, tmp_path, corpus, wrong):
    submission = tmp_path / "wrong.ipynb"
    submission.write_text(as_notebook(corpus.base, wrong.source))
    verdict = course_graders(corpus).verdict(read_submission(submission), corpus.gate)
    assert (verdict.outcome, verdict.misconception) == (wrong.outcome, wrong.misconception), (
        message(verdict)
    )
    assert verdict.points < corpus.gate.points
    assert wrong.outcome == "not_attempted" or "Try: " in message(verdict)


@pytest.mark.parametrize(("corpus", "wrong"), of_the_gate("misconceptions"))
def test_the_gates_misconceptions_are_named(course_graders, corpus, wrong):
    code = corpus.prelude + wrong.code
    if corpus.gate.uses:  # what it is handed is right
        code = corpus.base + "\n\n" + code
    verdict = course_graders(corpus).verdict(parse_cells([("file", code)]), corpus.gate)
    assert (verdict.outcome, verdict.misconception) == ("wrong", wrong.name), message(verdict)


@pytest.mark.slow
@pytest.mark.parametrize(
    "p",
    [
        "np.zeros(len(X))",
        "np.full(len(X), 0.122)",
        "np.full(len(X), np.nan)",
        "np.random.default_rng(1).random(len(X))",
        "X[:, 0]",
        "np.ones(len(X), int)",
        "np.full(len(X), '0.5')",
    ],
)
def test_degenerate_probabilities_earn_nothing(course_grader, p):
    source = f"""
import numpy as np

class Model:
    def predict_proba(self, X):
        p = {p}
        return np.column_stack([1 - p, p]) if p.dtype.kind in "if" else np.column_stack([p, p])

def coupon_model(X, y, groups, rng):
    return Model()
"""
    verdict = course_grader.verdict(parse_cells([("file", source)]), IMBALANCE.gate)
    assert (verdict.outcome, verdict.points) == ("wrong", 0), message(verdict)
    assert "Try: " in message(verdict)

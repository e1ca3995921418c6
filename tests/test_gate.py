"""The gate on real data: right coupon models pass, wrong ones do not, and each says why."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from conftest import REFERENCE, ROOT, SUBMISSIONS, as_notebook
from test_verdicts import MISCONCEPTIONS, PRELUDE, RIGHT, WRONG, Wrong

from autograder.catalogue import find_exercise
from autograder.cli import main
from autograder.exercises.imbalance.checks import coupon_model as gate
from autograder.grading import Grader
from autograder.report import message
from autograder.submission import parse_cells, read_submission

GATE = find_exercise("imbalance").tasks[-1]


@pytest.fixture(scope="module")
def grader(imbalance, course) -> Iterator[Grader]:
    with Grader(imbalance, course) as grader:
        yield grader


def test_the_text_names_the_bounds_that_are_checked():
    text = (ROOT / "solutions" / "imbalance" / "imbalance.py").read_text("utf-8")
    for bound in (gate.MIN_AP_RATIO, gate.MAX_BRIER_RATIO, gate.MAX_COST_RATIO):
        assert f"{bound:.2f} times" in text
    assert (gate.MISS_COST, gate.ALARM_COST) == (8, 1)


def test_the_bounds_lie_between_right_and_wrong_models_on_every_recorded_seed():
    import json

    record = json.loads((ROOT / "bench" / "results" / "gate_imbalance.json").read_text("utf-8"))
    assert record["bounds"] == {
        "average_precision_at_least": gate.MIN_AP_RATIO,
        "brier_at_most": gate.MAX_BRIER_RATIO,
        "cost_at_most": gate.MAX_COST_RATIO,
        "shuffled_at_most": gate.MAX_SHUFFLED_AP_RATIO,
    }
    passes = {name: found["passes"] for name, found in record["models"].items()}
    assert all(passes[name] == "20/20" for name in passes if name.startswith("right"))
    assert all(passes[name] == "0/20" for name in passes if name.startswith("wrong"))
    assert sum(name.startswith("right") for name in passes) >= 3


@pytest.mark.slow
def test_headless_start_judges_reference_and_starter(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    assert main(["start", "--headless"]) == 0
    out = capsys.readouterr().out
    assert "20 / 20" in out
    assert "0 / 20" in out
    assert out.count("not attempted") == 8


@pytest.mark.slow
@pytest.mark.parametrize("path", [REFERENCE, *RIGHT], ids=lambda path: path.stem)
def test_right_coupon_models_pass(grader, path):
    verdict = grader.verdict(read_submission(path), GATE)
    assert verdict.outcome == "passed", message(verdict)


@pytest.mark.slow
@pytest.mark.parametrize(
    "path", [path for path in WRONG if Wrong.read(path).is_gate], ids=lambda path: path.stem
)
def test_wrong_coupon_models_do_not_pass(grader, tmp_path, path):
    wrong = Wrong.read(path)
    submission = tmp_path / "wrong.ipynb"
    base = (SUBMISSIONS / "right" / "vectorised.py").read_text("utf-8")
    submission.write_text(as_notebook(base, wrong.source))
    verdict = grader.verdict(read_submission(submission), GATE)
    assert (verdict.outcome, verdict.misconception) == (wrong.outcome, wrong.misconception), (
        message(verdict)
    )
    assert verdict.points < GATE.points
    assert "Try: " in message(verdict)


@pytest.mark.slow
def test_the_gates_misconceptions_are_named(grader):
    for wrong in MISCONCEPTIONS:
        if wrong.task == GATE.name:
            verdict = grader.verdict(parse_cells([("file", PRELUDE + wrong.code)]), GATE)
            assert (verdict.outcome, verdict.misconception) == ("wrong", wrong.name)


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
def test_degenerate_probabilities_earn_nothing(grader, p):
    source = f"""
import numpy as np

class Model:
    def predict_proba(self, X):
        p = {p}
        return np.column_stack([1 - p, p]) if p.dtype.kind in "if" else np.column_stack([p, p])

def coupon_model(X, y, groups, rng):
    return Model()
"""
    verdict = grader.verdict(parse_cells([("file", source)]), GATE)
    assert (verdict.outcome, verdict.points) == ("wrong", 0), message(verdict)
    assert "Try: " in message(verdict)

"""The reference of `real_time` against independent transcriptions of what it implements."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from typing import Any

import numpy as np
import pytest
from corpus import ROOT

from autograder.contracts import load_contracts

CLASSES = ("DecayedCounter", "FTRLProximal", "PageHinkley")


@pytest.fixture(scope="module")
def reference() -> dict[str, Any]:
    return load_contracts(ROOT / "solutions" / "real_time" / "real_time.ipynb", CLASSES)


class Algorithm1:
    """McMahan et al. 2013, "Ad Click Prediction: a View from the Trenches", algorithm 1, line by
    line, with a vector x of zeros and ones and loops over its coordinates."""

    def __init__(self, alpha: float, beta: float, lambda1: float, lambda2: float, d: int) -> None:
        self.alpha, self.beta, self.lambda1, self.lambda2 = alpha, beta, lambda1, lambda2
        self.z, self.n = [0.0] * d, [0.0] * d

    def w(self, i: int) -> float:
        if abs(self.z[i]) <= self.lambda1:
            return 0.0
        rate = (self.beta + math.sqrt(self.n[i])) / self.alpha + self.lambda2
        return -1 / rate * (self.z[i] - np.sign(self.z[i]) * self.lambda1)

    def receive(self, x: np.ndarray, y: int) -> float:
        """The probability p_t that is predicted for x, after which y is observed."""
        active = [i for i in range(len(x)) if x[i] != 0]  # I = {i | x_i != 0}
        w = {i: self.w(i) for i in active}
        p = 1 / (1 + math.exp(-sum(x[i] * w[i] for i in active)))
        for i in active:
            g = (p - y) * x[i]
            sigma = (math.sqrt(self.n[i] + g**2) - math.sqrt(self.n[i])) / self.alpha
            self.z[i] = self.z[i] + g - sigma * w[i]
            self.n[i] = self.n[i] + g**2
        return p


@pytest.mark.parametrize(
    "settings", [(0.1, 1.0, 1.0, 1.0), (0.5, 0.7, 0.4, 0.0), (0.8, 1.0, 0.0, 2.0), (1.0, 1, 0, 0)]
)
def test_ftrl_is_algorithm_1_of_the_paper(reference, settings):
    rng, d = np.random.default_rng(7), 30
    model, paper = reference["FTRLProximal"](*settings), Algorithm1(*settings, d)
    truth = rng.normal(size=d)
    for _ in range(500):
        x = (rng.random(d) < 1 / np.arange(2, d + 2)).astype(float)
        y = int(rng.random() < 1 / (1 + math.exp(-truth @ x)))
        indices = np.flatnonzero(x)
        p = model.predict(indices)
        model.learn(indices, y)
        assert p == pytest.approx(paper.receive(x, y), rel=1e-9, abs=0)
    for i in range(d):
        wanted = paper.w(i)
        assert model.weight(i) == pytest.approx(wanted, rel=1e-9, abs=0)
        assert (model.weight(i) == 0) == (wanted == 0)


def test_counts_are_the_closed_form_in_any_order(reference):
    rng = np.random.default_rng(8)
    counter, events = reference["DecayedCounter"](9.0), defaultdict(list)
    for key, time, amount in zip(
        rng.integers(5, size=80).tolist(),
        rng.uniform(0, 100, 80).tolist(),
        rng.uniform(0.5, 3, 80).tolist(),
        strict=True,
    ):
        counter.add(key, time, amount)
        events[key].append((time, amount))
    for key, own in events.items():
        wanted = sum(amount * 2 ** (-(104.0 - time) / 9.0) for time, amount in own)
        assert counter.value(key, 104.0) == pytest.approx(wanted, rel=1e-12)


def test_page_hinkley_is_the_formula_from_the_start_or_the_last_alarm(reference):
    rng = np.random.default_rng(9)
    detector, values, alarms = reference["PageHinkley"](0.02, 2.5, 20), [], 0
    for x in (rng.normal(0, 0.2, 400) + np.repeat((0.3, 0.9, 0.2, 1.2), 100)).tolist():
        values.append(x)
        means = np.cumsum(values) / np.arange(1, len(values) + 1)
        m = np.concatenate([[0.0], np.cumsum(values - means - 0.02)])
        wanted = len(values) >= 20 and m[-1] - m.min() > 2.5
        assert detector.update(x) == wanted
        if wanted:
            values, alarms = [], alarms + 1
    assert alarms >= 2


def test_the_texts_figures_are_those_of_the_recorded_stream():
    record = json.loads((ROOT / "bench" / "results" / "streaming.json").read_text("utf-8"))
    recall, change = record["recall_at_20"], record["against_live"]
    text = (ROOT / "solutions" / "real_time" / "real_time.py").read_text("utf-8")
    text = text.replace("\n# ", " ")
    for words in (
        f"recall@20 of {_short(recall['learned before foretold'])}; the honest figure of the same "
        f"model is {_short(recall['live'])}",
        f"decay is worth {recall['live'] / recall['without decay'] - 1:.0%} of recall",
        f"({_short(recall['habits, half-life of a week'])} on the whole stream, where no decay has "
        f"{_short(recall['without decay'])} and a good one {_short(recall['live'])})",
        f"loses {-change['refreshed weekly']:.1%} of its recall with a weekly refresh, "
        f"{-change['refreshed every four weeks']:.0%} with one in four weeks, and "
        f"{-change['frozen on day 57']:.0%} frozen after eight weeks",
    ):
        assert words in text


def _short(value: float) -> str:
    return f"{value:.3f}".removeprefix("0")

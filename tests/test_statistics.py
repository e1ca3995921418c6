"""The statistical tests of checks: they pass what is uniform and catch what is not."""

import numpy as np
import pytest

from autograder.statistics import looks_shuffled, looks_uniform, looks_uniform_on_unit


@pytest.mark.parametrize("cells", [10, 60, 200])
def test_uniform_counts_pass_every_time(cells):
    rng = np.random.default_rng(cells)
    for _ in range(500):
        counts = np.bincount(rng.integers(cells, size=10 * cells), minlength=cells)
        assert looks_uniform(counts, np.full(cells, 10.0))


def test_skewed_and_too_even_counts_are_caught():
    rng = np.random.default_rng(0)
    expected = np.full(200, 10.0)
    half = np.bincount(rng.integers(100, size=2000), minlength=200)
    assert not looks_uniform(half, expected)
    assert not looks_uniform(expected, expected)  # a round robin is no draw


def test_a_trend_is_caught():
    rng = np.random.default_rng(2)
    for _ in range(500):
        assert looks_shuffled(rng.random(1000))
    assert not looks_shuffled(np.linspace(0, 1, 1000))
    assert not looks_shuffled(np.sort(rng.random(1000))[::-1])


def test_positions_on_the_unit_interval():
    rng = np.random.default_rng(1)
    for _ in range(500):
        assert looks_uniform_on_unit(rng.random(1000))
    assert not looks_uniform_on_unit(rng.random(1000) / 2)
    assert not looks_uniform_on_unit(rng.beta(2, 2, 1000))
    assert not looks_uniform_on_unit(np.full(1000, 0.5))

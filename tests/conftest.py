"""What tests share: the exercise, graders that stay warm, and ways to make submissions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.catalogue import Exercise, find_exercise
from autograder.course import Course
from autograder.grading import Grader

ROOT = Path(__file__).resolve().parents[1]
SUBMISSIONS = ROOT / "tests" / "submissions" / "imbalance"
REFERENCE = ROOT / "solutions" / "imbalance" / "imbalance.ipynb"
STARTER = ROOT / "exercises" / "imbalance" / "imbalance.ipynb"


@pytest.fixture(scope="session")
def imbalance() -> Exercise:
    return find_exercise("imbalance")


@pytest.fixture(scope="session")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course with the repository's references and a secret of its own."""
    root = tmp_path_factory.mktemp("course")
    (root / "solutions").symlink_to(ROOT / "solutions")
    (root / "exercises").symlink_to(ROOT / "exercises")
    return Course(root)


@pytest.fixture(scope="session")
def learner_grader(imbalance: Exercise) -> Iterator[Grader]:
    """Public seeds, as on a learner's machine; without the gate, which takes seconds."""
    with Grader(imbalance, with_gate=False) as grader:
        yield grader


@pytest.fixture(scope="session")
def course_grader(imbalance: Exercise, course: Course) -> Iterator[Grader]:
    """Public and secret seeds, as on an instructor's machine; without the gate."""
    with Grader(imbalance, course, with_gate=False) as grader:
        yield grader


def as_notebook(*sources: str) -> str:
    """A notebook with these code cells."""
    cells = [
        {
            "cell_type": "code",
            "id": f"cell-{number}",
            "source": source,
            "metadata": {},
            "outputs": [],
            "execution_count": None,
        }
        for number, source in enumerate(sources)
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})

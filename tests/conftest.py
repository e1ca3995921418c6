"""What tests share: the exercise, graders that stay warm, and ways to make submissions."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from corpus import IMBALANCE, ROOT, Corpus

from autograder import build, grading
from autograder.catalogue import Exercise
from autograder.course import Course
from autograder.grading import Grader
from autograder.sandbox.host import Sandbox

SUBMISSIONS, REFERENCE, STARTER = IMBALANCE.submissions, IMBALANCE.reference, IMBALANCE.starter

GraderOf = Callable[[Corpus], Grader]
Lending = Callable[[], AbstractContextManager[None]]


@pytest.fixture(scope="session")
def imbalance() -> Exercise:
    return IMBALANCE.exercise


@pytest.fixture(scope="session")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course with the repository's references and a secret of its own."""
    root = tmp_path_factory.mktemp("course")
    (root / "solutions").symlink_to(ROOT / "solutions")
    (root / "exercises").symlink_to(ROOT / "exercises")
    return Course(root)


class _Lent(Sandbox):
    """A sandbox that outlives those who use it: its processes take seconds to start."""

    def close(self) -> None:
        """Left to `end`."""

    def end(self) -> None:
        super().close()


@pytest.fixture(scope="session")
def sandboxes() -> Iterator[dict[bool, Sandbox]]:
    """One sandbox of each kind, by whether it is heavy."""
    lent = {heavy: _Lent(heavy=heavy) for heavy in (True, False)}
    yield lent
    for sandbox in lent.values():
        sandbox.end()


@pytest.fixture(scope="session")
def lending(sandboxes: dict[bool, Sandbox]) -> Lending:
    """A context in which whatever grades or builds does so in the session's sandboxes."""

    @contextmanager
    def lend() -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            for user in (grading, build):
                patch.setattr(user, "Sandbox", lambda heavy=True: sandboxes[heavy])
            yield

    return lend


@pytest.fixture
def warm(lending: Lending) -> Iterator[None]:
    """The same for the length of a test."""
    with lending():
        yield


def _graders(lending: Lending, course: Course | None) -> GraderOf:
    made: dict[str, Grader] = {}

    def grader_of(corpus: Corpus) -> Grader:
        if corpus.name not in made:
            with lending():
                made[corpus.name] = Grader(corpus.exercise, course, with_gate=False)
        return made[corpus.name]

    return grader_of


@pytest.fixture(scope="session")
def learner_graders(lending: Lending) -> GraderOf:
    """Public seeds, as on a learner's machine; without the gate, which takes seconds."""
    return _graders(lending, None)


@pytest.fixture(scope="session")
def course_graders(lending: Lending, course: Course) -> GraderOf:
    """Public and secret seeds, as on an instructor's machine; without the gate."""
    return _graders(lending, course)


@pytest.fixture(scope="session")
def learner_grader(learner_graders: GraderOf) -> Grader:
    return learner_graders(IMBALANCE)


@pytest.fixture(scope="session")
def course_grader(course_graders: GraderOf) -> Grader:
    return course_graders(IMBALANCE)


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

"""The pytest door: `pytest workspace/imbalance` collects the notebook, each check as a test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

GRADERS = pytest.StashKey[dict[str, Any]]()


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    from autograder.catalogue import exercises

    if file_path.suffix == ".ipynb" and file_path.stem in exercises():
        return ExerciseNotebook.from_parent(parent, path=file_path)
    return None


def pytest_unconfigure(config: pytest.Config) -> None:
    for grader in config.stash.get(GRADERS, {}).values():
        grader.__exit__(None, None, None)


class ExerciseNotebook(pytest.File):
    """A learner's notebook; its tasks are judged when their first check is run."""

    def collect(self) -> Iterator[pytest.Item]:
        from autograder.catalogue import find_exercise
        from autograder.judge import checks_of

        self.exercise = find_exercise(self.path.stem)
        self.verdicts: dict[str, Any] = {}
        for task in self.exercise.tasks:
            for position, check in enumerate(checks_of(self.exercise.name, task.name)):
                name = f"{task.name}::{check.name}"
                yield CheckItem.from_parent(self, name=name, task=task, position=position)

    def verdict(self, task: Any) -> Any:
        from autograder.grading import Grader
        from autograder.submission import Unreadable, read_submission

        graders = self.config.stash.setdefault(GRADERS, {})
        if self.exercise.name not in graders:
            graders[self.exercise.name] = Grader(self.exercise)
        if task.name not in self.verdicts:
            try:
                submission = read_submission(self.path)
            except Unreadable as error:
                raise NotHolding(str(error)) from None
            self.verdicts[task.name] = graders[self.exercise.name].verdict(submission, task)
        return self.verdicts[task.name]


class CheckItem(pytest.Item):
    """One check of one task."""

    def __init__(self, *, task: Any, position: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.task, self.position = task, position

    def runtest(self) -> None:
        from autograder.checking import GraderError
        from autograder.report import explain

        assert isinstance(self.parent, ExerciseNotebook)
        try:
            result = self.parent.verdict(self.task).results[self.position]
        except GraderError as error:
            raise NotHolding(str(error)) from None
        if not result.passed:
            raise NotHolding("\n".join(explain(result)))

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        if isinstance(excinfo.value, NotHolding):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, None, str]:
        return self.path, None, f"{self.path.name}::{self.name}"


class NotHolding(Exception):
    """A check that does not hold; its text is for the learner."""

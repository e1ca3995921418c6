"""The verdict corpus: each exercise with its right submissions and its wrong answers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

from autograder.build import load_misconceptions
from autograder.catalogue import Exercise, Task, exercises
from autograder.misconceptions import Misconception
from autograder.oracle import goldens_path

ROOT = Path(__file__).resolve().parents[1]

# Exercises that are still being written: left out of every test while a file of theirs is missing.
# Take a finished one out of here, and `test_every_exercise_is_complete` holds it to that.
AWAITED: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Wrong:
    """A wrong answer to one task, with what its header promises."""

    path: Path
    source: str
    task: str
    outcome: str
    misconception: str | None

    @classmethod
    def read(cls, path: Path) -> Wrong:
        source = path.read_text("utf-8")
        header = dict(re.findall(r"(?m)^# (task|outcome|misconception): (\S+)", source))
        named = header["misconception"]
        name = None if named == "none" else named
        return cls(path, source, header["task"], header["outcome"], name)

    @property
    def name(self) -> str:
        """What is wrong: the file's name without its task's."""
        return self.path.stem.removeprefix(f"{self.task}__")

    @property
    def is_unfenced(self) -> bool:
        """Whether it would end, or block, the process that runs it without a fence."""
        ends = re.search(r"_exit|kill|abort|exit\(", self.source)
        return self.outcome == "timed_out" or ends is not None


@dataclass(frozen=True)
class Corpus:
    """An exercise, with the files that the grader is held against."""

    exercise: Exercise

    @property
    def name(self) -> str:
        return self.exercise.name

    @property
    def source(self) -> Path:
        return ROOT / "solutions" / self.name / f"{self.name}.py"

    @property
    def reference(self) -> Path:
        return self.source.with_suffix(".ipynb")

    @property
    def starter(self) -> Path:
        return ROOT / "exercises" / self.name / f"{self.name}.ipynb"

    @property
    def submissions(self) -> Path:
        return ROOT / "tests" / "submissions" / self.name

    @property
    def gate_record(self) -> Path:
        return ROOT / "bench" / "results" / f"gate_{self.name}.json"

    @property
    def tasks(self) -> list[Task]:
        """The tasks without the gate."""
        return [task for task in self.exercise.tasks if not task.is_gate]

    @property
    def gate(self) -> Task:
        return self.exercise.tasks[-1]

    @cached_property
    def right(self) -> list[Path]:
        return sorted(self.submissions.glob("right/*"))

    @cached_property
    def wrong(self) -> list[Wrong]:
        return [Wrong.read(path) for path in sorted(self.submissions.glob("wrong/*.py"))]

    @cached_property
    def base(self) -> str:
        """A right submission, to which wrong answers are added."""
        return (self.submissions / "right" / "vectorised.py").read_text("utf-8")

    @property
    def prelude(self) -> str:
        """What stands before the code of each misconception."""
        return self._known[0]

    @property
    def misconceptions(self) -> list[Misconception]:
        return self._known[1]

    @cached_property
    def _known(self) -> tuple[str, list[Misconception]]:
        return load_misconceptions(ROOT, self.exercise)

    @property
    def missing(self) -> list[Path]:
        """The files that an exercise needs and this one lacks."""
        needed = [self.reference, self.starter, goldens_path(self.name), self.gate_record]
        needed += [self.source.with_name("misconceptions.py")]
        needed += [self.submissions / "right" / "vectorised.py", self.submissions / "wrong"]
        return [path for path in needed if not path.exists()]


def tier(number: int) -> list[pytest.MarkDecorator]:
    """The marks of a task's `number`-th answer among those that the judge is held against.

    The fast tier takes the first, the slow tier every third of the others; `pytest -m exhaustive`
    takes those that are left.
    """
    if number == 0:
        return []
    return [pytest.mark.exhaustive if number % 3 else pytest.mark.slow]


ALL = [Corpus(exercise) for exercise in exercises().values()]
for corpus in ALL:
    if corpus.name in AWAITED and corpus.missing:
        del exercises()[corpus.name]  # no test of this process sees half an exercise
CORPORA = [corpus for corpus in ALL if corpus.name in exercises()]
IMBALANCE = next(corpus for corpus in CORPORA if corpus.name == "imbalance")

of_every_exercise = pytest.mark.parametrize("corpus", CORPORA, ids=lambda corpus: corpus.name)

# The same for what takes long: the first exercise in the fast tier, the others in the slow one.
of_every_exercise_in_time = pytest.mark.parametrize(
    "corpus",
    [
        pytest.param(
            corpus, marks=[] if corpus is IMBALANCE else [pytest.mark.slow], id=corpus.name
        )
        for corpus in CORPORA
    ],
)

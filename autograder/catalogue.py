"""What there is to solve: exercises and their tasks, declared once in `exercises/*/tasks.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent / "exercises"


@dataclass(frozen=True)
class Task:
    """One contract to write; `points` is what all of its checks together are worth.

    `uses` are tasks whose functions, as the submission has them, are handed to this one, and
    `may_call` those whose functions it may call: one that is wrong is no fault of this one's;
    `needs_libraries` says that it is handed tensors, data frames or sparse matrices.
    """

    name: str
    title: str
    points: float
    difficulty: int
    importance: int
    minutes: int
    hints: tuple[str, ...]
    cpu_seconds: float = 10.0
    is_gate: bool = False
    uses: tuple[str, ...] = ()
    may_call: tuple[str, ...] = ()
    needs_libraries: bool = False


@dataclass(frozen=True)
class Exercise:
    """A notebook of tasks, with the lesson that it belongs to."""

    name: str
    title: str
    lesson: int
    question_points: float
    tasks: tuple[Task, ...]

    @property
    def points(self) -> float:
        return sum(task.points for task in self.tasks)

    def task(self, name: str) -> Task:
        """The task called `name`; KeyError with the known names otherwise."""
        for task in self.tasks:
            if task.name == name:
                return task
        known = ", ".join(task.name for task in self.tasks)
        raise KeyError(f"{self.name} has no task {name!r}; its tasks are: {known}")


@cache
def exercises() -> dict[str, Exercise]:
    """All exercises by name, in the order of the course."""
    found = [_read(path) for path in HERE.glob("*/tasks.toml")]
    return {exercise.name: exercise for exercise in sorted(found, key=lambda e: (e.lesson, e.name))}


def find_exercise(name: str) -> Exercise:
    """The exercise called `name`; KeyError with a sentence otherwise."""
    try:
        return exercises()[name]
    except KeyError:
        known = ", ".join(exercises())
        raise KeyError(f"There is no exercise {name!r}. Exercises: {known}.") from None


def find_task(name: str) -> tuple[Exercise, Task]:
    """The task called `name`, with its exercise; task names are unique in the course."""
    for exercise in exercises().values():
        for task in exercise.tasks:
            if task.name == name:
                return exercise, task
    known = ", ".join(task.name for e in exercises().values() for task in e.tasks)
    raise KeyError(f"There is no task {name!r}. Tasks: {known}.")


def _read(path: Path) -> Exercise:
    with path.open("rb") as file:
        data = tomllib.load(file)
    tasks = [
        Task(
            **{
                **entry,
                "hints": tuple(hint.strip() for hint in entry["hints"]),
                "uses": tuple(entry.get("uses", ())),
                "may_call": tuple(entry.get("may_call", ())),
            }
        )
        for entry in data.pop("task")
    ]
    return Exercise(name=path.parent.name, tasks=tuple(tasks), **data)

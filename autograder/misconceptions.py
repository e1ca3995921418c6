"""Known wrong answers: what an exercise's author writes beside its reference."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Misconception:
    """A wrong answer that people give to `task`.

    `sentence` is what the learner reads; `code` defines the contract wrongly, with the reference
    notebook's names in scope.
    """

    task: str
    name: str
    sentence: str
    code: str

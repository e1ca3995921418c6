"""Where expected values come from: goldens for public seeds, the reference for secret ones.

Goldens are numbers that the reference and the known wrong answers gave for the public seeds,
committed as data, so that a learner's machine can judge without holding an answer.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from autograder.catalogue import HERE
from autograder.checking import Answer, Case, GraderError, digest
from autograder.sandbox.host import Fault, Session
from autograder.sandbox.wire import Own, Prop, Tensor


def goldens_path(exercise: str) -> Path:
    return HERE / exercise / "goldens.json"


class Goldens:
    """Recorded answers for the public seeds of one exercise, with the learner's sentences."""

    def __init__(self, exercise: str) -> None:
        data = json.loads(goldens_path(exercise).read_text("utf-8"))
        self.sentences: dict[str, dict[str, str]] = data["sentences"]
        self._questions: dict[str, Any] = data["questions"]

    def _question(self, case: Case) -> dict[str, Any]:
        key = f"{case.key}/{case.question}"
        try:
            return self._questions[key]
        except KeyError:
            raise GraderError(
                f"The grader has no recorded answer for {key}. Rebuild it with `shelfspace build`."
            ) from None

    def expected(self, case: Case, args: tuple[Any, ...], through: Prop | None = None) -> Answer:
        question = self._question(case)
        if question["inputs"] != digest(args):
            raise GraderError(
                f"The inputs of {case.key} are not those that its answers were recorded for: a "
                "library here draws other random numbers. Your code is not the reason. Install "
                "the versions that pyproject.toml allows, or rebuild with `shelfspace build`."
            )
        return answer_from_json(question["answer"])

    def misconceptions(self, case: Case) -> dict[str, Answer]:
        question = self._question(case)
        wrong = question["misconceptions"]  # only where they differ from the right answer
        return {
            name: answer_from_json(wrong.get(name, question["answer"]))
            for name in self.sentences[case.check.task]
        }


class Reference:
    """The reference itself, asked once per question and remembered for a whole batch."""

    def __init__(self, open_session: Callable[[str], Session]) -> None:
        self._open_session = open_session
        self._sessions: dict[str, Session] = {}
        self._answers: dict[str, Answer] = {}

    def expected(self, case: Case, args: tuple[Any, ...], through: Prop | None = None) -> Answer:
        key = f"{case.key}/{case.question}"
        if key not in self._answers:
            self._answers[key] = self._ask(case.check.task, args, through)
        return self._answers[key]

    def misconceptions(self, case: Case) -> dict[str, Answer]:
        """None: wrong answers are recognised on public seeds, which grading runs first."""
        return {}

    def close(self) -> None:
        for session in self._sessions.values():
            session.close()
        self._sessions.clear()

    def _ask(self, task: str, args: tuple[Any, ...], through: Prop | None) -> Answer:
        if task not in self._sessions:
            self._sessions[task] = self._open_session(task)
        try:
            return ask(self._sessions[task], task, args, through)
        except Fault as fault:
            raise GraderError(f"The reference of {task} failed: {fault.message}") from None


def ask(session: Any, task: str, args: tuple[Any, ...], through: Prop | None = None) -> Answer:
    """What a session's contract answers, with gradients where an argument tracks them; what a prop
    gets out of it where one calls it."""
    if through is not None:
        return Answer(session.call(through, Own(task), *args).value)
    tracked = any(isinstance(arg, Tensor) and arg.requires_grad for arg in args)
    reply = session.call(task, *args, grad=tracked)
    return Answer(reply.value, reply.grads)


def answer_to_json(answer: Answer) -> dict[str, Any]:
    return {"value": _to_json(answer.value), "grads": _to_json(answer.grads)}


def answer_from_json(data: Mapping[str, Any]) -> Answer:
    return Answer(_from_json(data["value"]), _from_json(data["grads"]))


def _to_json(value: Any) -> Any:
    if isinstance(value, Tensor):
        return {"tensor": _to_json(value.array)}
    if isinstance(value, np.ndarray):
        # texts, because JSON has no NaN and no infinity
        return {
            "dtype": value.dtype.str,
            "shape": list(value.shape),
            "items": [str(item) for item in value.ravel().tolist()],
        }
    if isinstance(value, float):
        return {"float": repr(value)}
    if isinstance(value, (list, tuple)):
        return {type(value).__name__: [_to_json(item) for item in value]}
    if isinstance(value, dict):
        return {"dict": {name: _to_json(item) for name, item in value.items()}}
    return value


def _from_json(data: Any) -> Any:
    if not isinstance(data, dict):
        return data
    if "tensor" in data:
        return Tensor(_from_json(data["tensor"]))
    if "dtype" in data:
        return np.array(data["items"], np.str_).astype(data["dtype"]).reshape(data["shape"])
    if "float" in data:
        return float(data["float"])
    if "dict" in data:
        return {name: _from_json(item) for name, item in data["dict"].items()}
    if "tuple" in data:
        return tuple(_from_json(item) for item in data["tuple"])
    return [_from_json(item) for item in data["list"]]

"""Judges one task of one submission: runs its checks and says what came of them."""

from __future__ import annotations

import hashlib
import hmac
import importlib
from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace
from functools import cache

from autograder.catalogue import Exercise, Task
from autograder.checking import Calls, Case, Check, Failed, Finding, GraderError, Oracle
from autograder.oracle import Goldens

# Lines of a submission by place ("cell 3"), which may be named for secret inputs.
Lines = Mapping[str, Container[int]]

PASSED, WRONG, ERROR = "passed", "wrong", "error"
TIMED_OUT, NOT_ATTEMPTED = "timed_out", "not_attempted"


@dataclass(frozen=True)
class Result:
    """What came of one check."""

    check: Check
    outcome: str
    finding: Finding | None = None
    misconception: str | None = None
    sentence: str = ""
    secret: bool = False

    @property
    def passed(self) -> bool:
        return self.outcome == PASSED


@dataclass(frozen=True)
class Verdict:
    """What came of a task: its outcome, its points, and the result of each check."""

    task: Task
    results: tuple[Result, ...]
    further_seeds: int = 0

    @property
    def outcome(self) -> str:
        return self.decisive.outcome

    @property
    def decisive(self) -> Result:
        """The result to read first: the first failed check, rather one with a named reason."""
        failed = [result for result in self.results if not result.passed]
        named = [result for result in failed if result.misconception]
        return (named or failed or self.results)[0]

    @property
    def points(self) -> float:
        if any(result.check.core and not result.passed for result in self.results):
            return 0.0
        total = sum(result.check.weight for result in self.results)
        earned = sum(result.check.weight for result in self.results if result.passed)
        return round(self.task.points * earned / total, 2) if total else 0.0

    @property
    def misconception(self) -> str | None:
        return self.decisive.misconception


@dataclass
class Judge:
    """Judges tasks of one exercise.

    Without a `secret` (a learner's machine) only public seeds are run, against goldens; with one,
    further secret seeds follow, against the `reference`.
    """

    exercise: Exercise
    secret: bytes | None = None
    reference: Oracle | None = None
    goldens: Goldens = field(init=False)

    def __post_init__(self) -> None:
        self.goldens = Goldens(self.exercise.name)

    def judge(self, task: Task, calls: Calls, lines: Lines | None = None) -> Verdict:
        """The verdict on `task`, whose contract `calls` reaches.

        `lines` are the places of the submission that may be named where an input is secret. All
        public cases come first: what a submission says later could repeat a secret input. A task
        that has failed a core check earns nothing, and no secret case is spent on it.
        """
        checks = checks_of(self.exercise.name, task.name)
        ruled_out: set[str] = set()
        results = [self._run(check, calls, ruled_out) for check in checks]
        if any(result.outcome != NOT_ATTEMPTED for result in results):
            results = [_as_open_branch(result) for result in results]
        earns = all(result.passed or not result.check.core for result in results)
        if self.secret is not None and self.reference is not None and earns:
            results = [
                self._run_secret(result, calls, lines or {}) if result.passed else result
                for result in results
            ]
        further = 0 if self.secret else sum(check.secret_seeds for check in checks)
        return Verdict(task, tuple(results), further)

    def without_calls(self, task: Task, outcome: str, finding: Finding) -> Verdict:
        """The verdict on a task whose contract could not be reached, and why."""
        checks = checks_of(self.exercise.name, task.name)
        return Verdict(task, tuple(Result(check, outcome, finding) for check in checks))

    def _run(self, check: Check, calls: Calls, ruled_out: set[str]) -> Result:
        """The result of a check's public cases."""
        for index in range(check.public_seeds):
            case = public_case(self.exercise.name, check, index, calls, self.goldens)
            case.ruled_out = ruled_out
            if result := self._failure(case):
                return result
        return Result(check, PASSED)

    def _run_secret(self, public: Result, calls: Calls, lines: Lines) -> Result:
        """The result of a check's secret cases, where its public ones passed."""
        check = public.check
        assert self.secret is not None
        assert self.reference is not None
        for index in range(check.secret_seeds):
            key = f"{self.exercise.name}/{check.task}/{check.name}/secret/{index}"
            seed = _to_int(hmac.digest(self.secret, key.encode(), "sha256"))
            result = self._failure(Case(check, key, seed, calls, self.reference))
            if result is not None:
                return replace(result, secret=True, finding=_without_text(result.finding, lines))
        return public

    def _failure(self, case: Case) -> Result | None:
        """The result of a case that does not hold; None for one that does."""
        try:
            _run_case(case)
        except Failed as failure:
            # a reason is named only where the task's author has written its sentence
            sentences = self.goldens.sentences[case.check.task]
            sentence = sentences.get(failure.misconception or "", "")
            name = failure.misconception if sentence else None
            return Result(case.check, failure.outcome, failure.finding, name, sentence)
        return None


def public_case(exercise: str, check: Check, index: int, calls: Calls, oracle: Oracle) -> Case:
    """The `index`-th public case of a check; the same on every machine."""
    key = f"{check.task}/{check.name}/{index}"
    seed = hashlib.sha256(f"{exercise}/{key}".encode()).digest()
    return Case(check, key, _to_int(seed), calls, oracle)


@cache
def checks_of(exercise: str, task: str) -> tuple[Check, ...]:
    """The checks of a task, in the order in which they are run and shown."""
    module = importlib.import_module(f"autograder.exercises.{exercise}.checks.{task}")
    return tuple(value for value in vars(module).values() if isinstance(value, Check))


def _without_text(finding: Finding | None, lines: Lines) -> Finding | None:
    """What may be told of a secret input: a category of ours, and a line of the submission's."""
    if finding is None:
        return None
    known = finding.line in lines.get(finding.place, ())
    place, line = (finding.place, finding.line) if known else ("", 0)
    return Finding("", category=finding.category, place=place, line=line)


def _as_open_branch(result: Result) -> Result:
    """A NotImplementedError in a contract that is written otherwise is an error of that branch."""
    if result.outcome != NOT_ATTEMPTED or result.finding is None:
        return result
    text = "Your code raised NotImplementedError: this case is still open."
    finding = replace(result.finding, what=text, category="raised NotImplementedError")
    return replace(result, outcome=ERROR, finding=finding)


def _run_case(case: Case) -> None:
    """Run a check; a result of a form that nobody foresaw is wrong, and no end of the batch."""
    try:
        case.forget()
        case.check.function(case)
    except (Failed, GraderError):
        raise
    except Exception as error:
        text = "What came back could not be judged: it does not have the form that the docstring"
        finding = Finding(f"{text} describes.", category="unreadable result")
        raise Failed("wrong", finding) from error


def _to_int(digest: bytes) -> int:
    return int.from_bytes(digest[:8], "big")

"""The vocabulary of checks: what a check is, what it may ask, and how it says no.

A check is a function of one `Case`. It draws its inputs from `case.rng`, calls the contract
through the case, and returns when all holds; the case raises `Failed` when something does not.
The same function serves self-check (expected values are goldens) and grading (they come from the
reference), because it asks the case for them.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from autograder.sandbox.envelope import Fault, Reply
from autograder.sandbox.wire import Handle, Own, Prop, Rng, Tensor


class Calls(Protocol):
    """Something that runs a submission's functions: a fenced session, or a live notebook."""

    def call(
        self,
        target: str | Handle | Prop,
        *args: Any,
        method: str = "",
        keep: bool = False,
        grad: bool = False,
        watch: bool = False,
        remotes: Mapping[int, Callable[..., Any]] | None = None,
    ) -> Reply: ...


class Measured(Calls, Protocol):
    """Calls whose processor time is read from outside, and compared with the judge's own code."""

    def cpu_seconds(self) -> float:
        """The processor time that the submission's process has used so far."""

    def beside(self) -> AbstractContextManager[Measured]:
        """Another process of the same kind, which holds nothing of the submission."""


class Oracle(Protocol):
    """Where expected values come from."""

    def expected(self, case: Case, args: tuple[Any, ...], through: Prop | None = None) -> Any:
        """The reference's `Answer` for these inputs; a prop `through` calls it with them."""

    def misconceptions(self, case: Case) -> dict[str, Answer]:
        """What each known wrong answer to the task gives for the case's current question."""


@dataclass(frozen=True)
class Check:
    """One thing that must hold, of one task; see `check`."""

    task: str
    name: str
    title: str
    advice: str
    weight: float
    core: bool
    public_seeds: int
    secret_seeds: int
    function: Callable[[Case], None]


def check(
    task: str,
    title: str,
    *,
    advice: str,
    weight: float = 1.0,
    core: bool = False,
    seeds: tuple[int, int] = (1, 1),
) -> Callable[[Callable[[Case], None]], Check]:
    """Declare a check of `task`.

    Parameters
    ----------
    title : what must hold, in words a learner reads.
    advice : what to try when it does not hold.
    weight : the check's share of the task's points, relative to the task's other checks.
    core : a failed core check zeroes the task.
    seeds : how many public and how many secret cases are drawn.
    """

    def declare(function: Callable[[Case], None]) -> Check:
        public, secret = seeds
        return Check(task, function.__name__, title, advice, weight, core, public, secret, function)

    return declare


@dataclass(frozen=True)
class Finding:
    """What a check saw: the sentence, and what helps to mend it."""

    what: str
    expected: str = ""
    got: str = ""
    category: str = "wrong value"
    place: str = ""
    line: int = 0


class Failed(Exception):
    """The check does not hold. `outcome` is wrong, error, timed_out or not_attempted."""

    def __init__(self, outcome: str, finding: Finding, misconception: str | None = None) -> None:
        super().__init__(finding.what)
        self.outcome, self.finding, self.misconception = outcome, finding, misconception


class GraderError(Exception):
    """The grader itself is not fit to judge here; never the submission's fault."""


@dataclass
class Answer:
    """What one call of a contract came to."""

    value: Any = None
    grads: list[Any] = field(default_factory=list)


@dataclass
class Case:
    """One run of a check with one seed, against one submission.

    `ruled_out` are misconceptions that the submission's earlier answers to this task speak against.
    """

    check: Check
    key: str
    seed: int
    calls: Calls
    oracle: Oracle
    ruled_out: set[str] = field(default_factory=set)
    rng: np.random.Generator = field(init=False)
    question: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng(self.seed)

    # ------------------------------------------------------------------ calling

    def forget(self) -> None:
        """Go on in a new process of the submission, where its calls can be given one; what it
        has seen or fitted so far is gone."""
        renew = getattr(self.calls, "renew", None)
        if renew is not None:
            try:
                renew()
            except Fault as fault:
                raise failure_of(fault) from None

    def fresh_rng(self) -> Rng:
        """A generator to hand to the contract; passing the same one twice repeats its state."""
        return Rng(int(self.rng.integers(1 << 62)))

    def call(self, *args: Any, remotes: Mapping[int, Any] | None = None) -> Any:
        """What the contract returns; fails when it raises, and when that is None."""
        return self._returned(self._ask(*args, remotes=remotes).value)

    def call_with_gradients(self, *args: Any) -> tuple[Any, list[Any]]:
        """What the contract returns, and its gradient for every tensor that tracks one."""
        reply = self._ask(*args, grad=True)
        return self._returned(reply.value), reply.grads

    def make(self, *args: Any, remotes: Mapping[int, Any] | None = None) -> Handle:
        """The object that the contract returns, kept on the submission's side."""
        handle = self._ask(*args, keep=True, remotes=remotes).value
        if handle.kind == "NoneType":
            self._returned(None)
        return handle

    def prop(self, name: str) -> Prop:
        """What the exercise's `props.py` defines as `name`, made on the submission's side."""
        return prop_beside(inspect.getfile(self.check.function), name)

    def stage(self, prop: Prop, *args: Any, remotes: Mapping[int, Any] | None = None) -> Handle:
        """What a prop returns for `args`, kept on the submission's side."""
        return self._ask(*args, target=prop, keep=True, remotes=remotes).value

    def read(self, prop: Prop, *args: Any) -> Any:
        """What a prop reads off kept objects, as plain data."""
        return self._returned(self._ask(*args, target=prop).value)

    def call_method(self, handle: Handle, method: str, *args: Any) -> Any:
        """What a method of a kept object returns."""
        return self._returned(self._ask(*args, target=handle, method=method).value)

    def leaves_alone(self, *args: Any, remotes: Mapping[int, Any] | None = None) -> None:
        """The call neither changes its arguments nor draws from global generators."""
        touched = self._ask(*args, keep=True, watch=True, remotes=remotes).touched
        for name in touched:
            if name.startswith("argument"):
                self.fail(
                    f"Your function changed its {name}. Work on a copy, or build a new array.",
                    category="changed its input",
                )
            self.fail(
                f"Your function changed the global random state of `{name}`.",
                category="touched global random state",
                misconception="global_seed",
            )

    def follows_rng(
        self, *args: Any, read: Callable[[Any], Any], same: Callable[[Any, Any], bool]
    ) -> None:
        """`args` end with an Rng: same state, same result; another state, another result."""
        *inputs, rng = args
        first, again = read(self.call(*inputs, rng)), read(self.call(*inputs, rng))
        if not same(first, again):
            self.fail(
                "Two calls with the same inputs and the same state of `rng` gave two results. "
                "Draw every random number from `rng`.",
                category="not reproducible",
            )
        if same(first, read(self.call(*inputs, self.fresh_rng()))):
            self.fail(
                "Calls with generators in different states gave the same result. Draw from the "
                "`rng` that you are handed instead of a fixed seed of your own.",
                category="ignores rng",
            )

    def refuses(self, *args: Any, why: str, remotes: Mapping[int, Any] | None = None) -> None:
        """The contract raises ValueError for these inputs; `why` says what is bad about them."""
        try:
            reply = self.calls.call(self.check.task, *args, keep=True, remotes=remotes)
        except Fault as fault:
            if "ValueError" in fault.error_names:
                return
            raise failure_of(fault) from None
        self.fail(
            f"{why[0].upper()}{why[1:]} must raise ValueError with a sentence that says so.",
            expected="ValueError",
            got=f"a result of type {reply.value.kind}",
            category="bad input accepted",
        )

    def _ask(
        self,
        *args: Any,
        target: str | Handle | Prop = "",
        method: str = "",
        keep: bool = False,
        grad: bool = False,
        watch: bool = False,
        remotes: Mapping[int, Any] | None = None,
    ) -> Reply:
        try:
            return self.calls.call(
                target or self.check.task,
                *args,
                method=method,
                keep=keep,
                grad=grad,
                watch=watch,
                remotes=remotes,
            )
        except Fault as fault:
            raise failure_of(fault) from None

    def _returned(self, value: Any) -> Any:
        if value is None:
            self.fail(
                "Your function returned None. Did you forget the `return` statement?",
                category="returned nothing",
            )
        return value

    # ------------------------------------------------------------------ judging

    def fail(
        self,
        what: str,
        *,
        expected: Any = "",
        got: Any = "",
        category: str = "wrong value",
        misconception: str | None = None,
    ) -> Any:
        """End the check: it does not hold."""
        finding = Finding(what, show(expected), show(got), category)
        raise Failed("wrong", finding, misconception)

    def array(
        self,
        value: Any,
        name: str,
        *,
        shape: tuple[int | None, ...],
        kinds: str,
        bounds: tuple[float, float] | None = None,
    ) -> np.ndarray:
        """`value` as the NumPy array that it must be: type, shape, dtype, finite, bounds.

        `shape` holds None where any length will do; `kinds` are NumPy's dtype kind letters.
        """
        if isinstance(value, Tensor):
            self.fail(f"{name} must be a NumPy array, not a torch tensor.", category="wrong type")
        if not isinstance(value, np.ndarray):
            self.fail(
                f"{name} must be a NumPy array.", got=type(value).__name__, category="wrong type"
            )
        fits = len(shape) == value.ndim and all(
            want is None or want == have for want, have in zip(shape, value.shape, strict=True)
        )
        if not fits:
            wanted = "(" + ", ".join("any" if n is None else str(n) for n in shape) + ")"
            self.fail(
                f"{name} has the wrong shape.",
                expected=wanted,
                got=str(value.shape),
                category="wrong shape",
            )
        if value.dtype.kind not in kinds:
            self.fail(
                f"{name} has the wrong dtype.",
                expected=" or ".join(_KINDS[kind] for kind in kinds),
                got=str(value.dtype),
                category="wrong dtype",
            )
        if value.dtype.kind == "f" and not np.isfinite(value).all():
            self.fail(
                f"{name} holds NaN or infinity. Look for a division by zero, a logarithm of zero, "
                "or an overflow.",
                got=value,
                category="not finite",
            )
        if bounds is not None and value.size:
            low, high = bounds
            if value.min() < low or value.max() > high:
                self.fail(
                    f"{name} must lie between {low:g} and {high:g}.", got=value, category="bounds"
                )
        return value

    def tensor(
        self,
        value: Any,
        name: str,
        *,
        shape: tuple[int, ...],
        dtypes: tuple[str, ...],
        like: str = "",
        why_infinite: str | None = None,
    ) -> Tensor:
        """`value` as the finite torch tensor of that shape, and of one of the dtypes, it must be.

        `like` names the input whose dtype it is, `why_infinite` the misconception that explains
        an infinity.
        """
        if not isinstance(value, Tensor):
            self.fail(
                f"{name} must be a torch tensor.", got=type(value).__name__, category="wrong type"
            )
        if value.array.shape != shape:
            what = "has the wrong shape" if shape else "must be a 0-dim tensor: a mean"
            self.fail(
                f"{name} {what}.",
                expected=str(shape),
                got=str(value.array.shape),
                category="wrong shape",
            )
        if value.array.dtype.name not in dtypes:
            self.fail(
                f"{name} must have the dtype of the {like}." if like else f"{name}: wrong dtype.",
                expected=" or ".join(dtypes),
                got=str(value.array.dtype),
                category="wrong dtype",
            )
        if not np.isfinite(value.array).all():
            why = why_infinite if np.isposinf(value.array).any() else None
            self.fail(f"{name} is not finite.", got=value, category="not finite", misconception=why)
        return value

    def number(self, value: Any, name: str) -> float:
        """`value` as the finite float that it must be (a 0-d array or tensor is not one)."""
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            self.fail(
                f"{name} must be a float.",
                got=_kind_of(value),
                category="wrong type",
            )
        if not np.isfinite(value):
            self.fail(f"{name} must be finite.", got=value, category="not finite")
        return float(value)

    def pair(self, value: Any, names: str) -> tuple[Any, Any]:
        """`value` as the tuple of two that it must be."""
        if not isinstance(value, (tuple, list)) or len(value) != 2:
            self.fail(f"Return two things: {names}.", got=_kind_of(value), category="wrong type")
        return value[0], value[1]

    def matches_reference(
        self,
        *args: Any,
        read: Callable[[Any], Any],
        close: Callable[[Any, Any], bool],
        view: Callable[[Any], Any] = lambda value: value,
        grad: bool = False,
        through: Prop | None = None,
        what: str = "The value is wrong.",
    ) -> None:
        """The contract's answer equals the reference's.

        Parameters
        ----------
        read : checks type, shape, dtype and finiteness of the returned value (see `array`).
        close : whether two viewed answers agree.
        view : what of an answer matters.
        grad : compare gradients instead of values.
        through : what calls the contract, here and in the reference, with it as first argument: for
            a class, whose objects cannot cross.
        """
        grads: list[Any] = []
        if grad:
            value, grads = self.call_with_gradients(*args)
        elif through is not None:
            value = self.read(through, Own(self.check.task), *args)
        else:
            value = self.call(*args)
        value = read(value)
        got = view(grads if grad else value)
        wanted = view(self._answer(self.oracle.expected(self, args, through), grad))
        known = {
            name: view(self._answer(answer, grad))
            for name, answer in self.oracle.misconceptions(self).items()
            if name not in self.ruled_out
        }
        # an answer speaks against every misconception that would have given another one here
        self.ruled_out |= {name for name, wrong in known.items() if not close(got, wrong)}
        if not close(got, wanted):
            name = next((name for name in known if name not in self.ruled_out), None)
            self.fail(what, expected=wanted, got=got, misconception=name)
        self.question += 1

    @staticmethod
    def _answer(answer: Answer, grad: bool) -> Any:
        return answer.grads if grad else answer.value


@cache
def prop_beside(check_file: str, name: str) -> Prop:
    """What the `props.py` of the exercise of a check's file defines as `name`."""
    return Prop((Path(check_file).parents[1] / "props.py").read_text("utf-8"), name)


def failure_of(fault: Fault) -> Failed:
    """What a fault of the submission's process means for its learner."""
    if fault.kind == "error":
        name = fault.error_names[0] if fault.error_names else "Exception"
        if "NotImplementedError" in fault.error_names:
            return Failed(
                "not_attempted", Finding("Not attempted yet.", place=fault.place, line=fault.line)
            )
        if name == "WireError":
            text = f"Your function returned something unexpected: {fault.message}."
            return Failed("wrong", Finding(text, category="wrong type"))
        text = f"Your code raised {name}: {fault.message}".rstrip(": ")
        if name == "NameError":
            text += ". (The grader takes your function, and the statements that its names need.)"
        return Failed(
            "error", Finding(text, "", "", "raised an exception", fault.place, fault.line)
        )
    if fault.kind == "timed_out":
        text = (
            f"Your code did not finish in time ({fault.message}). Look for an endless loop, "
            "or for Python loops over rows where an array operation would do."
        )
        return Failed("timed_out", Finding(text, category="did not finish in time"))
    if fault.kind == "crashed":
        text = (
            f"Your code ended its own process ({fault.message}). Remove calls that exit, and "
            "look for arrays much larger than the input."
        )
        return Failed("error", Finding(text, category="ended its own process"))
    text = f"What came back could not be read ({fault.message}). Return plain NumPy data."
    return Failed("wrong", Finding(text, category="unreadable result"))


def digest(args: tuple[Any, ...]) -> str:
    """A short fingerprint of inputs: numbers to six significant decimals, so that the last bit of
    another machine's mathematics does not count."""
    state = hashlib.sha256()
    _feed(state, args)
    return state.hexdigest()[:16]


def close(rtol: float, atol: float) -> Callable[[Any, Any], bool]:
    """A comparison with tolerances: |got - wanted| <= atol + rtol * |wanted|, shapes equal."""

    def compare(got: Any, wanted: Any) -> bool:
        if isinstance(wanted, (list, tuple)):
            return len(got) == len(wanted) and all(map(compare, got, wanted))
        if got is None or wanted is None:
            return got is wanted
        left, right = np.asarray(numbers(got), float), np.asarray(numbers(wanted), float)
        if left.shape != right.shape:
            return False
        with np.errstate(all="ignore"):
            # not <=: a NaN on either side is a difference
            return bool(np.all(np.abs(left - right) <= atol + rtol * np.abs(right)))

    return compare


def numbers(value: Any) -> Any:
    """The array in a tensor, or the value itself."""
    return value.array if isinstance(value, Tensor) else value


def show(value: Any, limit: int = 200) -> str:
    """A value as a short text for a message."""
    if isinstance(value, str):
        return value if len(value) <= limit else value[: limit - 1] + "…"
    if isinstance(value, Tensor):
        return f"tensor {show(value.array, limit)}"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, np.ndarray):
        if value.ndim == 0:
            return f"{value.item():.6g}" if value.dtype.kind == "f" else str(value.item())
        body = np.array2string(value, precision=4, threshold=8, edgeitems=3, separator=", ")
        body = " ".join(body.split())
        return f"{body} (shape {value.shape}, {value.dtype})"[:limit]
    if isinstance(value, (list, tuple)):
        return ("(" + ", ".join(show(item, limit) for item in value[:4]) + ")")[:limit]
    return repr(value)[:limit]


_KINDS = {"b": "bool", "i": "int", "u": "unsigned int", "f": "float", "U": "text", "c": "complex"}


def _kind_of(value: Any) -> str:
    if isinstance(value, Tensor):
        return f"a tensor of shape {value.array.shape}"
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    return type(value).__name__


def _feed(state: Any, value: Any) -> None:
    if isinstance(value, Tensor):
        _feed(state, ("tensor", str(value.array.dtype), value.requires_grad, value.array))
    elif isinstance(value, np.ndarray):
        state.update(f"{value.dtype.kind}{value.shape}".encode())
        if value.dtype.kind == "f":
            state.update(" ".join(f"{item:.6g}" for item in value.ravel().tolist()).encode())
        elif value.dtype.kind == "U":
            state.update("\0".join(value.ravel().tolist()).encode())
        else:
            state.update(np.ascontiguousarray(value).tobytes())
    elif isinstance(value, (list, tuple)):
        state.update(f"{type(value).__name__}{len(value)}".encode())
        for item in value:
            _feed(state, item)
    elif isinstance(value, float):
        state.update(f"{value:.6g};".encode())
    else:
        state.update(f"{value!r};".encode())

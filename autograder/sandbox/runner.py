"""Runs a submission's code and turns calls into plain data and back.

The same `Runner` works in the fenced child (where nothing it says is trusted) and in a learner's
notebook (where there is no fence). It knows no checks and no expected values.
"""

from __future__ import annotations

import ast
import linecache
import random
import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.sandbox.wire import MAX_DEPTH, Handle, Own, Prop, Remote, Rng, Tensor, WireError

# (remote's number, method's name or "", positional arguments, keyword arguments) -> plain value
Ask = Callable[[int, str, list[Any], dict[str, Any]], Any]


@dataclass(frozen=True)
class Statement:
    """One top-level statement of a submission.

    `place` names where a reader finds it ("cell 3"), `line` is its first line there.
    """

    source: str
    place: str
    line: int


class Proxy:
    """Stands in the submission's process for an object of the judge; every call is the judge's."""

    def __init__(self, runner: Runner, remote: Remote) -> None:
        self._runner, self._number, self._methods = runner, remote.number, remote.methods

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in self._methods:
            raise AttributeError(f"this object has no attribute {name!r}")
        return lambda *args, **kwargs: self._runner.ask_judge(self._number, name, args, kwargs)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self._methods:
            raise TypeError("this object is not callable")
        return self._runner.ask_judge(self._number, "", args, kwargs)


class Runner:
    """Executes requests on a submission's `namespace`; `ask` reaches the judge for callbacks."""

    def __init__(self, namespace: dict[str, Any], ask: Ask) -> None:
        self.namespace = namespace
        self._ask = ask
        self._objects: list[Any] = []
        self._proxies: dict[int, Proxy] = {}
        self._props: dict[str, dict[str, Any]] = {}

    def handle(self, request: dict[str, Any]) -> dict[str, Any]:
        """The reply to one request, as plain data; whatever the submission raises becomes one.

        A reply is `{"ok": value, "grads": list, "touched": list}` or
        `{"error": [class names, most specific first], "message": str, "place": str, "line": int}`.
        """
        try:
            if request["op"] == "load":
                return self._load(request["statements"], request["seed"])
            return self._call(request)
        except BaseException as error:  # exits and interrupts are outcomes too
            return describe(error)

    def ask_judge(self, number: int, method: str, args: Any, kwargs: Any) -> Any:
        plain_args = [self.plain(arg) for arg in args]
        plain_kwargs = {str(key): self.plain(value) for key, value in kwargs.items()}
        return self.real(self._ask(number, method, plain_args, plain_kwargs))

    # ------------------------------------------------------------------ requests

    def _load(self, statements: list[list[Any]], seed: int) -> dict[str, Any]:
        _seed_globals(seed)
        for source, place, line in statements:
            _remember_source(place, source, line)
            tree = ast.increment_lineno(ast.parse(source), line - 1)
            # annotations stay text, as with `from __future__ import annotations`: a slice need not
            # hold the names that only annotations mention
            code = compile(tree, place, "exec", flags=annotations.compiler_flag, dont_inherit=True)
            exec(code, self.namespace)
        return {"ok": None, "grads": [], "touched": []}

    def _call(self, request: dict[str, Any]) -> dict[str, Any]:
        target: Any = request["target"]
        function = self.real(Own(target) if type(target) is str else target)
        if request["method"]:
            function = getattr(function, request["method"])
        if not callable(function):
            raise TypeError(f"{target} is not a function but of type {type(function).__name__}")
        args = [self.real(arg) for arg in request["args"]]
        before = _moved_global_states() if request["watch"] else {}
        result = function(*args)
        reply: dict[str, Any] = {"grads": [], "touched": []}
        if request["watch"]:
            now = _global_states()
            reply["touched"] = [name for name in now if now[name] != before.get(name)]
            reply["touched"] += self._changed(args, request["args"])
        if request["grad"]:
            reply["grads"] = self._gradients(result, args)
        reply["ok"] = self._keep(result) if request["keep"] else self.plain(result)
        return reply

    def _keep(self, result: Any) -> Handle:
        self._objects.append(result)
        return Handle(len(self._objects) - 1, type(result).__name__[:100])

    @staticmethod
    def _gradients(result: Any, args: list[Any]) -> list[Any]:
        """d sum(result) / d argument for each argument that tracks gradients; None if unused."""
        tracked = [arg for arg in args if getattr(arg, "requires_grad", False)]
        if not getattr(result, "requires_grad", False):
            return [None for _ in tracked]
        result.sum().backward()
        return [None if arg.grad is None else arg.grad.detach().numpy() for arg in tracked]

    def _changed(self, args: list[Any], sent: list[Any]) -> list[str]:
        """Names of the arguments whose contents the submission changed."""
        changed = []
        for position, (arg, original) in enumerate(zip(args, sent, strict=True)):
            if type(original) not in (np.ndarray, Tensor, list, dict):
                continue
            try:
                same = _same(self.plain(arg), original)
            except WireError:
                same = False
            if not same:
                changed.append(f"argument {position + 1}")
        return changed

    # ------------------------------------------------------------------ plain data <-> objects

    def real(self, value: Any) -> Any:
        """The object that a plain value stands for."""
        kind = type(value)
        if kind is np.ndarray:
            return value.copy()
        if kind is Rng:
            return np.random.default_rng(value.seed)
        if kind is Tensor:
            import torch

            return torch.tensor(value.array, requires_grad=value.requires_grad)
        if kind is Handle:
            return self._objects[value.number]
        if kind is Own:
            if value.name not in self.namespace:
                raise NameError(f"name {value.name!r} is not defined")
            return self.namespace[value.name]
        if kind is Prop:
            return self._prop(value)
        if kind is Remote:
            # one proxy per judge's object, so that `model.fit(X, y) is model` holds
            return self._proxies.setdefault(value.number, Proxy(self, value))
        if kind in (list, tuple):
            return kind(self.real(item) for item in value)
        if kind is dict:
            return {key: self.real(item) for key, item in value.items()}
        return value

    def _prop(self, prop: Prop) -> Any:
        if prop.source not in self._props:
            namespace: dict[str, Any] = {"__name__": "props"}
            exec(compile(prop.source, "<props>", "exec", dont_inherit=True), namespace)
            self._props[prop.source] = namespace
        return self._props[prop.source][prop.name]

    def plain(self, value: Any, depth: int = 0) -> Any:
        """`value` as plain data; subclasses and scalars of libraries become what they hold."""
        if depth > MAX_DEPTH:
            raise WireError("the value is nested too deeply")
        if value is None or type(value) in (bool, int, float, complex, str, bytes):
            return value
        if isinstance(value, Proxy):
            return Remote(value._number, value._methods)
        if isinstance(value, np.generic):
            return value.item()
        if isinstance(value, np.ndarray):
            return _plain_array(np.asarray(value))
        if isinstance(value, np.random.Generator):
            return Rng(zlib.crc32(repr(value.bit_generator.state).encode()))
        if isinstance(value, tuple):
            return tuple(self.plain(item, depth + 1) for item in value)
        if isinstance(value, list):
            return [self.plain(item, depth + 1) for item in value]
        if isinstance(value, dict):
            return {
                self.plain(key, depth + 1): self.plain(item, depth + 1)
                for key, item in value.items()
            }
        if (torch := sys.modules.get("torch")) is not None and isinstance(value, torch.Tensor):
            array = value.detach().cpu().resolve_conj().numpy().copy()
            return Tensor(array, value.requires_grad)
        raise WireError(f"a value of type {type(value).__name__} is not plain data")


def describe(error: BaseException) -> dict[str, Any]:
    """An exception as plain data, with the last line of the submission that it passed through."""
    try:
        # through str's own method: an exception may answer with a subclass of str
        message = str.__str__(str(error))[:2000].encode("utf-8", "replace").decode()
        names = [str(cls.__name__)[:99] for cls in type(error).__mro__[:8]]
    except BaseException:  # a hostile exception must not end the process
        message, names = "(its message cannot be shown)", ["Exception"]
    place, line = "", 0
    if isinstance(error, SyntaxError) and (found := _place_of(error.filename or "")):
        place, line = found, error.lineno or 0
    trace = error.__traceback__
    while trace is not None:
        if found := _place_of(trace.tb_frame.f_code.co_filename):
            place, line = found, trace.tb_lineno
        trace = trace.tb_next
    return {
        "error": names,
        "message": message,
        "place": place[:99],
        "line": line,
    }


def _place_of(filename: str) -> str:
    """Where a reader finds code of the submission; "" for code of a library."""
    if "ipykernel_" in filename:  # a live notebook, whose cells have names like hashes
        return "its cell"
    return filename if filename == "file" or filename.startswith("cell ") else ""


def _remember_source(place: str, source: str, line: int) -> None:
    """Keep statements in linecache, so that tracebacks and inspect.getsource show them."""
    known = linecache.cache.get(place)
    lines = list(known[2]) if known is not None and len(known) == 4 else []
    wanted = source.splitlines(keepends=True)
    lines += ["\n"] * (line - 1 + len(wanted) - len(lines))
    lines[line - 1 : line - 1 + len(wanted)] = wanted
    linecache.cache[place] = (sum(map(len, lines)), None, lines, place)


def _seed_globals(seed: int) -> None:
    """Code that draws from global generators gives the same result in every run."""
    random.seed(seed)
    np.random.seed(seed)
    if (torch := sys.modules.get("torch")) is not None:
        # `torch.manual_seed` asks for every kind of device first, which takes milliseconds
        torch.default_generator.manual_seed(seed)


def _global_states() -> dict[str, Any]:
    """What compares equal exactly as long as nobody draws from the global generators."""
    states: dict[str, Any] = {
        "random": random.getstate(),
        "numpy.random": _numpy_state(),
    }
    if (torch := sys.modules.get("torch")) is not None:
        states["torch"] = torch.get_rng_state().numpy().tobytes()
    return states


def _moved_global_states() -> dict[str, Any]:
    """The states after one draw, so that a call that sets its own seed each time shows."""
    random.random()
    np.random.random()
    if (torch := sys.modules.get("torch")) is not None:
        torch.rand(1)
    return _global_states()


def _numpy_state() -> dict[str, Any]:
    state = np.random.get_state(legacy=False)["state"]
    return {
        name: part.tobytes() if isinstance(part, np.ndarray) else part
        for name, part in state.items()
    }


def _plain_array(array: np.ndarray) -> np.ndarray:
    """Text held as objects becomes a text array; other object arrays cannot cross."""
    if array.dtype == object and all(type(item) is str for item in array.ravel().tolist()):
        return array.astype(np.str_)
    if array.dtype.kind == "T":
        return array.astype(np.str_)
    return array


def _same(value: Any, original: Any) -> bool:
    if type(value) is not type(original):
        return False
    if isinstance(original, Tensor):
        return _same(value.array, original.array)
    if isinstance(original, np.ndarray):
        equal_nan = original.dtype.kind in "fc"
        same_type = value.dtype == original.dtype
        return same_type and np.array_equal(value, original, equal_nan=equal_nan)
    if isinstance(original, (list, tuple)):
        return len(value) == len(original) and all(map(_same, value, original))
    if isinstance(original, dict):
        return value.keys() == original.keys() and all(
            _same(value[key], item) for key, item in original.items()
        )
    return bool(value == original) or (value != value and original != original)

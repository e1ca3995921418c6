"""The warm process: it loads the numeric libraries once and forks a fenced child per submission.

Runs in a process of its own, started by `autograder.sandbox.launch` with a scrubbed environment and
nothing secret in reach. It has one thread, because a fork of a process that ran parallel regions
hangs or crashes in the child. It takes orders (JSON, with the child's channel attached) on a
control socket, and ends with the judge.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import resource
import select
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

from autograder.sandbox import linux
from autograder.sandbox.child import Channel, serve

# what most submissions use; whatever else is visible is imported by the child that wants it
_NUMPY = ("numpy.linalg", "numpy.random", "numpy.testing")
_HEAVY = (
    *("scipy.sparse", "scipy.stats", "sklearn.linear_model", "sklearn.neighbors"),
    *("sklearn.metrics", "sklearn.model_selection", "sklearn.preprocessing", "sklearn.ensemble"),
    *("sklearn.pipeline", "sklearn.calibration", "imblearn.over_sampling", "torch"),
)
_SCRATCH_BYTES = 64 << 20
_PROCESSES = 32  # threads of one submission
_COLLAPSE_AFTER = 32  # children; most of a second's work, which pays in a batch, not in one check


class Zygote:
    """Holds the layers that this kernel grants of those asked for."""

    def __init__(self, config: dict[str, Any]) -> None:
        self.config = config
        self.layers = set(config["layers"])
        self.spare_uid: int | None = config["spare_uid"]
        self.address_space = 0
        self.null = -1
        self.own_pids = -1
        self.live: set[int] = set()
        self.opened = 0

    def prepare(self) -> None:
        """Enter namespaces, load the libraries, and freeze."""
        self._keep_what_works()
        if "namespaces" in self.layers:
            self._enter_namespaces()
        else:
            linux.adopt_orphans()
        _preload(self.config["heavy"])
        with open("/proc/self/statm") as file:
            self.address_space = int(file.read().split()[0]) * resource.getpagesize()
        linux.bound_capabilities()
        self.null = os.open("/dev/null", os.O_RDWR | os.O_CLOEXEC)
        if "seccomp" in self.layers:
            linux.seccomp_program(1)  # built once, for every child that is number 1
        threads = len(os.listdir("/proc/self/task"))
        if threads != 1:
            raise RuntimeError(f"the zygote has {threads} threads; children would hang")
        gc.collect()
        gc.freeze()

    def _keep_what_works(self) -> None:
        """Try each layer in a process of its own; some kernels grant a layer only in part."""
        if self.spare_uid is not None and not _succeeds_elsewhere(self._try_spare_user):
            self.spare_uid = None
        attempts = {
            "landlock": self._try_landlock,
            "seccomp": self._try_seccomp,
            "namespaces": self._try_namespaces,
        }
        for layer, attempt in attempts.items():
            if layer in self.layers and not _succeeds_elsewhere(attempt):
                self.layers.discard(layer)

    def _try_spare_user(self) -> None:
        assert self.spare_uid is not None
        linux.become(self.spare_uid)
        for module in (os, sys.modules["numpy"]):
            open(str(module.__file__)).close()

    def _try_landlock(self) -> None:
        linux.no_new_privileges()
        linux.landlock([("/", linux.READ)])

    def _try_seccomp(self) -> None:
        linux.no_new_privileges()
        linux.seccomp(linux.seccomp_program(os.getpid()))

    def _try_namespaces(self) -> None:
        """All that `_enter_namespaces` and a child ask of the kernel."""
        self._enter_namespaces()
        linux.unshare(linux.NEW_PID)
        pid = os.fork()
        if pid == 0:
            try:
                linux.private_work(_SCRATCH_BYTES, self._owner())
                os._exit(0)
            finally:
                os._exit(1)
        _, status = os.waitpid(pid, 0)
        if status:
            raise OSError("no private scratch folder")

    def _enter_namespaces(self) -> None:
        """Be the first process of own namespaces, in a root that holds the libraries only.

        As its first process, our end is the end of everything that we started.
        """
        if self.spare_uid is None:
            linux.new_user_namespace()
        linux.unshare(linux.NEW_NET | linux.NEW_IPC | linux.NEW_UTS | linux.NEW_PID)
        pid = os.fork()
        if pid:
            linux.close_all_but({0, 1, 2})
            os._exit(1 if os.waitpid(pid, 0)[1] else 0)
        linux.die_with_parent()
        config = self.config
        linux.private_root(config["root"], config["shown"], config["masked"])
        self.own_pids = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
        _use_scratch(linux.WORK)

    def _owner(self) -> int:
        """The user that children are."""
        return os.getuid() if self.spare_uid is None else self.spare_uid

    # ------------------------------------------------------------------ orders

    def serve(self, control: socket.socket) -> None:
        """Obey until the judge is gone."""
        waiting = select.poll()
        waiting.register(control, select.POLLIN)
        judge = self.config["judge"]
        if judge >= 0:
            waiting.register(judge, select.POLLIN)  # readable when it has ended
        while True:
            ready = {descriptor for descriptor, _ in waiting.poll()}
            if judge in ready:
                return
            message, descriptors, _, _ = socket.recv_fds(control, 1 << 16, 1)
            if not message:
                return
            order = json.loads(message)
            reply: dict[str, Any]
            if order["do"] == "open":
                reply = {"pid": self._open(descriptors[0], order)}
            elif order["do"] == "clock":
                reply = {"cpu_seconds": linux.cpu_seconds(order["pid"])}
            else:
                reply = self._close(order["pid"], order["patience"])
            control.send(json.dumps(reply).encode())

    def end(self) -> None:
        """End every child. With namespaces they end with us."""
        for pid in list(self.live):
            self._close(pid, 0.0)

    def _open(self, descriptor: int, order: dict[str, Any]) -> int:
        self.opened += 1
        if self.opened == _COLLAPSE_AFTER:
            linux.collapse_pages()
        isolated = "namespaces" in self.layers
        if isolated:
            linux.unshare(linux.NEW_PID)
        pid = os.fork()
        if pid == 0:
            self._be_child(descriptor, order)
        if isolated:
            linux.set_namespace(self.own_pids, linux.NEW_PID)
        os.close(descriptor)
        self.live.add(pid)
        return pid

    def _close(self, pid: int, patience: float) -> dict[str, Any]:
        """End a child with all that it started; how it ended, if it did so by itself.

        `patience` (seconds) is for a child whose channel has just closed: its end may be near.
        """
        deadline = time.monotonic() + patience
        ended, status, usage = os.wait4(pid, os.WNOHANG)
        while not ended and time.monotonic() < deadline:
            time.sleep(0.001)
            ended, status, usage = os.wait4(pid, os.WNOHANG)
        by_itself = bool(ended)
        if "namespaces" not in self.layers:
            _end_group(pid)
        if not ended:
            os.kill(pid, signal.SIGKILL)
            _, status, usage = os.wait4(pid, 0)
        self.live.discard(pid)
        if not self.layers & {"namespaces", "seccomp"}:
            self._end_orphans()
        seconds = usage.ru_utime + usage.ru_stime
        return {"by_itself": by_itself, "status": status, "cpu_seconds": seconds}

    def _end_orphans(self) -> None:
        """Children that are not ours lost their parent: a submission started them."""
        for _ in range(1000):
            orphans = [pid for pid in _children_of(os.getpid()) if pid not in self.live]
            if not orphans:
                return
            for pid in orphans:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)

    # ------------------------------------------------------------------ becoming a child

    def _be_child(self, descriptor: int, order: dict[str, Any]) -> None:
        """Fence this process in, serve, and end. Never returns."""
        try:
            self._fence(descriptor, order)
        except BaseException as error:  # said in the log, before any foreign code
            print(f"a child's fence failed: {error!r}", file=sys.stderr, flush=True)
            os._exit(1)
        try:
            os.dup2(self.null, 1)
            os.dup2(self.null, 2)
            os.close(self.null)
            serve(Channel(socket.socket(fileno=descriptor)))
        finally:
            os._exit(0)

    def _fence(self, descriptor: int, order: dict[str, Any]) -> None:
        """The order matters: each step needs rights that a later one gives up."""
        os.setsid()
        os.dup2(self.null, 0)
        isolated = "namespaces" in self.layers
        work = linux.WORK if isolated else order["work"]
        if isolated:
            linux.private_work(_SCRATCH_BYTES, self._owner())
        linux.close_all_but({0, 1, 2, descriptor, self.null})
        os.chdir(work)
        if "rlimits" in self.layers:
            linux.limit_resources(
                cpu_seconds=order["cpu_seconds"],
                address_space=self.address_space + order["memory_bytes"],
                processes=self._processes(),
                file_bytes=_SCRATCH_BYTES,
            )
        if self.spare_uid is None:
            linux.drop_capabilities()
        else:
            linux.become(self.spare_uid)
        linux.die_with_parent()
        linux.no_new_privileges()
        _use_scratch(work)
        if "landlock" in self.layers:
            linux.landlock(self._rules(work))
        if "seccomp" in self.layers:
            linux.seccomp(linux.seccomp_program(os.getpid()))

    def _rules(self, work: str) -> list[tuple[str, int]]:
        devices = [("/dev/null", linux.WRITE_DEVICE), ("/dev/zero", linux.WRITE_DEVICE)]
        if "namespaces" in self.layers:
            return [("/", linux.READ), (work, linux.WRITE), *devices]
        rules = [(path, linux.READ) for path in self.config["entries"]]
        rules += [(f"/proc/{os.getpid()}", linux.READ), (work, linux.WRITE_FLAT)]
        return [*rules, ("/dev/urandom", linux.READ), ("/dev/random", linux.READ), *devices]

    def _processes(self) -> int:
        """The limit that leaves a child at least `_PROCESSES`: the kernel counts per user."""
        if self.spare_uid is not None or "namespaces" in self.layers:
            return _PROCESSES + len(self.live) + 2  # a user, or a user namespace, of our own
        # other programs of the same user count, too, and may grow meanwhile
        return 4 * _PROCESSES + _threads_of_user(os.getuid())


def main(config: dict[str, Any]) -> None:
    """Serve the judge over the inherited control socket until it goes."""
    zygote = Zygote(config)
    control = socket.socket(fileno=config["control"])
    zygote.prepare()
    ready = {"layers": sorted(zygote.layers), "spare_uid": zygote.spare_uid}
    control.send(json.dumps(ready).encode())
    zygote.serve(control)
    zygote.end()
    os._exit(0)  # the libraries' farewell would take half a second


def _preload(heavy: bool) -> None:
    """Import what submissions use, and touch what initialises itself late."""
    for name in (*_NUMPY, *(_HEAVY if heavy else ())):
        importlib.import_module(name)
    if heavy:
        _warm_torch()
        _warm_scikit_learn()


def _warm_torch() -> None:
    import torch

    torch.set_num_threads(1)
    model = torch.nn.Linear(4, 4)
    # Adam imports torch._dynamo: more than a second that every training submission would pay
    optimizer = torch.optim.Adam(model.parameters())
    torch.nn.functional.cross_entropy(model(torch.ones(4, 4)), torch.arange(4)).backward()
    optimizer.step()


def _warm_scikit_learn() -> None:
    """Its first neighbour search scans all loaded libraries, and remembers what it found."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedGroupKFold
    from sklearn.neighbors import NearestNeighbors

    X, y = np.arange(24.0).reshape(12, 2), np.arange(12) % 2
    for algorithm in ("kd_tree", "brute"):
        NearestNeighbors(n_neighbors=2, algorithm=algorithm).fit(X).kneighbors()
    LogisticRegression().fit(X, y).predict_proba(X)
    list(StratifiedGroupKFold(2, shuffle=True, random_state=0).split(X, y, np.arange(12) // 2))


def _succeeds_elsewhere(attempt: Callable[[], None]) -> bool:
    """Whether `attempt` works, tried in a process of its own."""
    pid = os.fork()
    if pid == 0:
        try:
            attempt()
            os._exit(0)
        except OSError as error:
            print(f"{attempt.__name__}: {error}", file=sys.stderr, flush=True)
        finally:
            os._exit(1)
    return os.waitpid(pid, 0)[1] == 0


def _use_scratch(work: str) -> None:
    """Point everything that wants a folder to the scratch folder."""
    # made now: without a private root Landlock lets no folder be made later
    os.makedirs(os.path.join(work, ".matplotlib"), mode=0o700, exist_ok=True)
    folders = dict.fromkeys(("HOME", "TMPDIR", "TORCHINDUCTOR_CACHE_DIR"), work)
    os.environ.update(folders, MPLCONFIGDIR=os.path.join(work, ".matplotlib"), MPLBACKEND="Agg")
    tempfile.tempdir = work


def _end_group(leader: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)


def _children_of(parent: int) -> list[int]:
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat", "rb") as file:
                fields = file.read().rpartition(b")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent:
            found.append(int(name))
    return found


def _threads_of_user(uid: int) -> int:
    total = 0
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.stat(f"/proc/{name}").st_uid == uid:
                total += len(os.listdir(f"/proc/{name}/task"))
        except OSError:
            continue
    return total

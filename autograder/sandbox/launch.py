"""Starts and ends the processes that run submissions, from the judge's side.

Two ways, with one interface: `Zygote` forks fenced children from a warm process (Linux on x86-64);
`Spawner` starts a fresh, unfenced process for each (everywhere else).
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import platform
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.sandbox.view import allowed_libraries, numeric_view

COURSE = Path(__file__).resolve().parents[2]
_PREFIX = "shelfspace-sandbox-"
_START_SECONDS, _ORDER_SECONDS = 300, 30

# The course's folder is on the path only while our own few modules load, and nothing remembers its
# names. The configuration comes by stdin: a submission could read arguments and environment.
_BOOT = """
import json, sys
config = json.load(sys.stdin)
sys.path[:0] = [config["course"]]
sys.path += [config["library"]]
from autograder.sandbox import {module}
sys.path.remove(config["course"])
sys.path_importer_cache.clear()
{module}.main(config)
"""
_KEPT_VARIABLES = ("LD_LIBRARY_PATH", "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "SYSTEMROOT")


UNKNOWN = -1  # the number of a child that the zygote has not yet named


class LaunchError(Exception):
    """A process of the sandbox did not start, or is gone."""


@dataclass(frozen=True)
class Ending:
    """How a process ended. `by_itself`: before it was told to, and only then is `text` of use."""

    by_itself: bool
    cpu_seconds: float
    text: str


@dataclass
class Child:
    """A process that serves one submission on `channel`."""

    channel: socket.socket
    number: int
    work: str = ""


def is_fenceable() -> bool:
    """Whether this system has the layers that `linux` knows."""
    return sys.platform == "linux" and platform.machine() == "x86_64"


# ---------------------------------------------------------------------- two ways to have children


class Zygote:
    """The warm process and its children. `layers` become those that it holds."""

    def __init__(self, layers: Iterable[str], heavy: bool = True) -> None:
        self.scratch = Scratch()
        self._turn = threading.Lock()
        self._count = 0
        self._pending: deque[Child | None] = deque()  # answers to come: of a start, of an end
        # a user of no account; another one for each judge that may run beside this one
        self._spare_uid = 61234 + os.getpid() % 4096 if os.getuid() == 0 else None
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        judge = _handle_on_self()
        passed = [theirs.fileno(), *([judge] if judge >= 0 else [])]
        config = self._config(layers, heavy, control=theirs.fileno(), judge=judge)
        try:
            self._process = _start("zygote", config, self.scratch, passed)
        finally:
            theirs.close()
            if judge >= 0:
                os.close(judge)
        self._control.settimeout(_START_SECONDS)
        try:
            ready = self._answer()
            self.layers = frozenset(ready["layers"])
            self._spare_uid = ready["spare_uid"]
        except BaseException as error:
            self.close()
            if isinstance(error, OSError):
                raise LaunchError("the sandbox's zygote does not start") from None
            raise

    def _config(self, layers: Iterable[str], heavy: bool, **descriptors: int) -> dict[str, Any]:
        view = numeric_view(self.scratch.library, self.scratch.libraries)
        return {
            **descriptors,
            "layers": sorted(layers),
            "heavy": heavy,
            "root": self.scratch.folder("root"),
            "spare_uid": self._spare_uid,
            "shown": view.shown,
            "masked": view.masked,
            "entries": view.entries,
        }

    def start_ahead(self, cpu_seconds: int, memory_bytes: int) -> Child | None:
        """A child that will be wanted soon, without waiting for it; None where there can be none.

        Its number is known once the zygote's answer is read.
        """
        if "namespaces" not in self.layers:  # its scratch folder would have to be made first
            return None
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        order = {"do": "open", "cpu_seconds": cpu_seconds, "memory_bytes": memory_bytes, "work": ""}
        child = Child(ours, UNKNOWN)
        with theirs, self._turn:
            self._send(order, theirs.fileno())
            self._pending.append(child)
        return child

    def start(self, cpu_seconds: int, memory_bytes: int) -> Child:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        order = {"do": "open", "cpu_seconds": cpu_seconds, "memory_bytes": memory_bytes}
        work = ""
        if "namespaces" not in self.layers:
            self._count += 1
            work = self.scratch.folder(f"work-{self._count}", self._spare_uid)
        with theirs:
            try:
                number = self._order({**order, "work": work}, theirs.fileno())["pid"]
            except BaseException:
                ours.close()
                raise
        return Child(ours, number, work)

    def release(self, child: Child) -> None:
        """End a child whose ending nobody asks about, without waiting for it."""
        if child.work:  # its scratch folder goes with it, so it has to be gone first
            self.end(child, 0.0)
            return
        child.channel.close()
        with self._turn, contextlib.suppress(OSError, LaunchError):
            if child.number == UNKNOWN:
                self._drain()
            self._send({"do": "close", "pid": child.number, "patience": 0.0})
            self._pending.append(None)

    def end(self, child: Child, patience: float) -> Ending:
        """End a child; `patience` (seconds) lets one end that has just closed its channel."""
        child.channel.close()
        try:
            if child.number == UNKNOWN:
                with self._turn:
                    self._drain()
            answer = self._order({"do": "close", "pid": child.number, "patience": patience})
        except (LaunchError, OSError):
            return Ending(True, 0.0, "its process is gone")
        finally:
            if child.work:
                remove_tree(child.work)
        text = _exit_text(os.waitstatus_to_exitcode(answer["status"]))
        return Ending(answer["by_itself"], answer["cpu_seconds"], text)

    def cpu_seconds(self, child: Child) -> float:
        """The processor time that a running child has used, as the kernel counts it."""
        if child.number == UNKNOWN:
            with self._turn:
                self._drain()
        return float(self._order({"do": "clock", "pid": child.number})["cpu_seconds"])

    def _order(self, order: dict[str, Any], *descriptors: int) -> Any:
        with self._turn:
            try:
                self._send(order, *descriptors)
                self._drain()
                return self._answer()
            except BaseException as error:
                # an answer may be left unread; with the zygote go all that it started
                self._process.kill()
                if isinstance(error, OSError):
                    raise LaunchError("the sandbox's zygote does not answer") from None
                raise

    def _send(self, order: dict[str, Any], *descriptors: int) -> None:
        socket.send_fds(self._control, [json.dumps(order).encode()], list(descriptors))

    def _drain(self) -> None:
        """Read the answers that nobody waited for."""
        while self._pending:
            answer = self._answer()
            child = self._pending.popleft()
            if child is not None:
                child.number = answer["pid"]

    def _answer(self) -> Any:
        message = self._control.recv(1 << 16)
        if not message:
            raise LaunchError(f"the sandbox's zygote is gone\n{self.scratch.log()}")
        self._control.settimeout(_ORDER_SECONDS)
        return json.loads(message)

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def close(self) -> None:
        with contextlib.suppress(OSError, LaunchError):
            self._drain()
        self._control.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self.scratch.remove()


class Spawner:
    """A fresh process for each submission, without a fence: seconds slower, and WEAK."""

    is_alive = True
    layers: frozenset[str] = frozenset()

    def __init__(self) -> None:
        self.scratch = Scratch()
        self._count = 0
        self._processes: dict[int, subprocess.Popen[bytes]] = {}

    def start(self, cpu_seconds: int, memory_bytes: int) -> Child:
        ours, theirs = socket.socketpair()
        self._count += 1
        work = self.scratch.folder(f"work-{self._count}")
        config = {"cpu_seconds": cpu_seconds, "memory_bytes": memory_bytes}
        with theirs:
            if os.name == "posix":
                config["channel"] = theirs.fileno()
                process = _start("child", config, self.scratch, [theirs.fileno()], work)
            else:
                process = _start("child", config, self.scratch, [], work, share=theirs)
        self._processes[process.pid] = process
        return Child(ours, process.pid, work)

    def start_ahead(self, cpu_seconds: int, memory_bytes: int) -> Child | None:
        return None

    def cpu_seconds(self, child: Child) -> None:
        """None: not every system tells one process of another's time."""
        return None

    def release(self, child: Child) -> None:
        self.end(child, 0.0)

    def end(self, child: Child, patience: float) -> Ending:
        child.channel.close()
        process = self._processes.pop(child.number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience)
        by_itself = process.poll() is not None
        code = _kill(process)
        remove_tree(child.work)
        out_of_time = os.name == "posix" and code == -signal.SIGXCPU
        return Ending(by_itself, math.inf if out_of_time else 0.0, _exit_text(code))

    def close(self) -> None:
        for process in self._processes.values():
            _kill(process)
        self.scratch.remove()


def _kill(process: subprocess.Popen[bytes]) -> int:
    """End a process and its group; its exit code."""
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    return process.wait()


def _start(
    module: str,
    config: dict[str, Any],
    scratch: Scratch,
    passed: list[int],
    work: str = "",
    share: socket.socket | None = None,
) -> subprocess.Popen[bytes]:
    """Run `main(config)` of a sandbox module in a new, scrubbed Python process."""
    python = getattr(sys, "_base_executable", None) or sys.executable
    # not -I, which ignores PYTHONHASHSEED; -S keeps .pth files (an editable course!) away
    command = [python, "-s", "-S", "-P", "-B", "-c", _BOOT.format(module=module)]
    with open(scratch.log_path, "ab") as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=log if not work else subprocess.DEVNULL,
            env=_environment(work or scratch.folder("home")),
            cwd=work or "/",
            pass_fds=passed,
            start_new_session=True,
        )
    config = {**config, "course": str(COURSE), "library": scratch.library}
    if share is not None:
        config["share"] = share.share(process.pid).hex()  # type: ignore[attr-defined]
    assert process.stdin is not None
    try:
        with process.stdin:
            process.stdin.write(json.dumps(config).encode())
    except BrokenPipeError:
        pass  # it has ended, which the caller will notice
    return process


def _environment(home: str) -> dict[str, str]:
    """Nothing of the judge's environment but what libraries need to load."""
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    # one thread before the fork; n_jobs becomes threads; torch.compile the identity
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    folders = dict.fromkeys(("HOME", "TMPDIR", "TORCHINDUCTOR_CACHE_DIR", "MPLCONFIGDIR"), home)
    return {
        **kept,
        **threads,
        **folders,
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "PYTHONHASHSEED": "0",
        "MPLBACKEND": "Agg",
        "JOBLIB_MULTIPROCESSING": "0",
        "TORCHDYNAMO_DISABLE": "1",
        "JE_ARROW_MALLOC_CONF": "background_thread:false",
        # huge pages: a fork and an end copy and free fewer page table entries, in half the time
        "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
    }


def _handle_on_self() -> int:
    """A descriptor that becomes readable when this process ends; -1 where there are none."""
    try:
        return os.pidfd_open(os.getpid())
    except (AttributeError, OSError):
        return -1


def _exit_text(code: int) -> str:
    if code >= 0:
        return f"it exited with status {code}"
    try:
        return f"it was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"it was ended by signal {-code}"


# ---------------------------------------------------------------------- folders


class Scratch:
    """A folder for one sandbox. The next sandbox removes it, where a killed judge could not.

    A lock tells the living from the dead; the folder gets its final name when it is locked.
    """

    def __init__(self) -> None:
        _sweep()
        new = tempfile.mkdtemp(prefix="shelfspace-new-")
        self._lock = _lock(os.path.join(new, "lock"))
        name = os.path.basename(new).replace("shelfspace-new-", _PREFIX)
        self.path = os.path.join(os.path.dirname(new), name)
        os.rename(new, self.path)
        os.chmod(self.path, 0o711)  # a child of another user passes through to its own folder
        self.log_path = os.path.join(self.path, "log")
        self.library = self.folder("library")
        os.chmod(self.library, 0o755)
        self.libraries = allowed_libraries()
        for name, path in self.libraries.items():
            os.symlink(path, os.path.join(self.library, name))

    def folder(self, name: str, owner: int | None = None) -> str:
        """The folder of that name in the scratch folder, made if need be."""
        path = os.path.join(self.path, name)
        os.makedirs(path, mode=0o700, exist_ok=True)
        if owner is not None:
            os.chown(path, owner, owner)
        return path

    def log(self) -> str:
        """The end of what the zygote had to say."""
        try:
            return Path(self.log_path).read_text("utf-8", "replace")[-2000:]
        except OSError:
            return ""

    def remove(self) -> None:
        remove_tree(self.path)
        if self._lock is not None:
            self._lock.close()


def remove_tree(path: str) -> None:
    """Remove a folder, however deep: `shutil.rmtree` recurses, and a submission can dig.

    Folders are moved up into the top one until none is left.
    """
    token, count = secrets.token_hex(8), 0
    waiting = [path]
    while waiting:
        folder = waiting.pop()
        try:
            os.chmod(folder, 0o700)
            with os.scandir(folder) as found:
                entries = list(found)
        except FileNotFoundError:
            continue
        for entry in entries:
            if not entry.is_dir(follow_symlinks=False):
                os.unlink(entry.path)
                continue
            count += 1
            shallow = os.path.join(path, f"{token}-{count}")
            os.chmod(entry.path, 0o700)
            os.rename(entry.path, shallow)
            waiting.append(shallow)
        if folder != path:
            os.rmdir(folder)
    with contextlib.suppress(FileNotFoundError):
        os.rmdir(path)


def _lock(path: str) -> Any:
    """The open, locked file; None when another process holds it, or where there are no locks."""
    try:
        import fcntl
    except ImportError:
        return None
    file = open(path, "a")  # noqa: SIM115 - open as long as the lock is held
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file


def _sweep() -> None:
    """Remove the scratch folders of judges that were killed."""
    if os.name != "posix":
        return
    with os.scandir(tempfile.gettempdir()) as found:
        mine = [
            entry.path
            for entry in found
            if entry.name.startswith(_PREFIX)
            and entry.is_dir(follow_symlinks=False)
            and entry.stat(follow_symlinks=False).st_uid == os.getuid()
        ]
    for path in mine:
        try:
            lock = _lock(os.path.join(path, "lock"))
            if lock is not None:
                with lock:
                    remove_tree(path)
        except OSError:
            continue  # another judge is at it

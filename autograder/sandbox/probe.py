"""How well the fence holds here, found by attacking it from within.

A fence that silently held nothing has happened to others: what was asked for says nothing.
"""

from __future__ import annotations

import os
import secrets
import socket
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.sandbox.runner import Statement

if TYPE_CHECKING:
    from autograder.sandbox.host import Sandbox


@dataclass(frozen=True)
class Level:
    """STRONG: no door was open. GOOD: files' names can be guessed, no more. WEAK: anything else."""

    name: str
    open_doors: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """One line for a report."""
        if self.name == "STRONG":
            return "STRONG: submissions see no files, no network and no other process."
        if self.name == "GOOD":
            return "GOOD: as STRONG, except that names of files can be guessed."
        return f"WEAK: only for code that you trust. Open: {', '.join(self.open_doors)}."


_SEE = "see a hidden file"


def observe(sandbox: Sandbox) -> Level:
    """The level of `sandbox`, by trying every door in a real child."""
    doors = _open_doors(sandbox)
    if not doors:
        return Level("STRONG")
    return Level("GOOD" if doors == [_SEE] else "WEAK", tuple(doors))


def _open_doors(sandbox: Sandbox) -> list[str]:
    from autograder.sandbox.host import Fault, Limits

    # where the system's own defences end: a folder and a file open to everyone
    with tempfile.TemporaryDirectory(prefix="shelfspace-probe-") as folder:
        os.chmod(folder, 0o777)
        hidden = Path(folder, "hidden.txt")
        hidden.write_text(secrets.token_hex(8))
        hidden.chmod(0o666)
        with _listener() as listener, _listener(os.path.join(folder, "socket")) as named:
            targets = [str(hidden), listener.getsockname()[1], named.getsockname(), __file__]
            source = _ATTACKS.replace("__TARGETS__", repr(targets))
            try:
                with sandbox.open([Statement(source, "probe", 1)], Limits()) as session:
                    tried = session.call("attack").value
            except Fault as fault:
                return [f"the probe failed ({fault})"]
    if type(tried) is not dict or not all(type(held) is bool for held in tried.values()):
        return ["the probe failed (it gave no answer)"]
    return [str(door) for door, is_open in tried.items() if is_open]


def _listener(path: str = "") -> socket.socket:
    if path and hasattr(socket, "AF_UNIX"):
        server = socket.socket(socket.AF_UNIX)
        server.bind(path)
        os.chmod(path, 0o777)
    else:
        server = socket.socket()
        server.bind(("127.0.0.1", 0))
    server.listen(4)
    return server


_ATTACKS = """
import ctypes, os, resource, socket, subprocess
import numpy

HIDDEN, PORT, NAMED, GRADER = __TARGETS__


def works(deed):
    try:
        deed()
    except BaseException:
        return False
    return True


def fork():
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)


def udp():
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", PORT))


def unix():
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(1)
        client.connect(NAMED)


def signal_parent():
    assert os.getppid() > 1
    os.kill(os.getppid(), 0)


def call(number, *args):
    if ctypes.CDLL(None).syscall(number, *args) < 0:
        raise OSError


def more_processor_time():
    resource.setrlimit(resource.RLIMIT_CPU, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def attack():
    deeds = {
        "read a hidden file": lambda: open(HIDDEN).read(),
        "see a hidden file": lambda: os.stat(HIDDEN),
        "list a hidden folder": lambda: os.listdir(os.path.dirname(HIDDEN)),
        "read the grader": lambda: open(GRADER).read(),
        "write beside a hidden file": lambda: open(HIDDEN + ".new", "w"),
        "change a hidden file's mode": lambda: os.chmod(HIDDEN, 0o644),
        "change a hidden file": lambda: open(HIDDEN, "a").write("x"),
        "start a process": fork,
        "run a program": lambda: subprocess.run(["/bin/true"], check=True),
        "connect by TCP": lambda: socket.create_connection(("127.0.0.1", PORT), 1).close(),
        "send by UDP": udp,
        "connect to a local socket": unix,
        "signal its parent": signal_parent,
        "set up io_uring": lambda: call(425, 1, b"\\0" * 120),
        "make a user namespace": lambda: call(272, 0x10000000),
        "take 64 GiB of memory": lambda: numpy.empty(64 << 30, "u1"),
        "raise its limits": more_processor_time,
    }
    return {door: works(deed) for door, deed in deeds.items()}
"""

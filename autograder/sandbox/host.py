"""The judge's door to a submission: sessions in a fenced process, and what comes of them.

    with Sandbox() as sandbox, sandbox.open(statements, Limits()) as session:
        session.call("hit_rate", ranked, relevant, 10).value

The process only ever returns values; the judge compares. Nothing that a submission sends is
believed before it is decoded, bounded and checked for its form.
"""

from __future__ import annotations

import contextlib
import math
import os
import socket
import time
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autograder.sandbox import frames, wire
from autograder.sandbox.envelope import (
    Answerer,
    Callbacks,
    Fault,
    Lie,
    Reply,
    call_request,
    check_reply,
    read_reply,
)
from autograder.sandbox.launch import Child, LaunchError, Spawner, Zygote, is_fenceable
from autograder.sandbox.runner import Statement
from autograder.sandbox.wire import Handle, Prop, WireError

if TYPE_CHECKING:
    from autograder.sandbox.probe import Level

__all__ = ["ALL_LAYERS", "Fault", "Limits", "Reply", "Sandbox", "SandboxError", "Session"]

ALL_LAYERS = frozenset({"rlimits", "landlock", "seccomp", "namespaces"})
PROCESS_TIME = Prop("from time import process_time", "process_time")
_ATTEMPTS = 3
_READY_SECONDS = 30
_PATIENCE = 0.5  # seconds for a child that has closed its channel to end


@dataclass(frozen=True)
class Limits:
    """What one session may use.

    Parameters
    ----------
    cpu_seconds : processor time of the whole session, rounded up to whole seconds.
    wall_seconds : time that the judge waits for the submission, all calls of a session together;
        neither pauses between calls nor the judge's own answers to callbacks count.
    memory_bytes : address space beyond what the loaded libraries take.
    reply_bytes : the largest reply of one call, and the largest arguments of one callback.
    """

    cpu_seconds: float = 10.0
    wall_seconds: float = 30.0
    memory_bytes: int = 2 << 30
    reply_bytes: int = 16 << 20


class SandboxError(Exception):
    """The sandbox itself does not work here; never a submission's fault."""


# ---------------------------------------------------------------------- sandbox


class Sandbox:
    """Opens sessions. Owns the processes behind them, and ends all of them on `close`.

    Several sessions may be open at once, each in a process of its own. `heavy` says whether its
    processes are forked with torch and scikit-learn loaded, or with NumPy alone: any submission
    runs in either, but a fork with few libraries costs a tenth, and importing many takes seconds.
    """

    def __init__(self, *, layers: frozenset[str] = ALL_LAYERS, heavy: bool = True) -> None:
        self._layers, self._heavy = layers, heavy
        self._level: Level | None = None
        self._launcher: Zygote | Spawner | None = None
        self._spare: Session | None = None
        self._finalizer: weakref.finalize[..., Any] | None = None

    @property
    def level(self) -> Level:
        """How well the fence holds here: observed by attacking it, once."""
        if self._level is None:
            from autograder.sandbox.probe import observe

            self._level = observe(self)
        return self._level

    def open(
        self, statements: Sequence[Statement], limits: Limits = Limits(), seed: int = 0
    ) -> Session:
        """A session in which `statements` have run; `seed` sets the global random generators.

        Raises
        ------
        Fault
            When the statements did not run to their end.
        SandboxError
            When no process could be had.
        """
        if (spare := self._prepared(limits)) is not None:
            try:
                return self._loaded(spare, statements, seed)
            except Fault as fault:
                if fault.kind != "crashed":
                    raise
            # it may have been gone before it was used: once more, in a new process
        return self._loaded(self._session(limits), statements, seed)

    @staticmethod
    def _loaded(session: Session, statements: Sequence[Statement], seed: int) -> Session:
        try:
            session.load(statements, seed)
        except BaseException:
            session.close()
            raise
        return session

    def prepare(self, limits: Limits) -> None:
        """Start the process of the next session with these limits while there is time.

        It is fenced and holds nothing of any submission.
        """
        if self._spare is not None:
            return
        launcher = self._running()
        with contextlib.suppress(OSError):
            child = launcher.start_ahead(math.ceil(limits.cpu_seconds), limits.memory_bytes)
            if child is not None:
                self._spare = Session(launcher, child, limits)

    def _prepared(self, limits: Limits) -> Session | None:
        """The prepared session, where there is one with these limits and it is well."""
        session = self._spare
        if session is None or session.limits != limits:
            return None
        self._spare = None
        try:
            session.await_ready()
        except LaunchError:
            return None
        return session

    def _session(self, limits: Limits) -> Session:
        problem = ""
        for _ in range(_ATTEMPTS):
            try:
                launcher = self._running()
                child = launcher.start(math.ceil(limits.cpu_seconds), limits.memory_bytes)
                session = Session(launcher, child, limits)
                session.await_ready()
                return session
            except LaunchError as error:
                problem = str(error)
        raise SandboxError(f"no sandbox could be started: {problem}")

    def _running(self) -> Zygote | Spawner:
        if self._launcher is not None and self._launcher.is_alive:
            return self._launcher
        self.close()
        self._launcher = Zygote(self._layers, self._heavy) if is_fenceable() else Spawner()
        # runs at exit, too; `os.getpid`, because a fork of the judge must leave its processes alone
        self._finalizer = weakref.finalize(self, _close_if_owner, self._launcher, os.getpid())
        return self._launcher

    def close(self) -> None:
        """End every process of this sandbox, and remove its scratch folder."""
        if self._finalizer is not None:
            self._finalizer()
        self._launcher = self._finalizer = self._spare = None

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def _close_if_owner(launcher: Zygote | Spawner, owner: int) -> None:
    if os.getpid() == owner:
        launcher.close()


# ---------------------------------------------------------------------- session


class Session:
    """One submission in its process. After a fault other than "error" it is dead."""

    def __init__(self, launcher: Zygote | Spawner, child: Child, limits: Limits) -> None:
        self._launcher, self._child, self.limits = launcher, child, limits
        self._waited = 0.0
        self._deadline = 0.0
        self._fault: Fault | None = None
        self._is_open = True
        self._is_busy = False

    def await_ready(self) -> None:
        """Wait until the fence stands; nothing of the submission has run before."""
        self._deadline = time.monotonic() + _READY_SECONDS
        try:
            if self._receive() == {"ready": True}:
                return
        except (OSError, EOFError, WireError, Lie):
            pass
        self.close()
        raise LaunchError(f"a process could not be fenced in\n{self._launcher.scratch.log()}")

    def load(self, statements: Sequence[Statement], seed: int) -> None:
        """Run statements in the session's namespace; raises Fault."""
        plain = [[item.source, item.place, item.line] for item in statements]
        self._exchange({"op": "load", "statements": plain, "seed": seed}, {})

    def call(
        self,
        target: str | Handle | Prop,
        *args: Any,
        method: str = "",
        keep: bool = False,
        grad: bool = False,
        watch: bool = False,
        remotes: Mapping[int, Answerer] | None = None,
    ) -> Reply:
        """What a function of the submission returns for plain `args`.

        Parameters
        ----------
        target : the function's name, or an object kept by an earlier call.
        method : the method of the target to call instead of itself.
        keep : leave the result where it is and return a `Handle` for it.
        grad : also return d sum(result) / d argument.
        watch : also return which arguments and global random states the call changed.
        remotes : what stands behind each `wire.Remote` in `args`, by its number.

        Raises
        ------
        Fault
            When no value came back.
        """
        return self._exchange(call_request(target, args, method, keep, grad, watch), remotes or {})

    def cpu_seconds(self) -> float:
        """The processor time that the process has used so far, read from outside.

        Where this system has no fence, it is the process's own word.
        """
        if self._fault is not None:
            raise Fault(self._fault.kind, self._fault.message)
        try:
            seconds = self._launcher.cpu_seconds(self._child)
        except (LaunchError, OSError):
            raise self._end(Fault("crashed", "its process is gone")) from None
        return float(self.call(PROCESS_TIME).value) if seconds is None else seconds

    def close(self) -> None:
        """End the process with all that it started, and remove its scratch folder.

        With namespaces this returns at once; the process is gone some milliseconds later.
        """
        if self._is_open:
            self._is_open = False
            self._launcher.release(self._child)
            self._fault = self._fault or Fault("crashed", "the session is closed")

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    # ------------------------------------------------------------------ one exchange

    def _exchange(self, request: dict[str, Any], remotes: Mapping[int, Answerer]) -> Reply:
        if self._fault is not None:
            raise Fault(self._fault.kind, self._fault.message)
        if self._is_busy:
            raise RuntimeError("a callback must not call into the session that it answers")
        frame = wire.encode(request)  # before anything is sent: a WireError here is the judge's
        callbacks = Callbacks(remotes)
        self._is_busy = True
        try:
            envelope = self._converse(frame, callbacks)
            check_reply(envelope, bool(request.get("keep")))
        except (Lie, WireError) as error:
            raise self._end(Fault("protocol", str(error))) from None
        except TimeoutError:
            waited = f"more than {self.limits.wall_seconds:g} seconds"
            raise self._end(Fault("timed_out", waited)) from None
        except (OSError, EOFError):
            raise self._ended() from None
        except Fault as fault:
            raise self._end(fault) from None
        except BaseException:
            self.close()  # an interrupt in the middle: an answer may be left unread
            raise
        finally:
            self._is_busy = False
        callbacks.finish()
        return read_reply(envelope)

    def _converse(self, frame: list[Any], callbacks: Callbacks) -> Any:
        """Send a request, answer callbacks, and return the reply's envelope."""
        self._refuse_early_bytes()
        while True:
            started = time.monotonic()
            self._deadline = started + self.limits.wall_seconds - self._waited
            try:
                frames.send(self._child.channel, frame, self._set_timeout)
                envelope = self._receive()
            finally:
                self._waited += time.monotonic() - started
            if type(envelope) is not dict or set(envelope) != {"ask"}:
                return envelope
            frame = callbacks.answer(envelope["ask"])

    def _refuse_early_bytes(self) -> None:
        """Nothing may wait on the channel before a request: it was not asked for."""
        channel = self._child.channel
        channel.setblocking(False)
        try:
            early = channel.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return
        if early:
            raise Lie("it answered before it was asked")
        raise EOFError

    def _receive(self) -> Any:
        return frames.receive(self._child.channel, self.limits.reply_bytes, self._set_timeout)

    def _set_timeout(self) -> None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._child.channel.settimeout(left)

    # ------------------------------------------------------------------ endings

    def _end(self, fault: Fault) -> Fault:
        self._fault = fault
        self.close()
        return fault

    def _ended(self) -> Fault:
        """The fault of a child that closed its channel."""
        self._is_open = False
        ending = self._launcher.end(self._child, _PATIENCE)
        limit = math.ceil(self.limits.cpu_seconds)
        if not ending.by_itself:
            self._fault = Fault("crashed", "it closed its connection")
        elif ending.cpu_seconds >= 0.75 * limit:  # on a busy machine the kernel's ticks run ahead
            self._fault = Fault("timed_out", f"more than {limit} seconds of processor time")
        else:
            self._fault = Fault("crashed", ending.text)
        return self._fault

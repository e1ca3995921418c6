"""Linux's isolation layers by ctypes: limits, Landlock, seccomp, namespaces, capabilities.

Nothing but the kernel is needed. Every function raises OSError where the kernel refuses; the
caller decides what to do without that layer. System call numbers are those of x86-64.
"""

from __future__ import annotations

import ctypes
import errno
import functools
import os
import resource
import signal
import struct
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

# ---------------------------------------------------------------------- calls


@functools.cache
def _libc() -> ctypes.CDLL:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    return libc


def _checked(result: int, what: str) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")
    return int(result)


def _syscall(number: int, what: str, *args: Any) -> int:
    wide = [ctypes.c_long(arg) if isinstance(arg, int) else arg for arg in args]
    return _checked(_libc().syscall(ctypes.c_long(number), *wide), what)


def _prctl(option: int, *args: int) -> int:
    padded = [ctypes.c_ulong(arg) for arg in (*args, 0, 0, 0, 0)[:4]]
    return _checked(_libc().prctl(option, *padded), f"prctl {option}")


def die_with_parent() -> None:
    """SIGKILL for this process when its parent ends. A change of user clears it."""
    _prctl(1, signal.SIGKILL)


def no_new_privileges() -> None:
    _prctl(38, 1)


def adopt_orphans() -> None:
    """Processes whose parents end become children of this one, which can then end them."""
    _prctl(36, 1)


def cpu_seconds(pid: int) -> float:
    """The processor time that another process has used, all of its threads together."""
    # its number as the kernel reads it: see clock_getcpuclockid(3), which Python lacks
    return time.clock_gettime((~pid << 3) | 2)


def close_all_but(keep: Iterable[int]) -> None:
    """Close every descriptor that is not in `keep`."""
    first = 0
    for descriptor in [*sorted(keep), 1 << 31]:
        if descriptor > first:
            try:
                _syscall(436, "close_range", first, descriptor - 1, 0)
            except OSError:  # before Linux 5.9
                os.closerange(first, min(descriptor, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
        first = descriptor + 1


# ---------------------------------------------------------------------- memory

_HUGE_PAGE = 2 << 20
_COLLAPSE = 25  # MADV_COLLAPSE, from Linux 6.1 on


def collapse_pages() -> None:
    """Move this process's own memory into huge pages: its forks then copy smaller page tables.

    Where the kernel cannot, in whole or in part, that part stays as it is.
    """
    with open("/proc/self/maps") as file:
        lines = [line.split() for line in file]
    for area, rights, _, _, inode, *_ in lines:
        start, end = (int(address, 16) for address in area.split("-"))
        start += -start % _HUGE_PAGE
        end -= end % _HUGE_PAGE
        if rights == "rw-p" and inode == "0" and start < end:
            _libc().madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), _COLLAPSE)


# ---------------------------------------------------------------------- limits


def limit(kind: int, value: int) -> None:
    """Set a resource limit for good: the hard limit too, and never above the present one."""
    _, hard = resource.getrlimit(kind)
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (value, value))


def limit_resources(
    *, cpu_seconds: int, address_space: int, processes: int, file_bytes: int
) -> None:
    """Limits of the calling process and of all that it may start.

    The processor limit is hard at once (SIGKILL): a process that is number 1 in its namespace
    ignores the softer SIGXCPU. `processes` counts threads too, per user.
    """
    limit(resource.RLIMIT_CORE, 0)
    limit(resource.RLIMIT_CPU, cpu_seconds)
    limit(resource.RLIMIT_FSIZE, file_bytes)
    limit(resource.RLIMIT_NOFILE, 64)
    limit(resource.RLIMIT_MEMLOCK, 0)
    limit(resource.RLIMIT_MSGQUEUE, 0)
    limit(resource.RLIMIT_SIGPENDING, 256)
    limit(resource.RLIMIT_STACK, 8 << 20)
    limit(resource.RLIMIT_AS, address_space)
    limit(resource.RLIMIT_NPROC, processes)


# ---------------------------------------------------------------------- Landlock

_WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 1, 1 << 2, 1 << 3
_REMOVE_DIR, _REMOVE_FILE, _MAKE_DIR, _MAKE_FILE = 1 << 4, 1 << 5, 1 << 7, 1 << 8
_REFER, _TRUNCATE = 1 << 13, 1 << 14
_ON_FILES = 1 | _WRITE_FILE | _READ_FILE | _TRUNCATE

READ = _READ_FILE | _READ_DIR
WRITE_DEVICE = _READ_FILE | _WRITE_FILE
# without directories: nothing outside a private root bounds their number or depth
WRITE_FLAT = READ | _WRITE_FILE | _REMOVE_FILE | _MAKE_FILE | _TRUNCATE
WRITE = WRITE_FLAT | _REMOVE_DIR | _MAKE_DIR | _REFER


def landlock_version() -> int:
    """The kernel's Landlock ABI; 0 where there is none."""
    try:
        return _syscall(444, "landlock", None, 0, 1)
    except OSError:
        return 0


def landlock(rules: Sequence[tuple[str, int]]) -> None:
    """Deny this process every file but `rules`: (path, rights beneath it). For good.

    Where the kernel knows how (ABI 4, 6), TCP, abstract sockets and signals to others are denied
    as well; elsewhere seccomp does that. Paths that are not there are left out.
    """
    version = landlock_version()
    if not version:
        raise OSError(errno.ENOSYS, "the kernel has no Landlock")
    handled = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1}
    files = handled.get(version, (1 << 16) - 1)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    attributes = struct.pack("<QQQ", files, 3, 3)[:size]
    ruleset = _syscall(444, "landlock_create_ruleset", attributes, size, 0)
    try:
        for path, rights in rules:
            _allow_beneath(ruleset, path, rights & files)
        _syscall(446, "landlock_restrict_self", ruleset, 0)
    finally:
        os.close(ruleset)


def _allow_beneath(ruleset: int, path: str, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not os.path.isdir(path):
            rights &= _ON_FILES
        rule = struct.pack("<Qi", rights, descriptor)
        _syscall(445, f"landlock_add_rule {path}", ruleset, 1, rule, 0)
    finally:
        os.close(descriptor)


# ---------------------------------------------------------------------- seccomp

# What numeric Python needs. An omission looks like a library's bug ("cannot import name ..."):
# the tests keep a list of honest workloads.
_ALLOWED = """
    read=0 write=1 open=2 close=3 stat=4 fstat=5 lstat=6 poll=7 lseek=8 mmap=9 mprotect=10
    munmap=11 brk=12 rt_sigaction=13 rt_sigprocmask=14 rt_sigreturn=15 pread64=17 pwrite64=18
    readv=19 writev=20 access=21 pipe=22 select=23 sched_yield=24 mremap=25 msync=26 mincore=27
    madvise=28 dup=32 dup2=33 pause=34 nanosleep=35 getitimer=36 alarm=37 setitimer=38 getpid=39
    sendfile=40 recvfrom=45 shutdown=48 getsockname=51 getpeername=52 setsockopt=54 getsockopt=55
    exit=60 uname=63 fsync=74 fdatasync=75 ftruncate=77 getdents=78 getcwd=79 chdir=80 rename=82
    mkdir=83 rmdir=84 unlink=87 readlink=89 umask=95 gettimeofday=96 getrlimit=97 getrusage=98
    sysinfo=99 times=100 getuid=102 getgid=104 geteuid=107 getegid=108 getppid=110 getpgrp=111
    getgroups=115 getresuid=118 getresgid=120 getpgid=121 getsid=124 rt_sigpending=127
    rt_sigtimedwait=128 rt_sigsuspend=130 sigaltstack=131 statfs=137 fstatfs=138 getpriority=140
    sched_getparam=143 sched_getscheduler=145 sched_get_priority_max=146
    sched_get_priority_min=147 arch_prctl=158 gettid=186 readahead=187 time=201 futex=202
    sched_getaffinity=204 epoll_create=213 getdents64=217 set_tid_address=218 restart_syscall=219
    fadvise64=221 clock_gettime=228 clock_getres=229 clock_nanosleep=230 exit_group=231
    epoll_wait=232 epoll_ctl=233 get_mempolicy=239 openat=257 mkdirat=258 newfstatat=262
    unlinkat=263 renameat=264 readlinkat=267 faccessat=269 pselect6=270 ppoll=271
    set_robust_list=273 get_robust_list=274 epoll_pwait=281 timerfd_create=283 eventfd=284
    fallocate=285 timerfd_settime=286 timerfd_gettime=287 eventfd2=290 epoll_create1=291 dup3=292
    pipe2=293 preadv=295 pwritev=296 getcpu=309 renameat2=316 getrandom=318 membarrier=324
    copy_file_range=326 pkey_mprotect=329 pkey_alloc=330 pkey_free=331 statx=332 rseq=334
    close_range=436 faccessat2=439 epoll_pwait2=441 cachestat=451 map_shadow_stack=453
    futex_wake=454 futex_wait=455 futex_requeue=456 mseal=462
"""
_SENDTO, _SOCKETPAIR, _CLONE, _KILL, _FCNTL, _IOCTL = 44, 53, 56, 62, 72, 16
_PRCTL, _TGKILL, _PRLIMIT, _CLONE3 = 157, 234, 302, 435
_NEWEST_KNOWN = 470  # later calls answer "no such call", and libraries fall back

# a thread's name and what may be asked of oneself; everything that changes rights is refused
_PRCTL_OPTIONS = (3, 15, 16, 21, 23, 39, 0x53564D41)
# duplicate, descriptor flags, read status flags and pipe size, seals. No owner and no signal (they
# would reach the judge), no locks (a channel between two submissions), no larger pipes
_FCNTL_COMMANDS = (0, 1, 2, 3, 5, 1030, 1032, 1034)
_IOCTL_COMMANDS = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)

_ALLOW, _REFUSE, _KILL_PROCESS = 0x7FFF0000, 0x00050000, 0x80000000
_LOAD, _EQUAL, _ABOVE, _AT_LEAST, _HAS_BITS, _AND, _RETURN = 0x20, 0x15, 0x25, 0x35, 0x45, 0x54, 6
_X86_64, _X32 = 0xC000003E, 0x40000000


class _Filter:
    """A classic BPF program under construction; see `man 2 seccomp`."""

    def __init__(self) -> None:
        self.code: list[bytes] = []

    def emit(self, operation: int, value: int, if_true: int = 0, if_false: int = 0) -> None:
        self.code.append(struct.pack("<HBBI", operation, if_true, if_false, value))

    def refuse(self, error: int) -> None:
        self.emit(_RETURN, _REFUSE | error)

    def allow_if_equal(self, *values: int) -> None:
        for value in values:
            self.emit(_EQUAL, value, 0, 1)
            self.emit(_RETURN, _ALLOW)

    def load_argument(self, index: int, upper_half: bool = False) -> None:
        self.emit(_LOAD, 16 + 8 * index + 4 * upper_half)

    def for_call(self, number: int, body: Callable[[], None]) -> None:
        """`body`, which must end in a verdict, for one system call."""
        start = len(self.code)
        self.emit(_EQUAL, number)
        body()
        length = len(self.code) - start - 1
        self.code[start] = struct.pack("<HBBI", _EQUAL, 0, length, number)

    def allow_argument(self, number: int, index: int, values: Sequence[int], error: int) -> None:
        """Allow call `number` where its argument is one of `values`."""

        def body() -> None:
            self.load_argument(index)
            self.allow_if_equal(*values)
            self.refuse(error)

        self.for_call(number, body)


@functools.cache
def seccomp_program(pid: int) -> bytes:
    """The filter for the process that knows itself as `pid`."""
    program = _Filter()
    program.emit(_LOAD, 4)
    program.emit(_EQUAL, _X86_64, 1, 0)
    program.emit(_RETURN, _KILL_PROCESS)  # 32-bit calls (int 0x80) have other numbers
    program.emit(_LOAD, 0)
    program.emit(_AT_LEAST, _X32, 0, 1)
    program.emit(_RETURN, _KILL_PROCESS)
    program.allow_if_equal(*(int(call.partition("=")[2]) for call in _ALLOWED.split()))
    program.for_call(_CLONE, lambda: _threads_only(program))
    program.for_call(_CLONE3, lambda: program.refuse(errno.ENOSYS))  # glibc then uses clone
    program.for_call(_FCNTL, lambda: _harmless_fcntl(program))
    program.for_call(_SOCKETPAIR, lambda: _stream_pair(program))
    program.for_call(_SENDTO, lambda: _without_address(program))
    program.allow_argument(_KILL, 0, [pid], errno.EPERM)
    program.allow_argument(_TGKILL, 0, [pid], errno.EPERM)
    program.allow_argument(_PRLIMIT, 0, [0, pid], errno.EPERM)
    program.allow_argument(_PRCTL, 0, _PRCTL_OPTIONS, errno.EPERM)
    program.allow_argument(_IOCTL, 1, _IOCTL_COMMANDS, errno.ENOTTY)
    program.emit(_ABOVE, _NEWEST_KNOWN, 0, 1)
    program.refuse(errno.ENOSYS)
    program.refuse(errno.EPERM)
    return b"".join(program.code)


def _threads_only(program: _Filter) -> None:
    """clone: with CLONE_THREAD, and no new namespace."""
    program.load_argument(0)
    program.emit(_HAS_BITS, 0x7E020000, 2, 0)
    program.emit(_HAS_BITS, 0x10000, 0, 1)
    program.emit(_RETURN, _ALLOW)
    program.refuse(errno.EPERM)


def _harmless_fcntl(program: _Filter) -> None:
    program.load_argument(1)
    program.allow_if_equal(*_FCNTL_COMMANDS)
    program.emit(_EQUAL, 4, 0, 3)  # F_SETFL, but no signals on input (O_ASYNC)
    program.load_argument(2)
    program.emit(_HAS_BITS, 0o20000, 1, 0)
    program.emit(_RETURN, _ALLOW)
    program.refuse(errno.EPERM)


def _stream_pair(program: _Filter) -> None:
    """socketpair: AF_UNIX streams, as asyncio uses; a datagram pair could send to named sockets."""
    program.load_argument(0)
    program.emit(_EQUAL, 1, 0, 4)
    program.load_argument(1)
    program.emit(_AND, 0xF)
    program.emit(_EQUAL, 1, 0, 1)
    program.emit(_RETURN, _ALLOW)
    program.refuse(errno.EPERM)


def _without_address(program: _Filter) -> None:
    """sendto: as send, on what is connected already."""
    program.load_argument(4)
    program.emit(_EQUAL, 0, 0, 3)
    program.load_argument(4, upper_half=True)
    program.emit(_EQUAL, 0, 0, 1)
    program.emit(_RETURN, _ALLOW)
    program.refuse(errno.EPERM)


def seccomp(program: bytes) -> None:
    """Filter this process's system calls for good; `no_new_privileges` comes first."""
    buffer = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("<HxxxxxxQ", len(program) // 8, ctypes.addressof(buffer))
    _syscall(317, "seccomp", 1, 0, header)


# ---------------------------------------------------------------------- namespaces

NEW_MOUNTS, NEW_UTS, NEW_IPC = 0x20000, 0x4000000, 0x8000000
NEW_USER, NEW_PID, NEW_NET = 0x10000000, 0x20000000, 0x40000000

_RDONLY, _NOSUID, _NODEV, _NOEXEC, _BIND = 1, 2, 4, 8, 4096
_RECURSIVE, _PRIVATE, _DETACH = 16384, 1 << 18, 2

WORK = "/box/work"  # a process's scratch folder inside a private root


def unshare(flags: int) -> None:
    _checked(_libc().unshare(flags), f"unshare {flags:#x}")


def set_namespace(descriptor: int, kind: int) -> None:
    _checked(_libc().setns(descriptor, kind), "setns")


def mount(source: str | None, target: str, kind: str = "", flags: int = 0, data: str = "") -> None:
    texts = [None if text is None else os.fsencode(text) for text in (source, target, kind, data)]
    result = _libc().mount(*texts[:3], ctypes.c_ulong(flags), texts[3])
    _checked(result, f"mount {source} on {target}")


def new_user_namespace() -> None:
    """A user namespace in which this user keeps its number and holds every capability."""
    uid, gid = os.getuid(), os.getgid()
    unshare(NEW_USER)
    for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1")):
        _write(f"/proc/self/{name}", text)
    _write("/proc/self/gid_map", f"{gid} {gid} 1")


def _write(path: str, text: str) -> None:
    with open(path, "w") as file:
        file.write(text)


def private_root(place: str, shown: Sequence[str], masked: Sequence[str]) -> None:
    """Move this process (with its own pid and mount namespaces) into a root of its own.

    Parameters
    ----------
    place : an empty folder to build the root on.
    shown : files and folders that appear in it, read-only, at their own paths.
    masked : folders beneath `shown` that appear empty, but for what `shown` names beneath them.
    """
    unshare(NEW_MOUNTS)
    mount(None, "/", flags=_RECURSIVE | _PRIVATE)
    mount("tmpfs", place, "tmpfs", _NOSUID | _NODEV, "size=4m,mode=755")
    for path in sorted({*shown, *masked}):  # parents come before what lies in them
        if path in masked:
            if os.path.isdir(place + path):
                mount("tmpfs", place + path, "tmpfs", _NOSUID | _NODEV, "size=1m,mode=755")
        elif os.path.exists(path):
            _show(place, path)
    for folder in (WORK, "/proc", "/dev", "/old"):
        os.makedirs(place + folder, exist_ok=True)
    devices = ("null", "zero", "urandom", "random")
    for device in devices:
        _write(f"{place}/dev/{device}", "")
    _protect(place)
    for device in devices:
        mount(f"/dev/{device}", f"{place}/dev/{device}", flags=_BIND)
    # a user namespace may mount its children's proc only where it sees one of its own
    mount("proc", place + "/proc", "proc", _NOSUID | _NODEV | _NOEXEC)
    mount("tmpfs", place + WORK, "tmpfs", _NOSUID | _NODEV | _NOEXEC, "size=16m,mode=700")
    os.chdir(place)
    _syscall(155, "pivot_root", b".", b"old")
    os.chdir("/")
    _checked(_libc().umount2(b"/old", _DETACH), "umount")


def _show(root: str, path: str) -> None:
    """Bind `path` into `root`; symbolic links on the way to it stay links."""
    parts = path.strip("/").split("/")
    for depth in range(1, len(parts) + 1):
        prefix = "/" + "/".join(parts[:depth])
        if not os.path.islink(prefix):
            continue
        target = os.readlink(prefix)
        if not os.path.lexists(root + prefix):
            os.makedirs(os.path.dirname(root + prefix), exist_ok=True)
            os.symlink(target, root + prefix)
        resolved = os.path.join(os.path.dirname(prefix), target, *parts[depth:])
        _show(root, os.path.normpath(resolved))
        return
    spot = root + path
    if os.path.isdir(path):
        os.makedirs(spot, exist_ok=True)
    elif not os.path.exists(spot):
        os.makedirs(os.path.dirname(spot), exist_ok=True)
        _write(spot, "")
    mount(path, spot, flags=_BIND | _RECURSIVE)


def _protect(root: str) -> None:
    """Make every mount under `root` read-only, without devices and set-user-id programs."""
    attributes = struct.pack("<QQQQ", _RDONLY | _NOSUID | _NODEV, 0, 0, 0)
    path = os.fsencode(root)
    _syscall(442, "mount_setattr", -100, path, 0x8000, attributes, len(attributes))


def private_work(size: int, owner: int) -> None:
    """In a private root, pid and mount namespace: an empty scratch folder and a proc of one's own.

    `size` is in bytes; the folder belongs to user `owner`, and goes with the namespace.
    """
    unshare(NEW_MOUNTS)
    flags = _NOSUID | _NODEV | _NOEXEC
    options = f"size={size},nr_inodes=2000,mode=700,uid={owner},gid={owner}"
    mount("tmpfs", WORK, "tmpfs", flags, options)
    mount("proc", "/proc", "proc", flags, "subset=pid")


# ---------------------------------------------------------------------- identity

_READ_ANY_FILE = 1 << 2  # CAP_DAC_READ_SEARCH


def drop_capabilities() -> None:
    """Give up every capability for good."""
    _set_capabilities(0)


def become(uid: int) -> None:
    """From root to a user of no account, for good.

    It keeps the right to read what other users keep for themselves: the interpreter may lie in
    root's own folder. Which files it sees at all is for the private root and Landlock to say.
    """
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    _prctl(8, 1)  # keep capabilities over the change of user, to choose among them
    os.setresuid(uid, uid, uid)
    _prctl(8, 0)
    try:
        _set_capabilities(_READ_ANY_FILE)
    except OSError:  # root in a container may not have it
        _set_capabilities(0)


def bound_capabilities() -> None:
    """No capability can be gained any more; those held now stay, until they are dropped."""
    for capability in range(64):
        try:
            _prctl(24, capability)
        except OSError:  # the kernel has no more
            return


def _set_capabilities(bits: int) -> None:
    header = struct.pack("<Ii", 0x20080522, 0)
    _syscall(126, "capset", header, struct.pack("<6I", bits, bits, 0, 0, 0, 0))

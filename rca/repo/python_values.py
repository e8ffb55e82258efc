"""Python expressions -> values: what a reason or a code is, as far as the file tells without running.

In: an expression and where it stands. Out: a `Value`. Decides which local names stand for what they were set to: those
that the function only ever sets to something that can be read.
"""

import ast
import re
import string
from collections import defaultdict
from typing import Final

from rca.repo.python_tree import Def, Tree, dotted, own
from rca.repo.values import (
    COMPUTED,
    EXCEPTION_TEXT,
    EXCEPTION_TYPE,
    Computed,
    Either,
    Join,
    Name,
    Number,
    Parameter,
    Shortened,
    Text,
    Value,
)

_DEEPEST = 20
_MOST_TERMS = 64
_MOST_SETTINGS = 8
_SAME = frozenset(
    {"str", "bytes", "bytearray", "int", "encode", "decode", "strip", "rstrip", "lstrip", "dedent"}
)
"""Calls that give the text they are given, or are asked of."""

_PERCENT = re.compile(r"%(?:\(\w*\))?[-+ #0-9.*]*[a-zA-Z%]")


class Values:
    """What the expressions of one file stand for."""

    def __init__(self, tree: Tree) -> None:
        """The file is read as far as it is asked about."""
        self._tree: Final = tree
        self._set: dict[Def, dict[str, list[ast.expr | None]]] = {}
        self._known: dict[tuple[Def, str], Value] = {}

    def of(self, node: ast.expr, depth: int = 0) -> Value:
        """What an expression stands for."""
        return Computed() if depth > _DEEPEST else self._of(node, depth + 1)

    def _of(self, node: ast.expr, deeper: int) -> Value:  # noqa: C901, PLR0911 - a case a kind of expression, one line each
        match node:
            case ast.Constant(value=value):
                return _literal(value)
            case ast.JoinedStr(values=pieces):
                return Join(tuple(self.of(piece, deeper) for piece in pieces[:_MOST_TERMS]))
            case ast.FormattedValue(value=inner):
                return self.of(inner, deeper)
            case ast.BinOp(op=ast.Add()):
                return Join(tuple(self.of(term, deeper) for term in _terms(node)))
            case ast.BinOp(op=ast.Mod(), left=ast.Constant(value=str(form)), right=given):
                return self._percent(form, given)
            case ast.IfExp(body=yes, orelse=no):
                return Either((self.of(yes, deeper), self.of(no, deeper)))
            case ast.BoolOp(op=ast.Or(), values=options):
                return Either(tuple(self.of(option, deeper) for option in options[:_MOST_SETTINGS]))
            case ast.Subscript(value=inner, slice=ast.Slice(lower=None, upper=upper, step=None)) if upper:
                return Shortened(self.of(inner, deeper), _length(upper))
            case ast.NamedExpr(value=inner) | ast.Await(value=inner):
                return self.of(inner, deeper)
            case ast.Call():
                return self._called(node, deeper)
            case ast.Name() | ast.Attribute() | ast.Subscript():
                return self._named(node, deeper)
        return Computed()

    def exceptions(self, node: ast.AST) -> frozenset[str]:
        """What the handlers around a node call the exception they caught."""
        return frozenset(one.name for one in self._tree.handlers_of(node) if one.name)

    def _percent(self, form: str, given: ast.expr) -> Value:
        parts: list[Value] = []
        at = 0
        of = self._source_of(given)
        for found in _PERCENT.finditer(form):
            parts.append(Text(form[at : found.start()]))
            parts.append(Text("%") if found.group().endswith("%") else Computed(of))
            at = found.end()
        return Join((*parts, Text(form[at:])))

    def _format(self, form: str, call: ast.Call) -> Value:
        parts: list[Value] = []
        of = next((of for arg in _given(call) if (of := self._source_of(arg)) != COMPUTED), COMPUTED)
        try:
            for text, field, _, _ in string.Formatter().parse(form):
                parts.append(Text(text))
                if field is not None:
                    parts.append(Computed(of))
        except ValueError:  # a brace that closes nothing: it fails when it runs, too
            return Computed()
        return Join(tuple(parts))

    def _called(self, call: ast.Call, depth: int) -> Value:
        name = dotted(call.func).rpartition(".")[2] or getattr(call.func, "attr", "")
        if name == "format" and isinstance(call.func, ast.Attribute):
            form = call.func.value
            if isinstance(form, ast.Constant) and isinstance(form.value, str):
                return self._format(form.value, call)
            return Computed()
        asked = call.func.value if isinstance(call.func, ast.Attribute) else None
        if name in _SAME:
            inner = call.args[0] if call.args and (asked is None or name == "dedent") else asked
            return self.of(inner, depth) if inner is not None else Text("")
        if name == "repr" and call.args:
            return Computed(self._source_of(call.args[0]))
        given = _given(call)
        if given:
            # `clip(f"torn: {exc}", 120)`, `textwrap.shorten(…)`: what is passed through comes out, or its beginning.
            passed = self.of(given[0], depth)
            if isinstance(passed, Text | Join | Shortened):
                return Shortened(passed, 0)
        of = next((of for arg in given if (of := self._source_of(arg)) != COMPUTED), COMPUTED)
        return Computed(of)

    def _source_of(self, node: ast.expr) -> str:
        """Whether an expression comes from the exception that was caught, and which part of it."""
        names = self.exceptions(node)
        inside = [one for one in ast.walk(node) if isinstance(one, ast.Name) and one.id in names]
        typed = any(isinstance(one, ast.Call) and dotted(one.func) == "type" for one in ast.walk(node))
        if inside and (typed or (isinstance(node, ast.Attribute) and node.attr in ("__name__", "__class__"))):
            return EXCEPTION_TYPE
        return EXCEPTION_TEXT if inside else COMPUTED

    def _named(self, node: ast.expr, depth: int) -> Value:
        name = dotted(node)
        root = name.split(".")[0]
        function = self._tree.function_of(node)
        if (of := self._source_of(node)) != COMPUTED:
            return Computed(of)
        if isinstance(node, ast.Subscript) or not name or "(" in name:
            return Computed()
        while function is not None:
            settings = self._settings(function).get(root)
            if settings:
                return self._set_to(function, root, depth) if name == root else Computed()
            if any(arg.arg == root for arg in _parameters(function)):
                is_self = root in ("self", "cls") and name != root
                return Name(name) if is_self else Parameter(root) if name == root else Computed()
            function = self._tree.function_of(function)
        return Name(name)

    def _set_to(self, function: Def, name: str, depth: int) -> Value:
        key = (function, name)
        if key not in self._known:
            self._known[key] = Computed()  # what is set to something made of itself
            settings = self._settings(function)[name]
            options = [
                Computed() if one is None else self.of(one, depth) for one in settings[:_MOST_SETTINGS]
            ]
            if len(settings) > _MOST_SETTINGS:
                options.append(Computed())
            self._known[key] = options[0] if len(options) == 1 else Either(tuple(options))
        return self._known[key]

    def _settings(self, function: Def) -> dict[str, list[ast.expr | None]]:
        """The local names of a function, and what each is set to; None for a loop, an unpacking, a `with`."""
        if function in self._set:
            return self._set[function]
        found: dict[str, list[ast.expr | None]] = defaultdict(list)
        outside: set[str] = set()
        for node, _ in own(function.body):
            match node:
                case ast.Assign(targets=targets, value=value):
                    for target in targets:
                        if isinstance(target, ast.Name):
                            found[target.id].append(value)
                case (
                    ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
                    | ast.NamedExpr(target=ast.Name(id=name), value=value)
                ):
                    found[name].append(value)
                case ast.Name(id=name, ctx=ast.Store()):
                    parent = self._tree.parents.get(node)
                    if not isinstance(parent, ast.Assign | ast.AnnAssign | ast.NamedExpr):
                        found[name].append(None)
                case ast.Global(names=names) | ast.Nonlocal(names=names):
                    outside.update(names)
        self._set[function] = {
            name: sorted(values, key=lambda one: one.lineno if one else 0)
            for name, values in found.items()
            if name not in outside
        }
        return self._set[function]


def constants_of(tree: Tree, values: Values) -> dict[str, Value]:
    """What the module and its classes set by name, for good: `TORN`, `Codes.INTERNAL`."""
    found: dict[str, list[Value]] = defaultdict(list)
    waiting: list[tuple[ast.stmt, str]] = [(one, "") for one in tree.module.body]
    while waiting:
        node, owner = waiting.pop()
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ):
                found[owner + name].append(values.of(value))
            case ast.ClassDef(name=name, body=body) if not owner:
                waiting += [(one, f"{name}.") for one in body]
            case ast.If(body=body, orelse=more):
                waiting += [(one, owner) for one in (*body, *more)]
            case ast.Try(body=body):
                waiting += [(one, owner) for one in body]
    return {name: one[0] if len(one) == 1 else Either(tuple(one)) for name, one in found.items()}


def imports_of(tree: Tree) -> dict[str, str]:
    """What the file imports, by the name it gives it: `INTERNAL` -> `app.codes.INTERNAL`; dots lead relative ones."""
    found: dict[str, str] = {}
    for node in tree.all(ast.ImportFrom):
        origin = "." * node.level + (node.module or "")
        joint = "." if node.module else ""
        found |= {
            one.asname or one.name: f"{origin}{joint}{one.name}" for one in node.names if one.name != "*"
        }
    for plain in tree.all(ast.Import):
        found |= {one.asname: one.name for one in plain.names if one.asname}
        found |= {one.name.split(".")[0]: one.name.split(".")[0] for one in plain.names if not one.asname}
    return found


def _literal(value: object) -> Value:
    match value:
        case str():
            return Text(value)
        case bytes():
            return Text(value.decode("utf-8", "replace"))
        case None:
            return Text("")
        case int() if not isinstance(value, bool):
            return Number(value)
    return Computed()


def _parameters(function: Def) -> list[ast.arg]:
    given = function.args
    more = [one for one in (given.vararg, given.kwarg) if one]
    return [*given.posonlyargs, *given.args, *given.kwonlyargs, *more]


def _given(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(keyword.value for keyword in call.keywords)]


def _terms(node: ast.expr) -> list[ast.expr]:
    """The terms of a sum, left to right; what stands before the last few is one term that cannot be read."""
    terms: list[ast.expr] = []
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and len(terms) < _MOST_TERMS:
        terms.append(node.right)
        node = node.left
    return [node, *reversed(terms)]


def _length(upper: ast.expr) -> int:
    return (
        upper.value
        if isinstance(upper, ast.Constant) and isinstance(upper.value, int) and upper.value > 0
        else 0
    )

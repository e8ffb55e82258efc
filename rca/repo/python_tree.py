"""A Python file -> its syntax tree, with the way up.

In: a source. Out: the tree, what stands around a node, what a name is written as. Decides nothing; a file that does not
parse, or is nested deeper than the parser goes, is refused in words.
"""

import ast
import sys
import warnings
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar, cast

from rca.repo.source import Source, UnreadableError

Def = ast.FunctionDef | ast.AsyncFunctionDef
Try = ast.Try | ast.TryStar
Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef

_NODES = (
    *(ast.expr, ast.stmt, ast.excepthandler, ast.match_case, ast.pattern),
    *(ast.keyword, ast.arguments, ast.arg, ast.comprehension, ast.withitem),
)
Node = TypeVar("Node", bound=ast.AST)

_VERSION = f"Python {sys.version_info.major}.{sys.version_info.minor}"
_LARGEST = 300_000
"""Letters; larger files are generated, and a tree takes a hundred times the room of its text."""

_DEEPEST = 400
"""Steps up or into an expression; what is nested deeper was not written by a person."""

_LONGEST_NAME = 64
"""Links of a name, `.close` or `()`. Each part of one is asked for its own, so that longer ones cost their square."""


@dataclass(frozen=True, slots=True)
class _Walked:
    """What one walk down a tree tells of its nodes, for all who ask."""

    parents: dict[ast.AST, ast.AST]
    kinds: dict[type[ast.AST], list[ast.AST]]
    """The nodes of each type, outermost first."""

    functions: dict[ast.AST, Def | None]
    """The function that each node lies in."""

    handlers: dict[ast.AST, ast.ExceptHandler | None]
    """The innermost handler of that function that each node lies in."""


@dataclass(frozen=True)
class Tree:
    """The syntax of one file."""

    source: Source
    module: ast.Module

    @cached_property
    def _walked(self) -> _Walked:
        found = _Walked({}, defaultdict(list), {self.module: None}, {self.module: None})
        waiting: list[ast.AST] = [self.module]
        for node in waiting:  # it grows as it is walked
            found.kinds[type(node)].append(node)
            function = node if isinstance(node, Def) else found.functions[node]
            handler = node if isinstance(node, ast.ExceptHandler) else found.handlers[node]
            below = children(node)
            waiting += below
            for child in below:
                found.parents[child] = node
                found.functions[child] = function
                found.handlers[child] = None if node is function else handler
        return found

    @property
    def parents(self) -> dict[ast.AST, ast.AST]:
        """Each node's parent."""
        return self._walked.parents

    def all(self, kind: type[Node]) -> Sequence[Node]:
        """The nodes of a type, outermost first."""
        return cast("list[Node]", self._walked.kinds.get(kind, []))

    @cached_property
    def tries(self) -> Mapping[Def | None, list[Try]]:
        """The `try` statements that have handlers, by the function they stand in, as they are written."""
        found: dict[Def | None, list[Try]] = defaultdict(list)
        both: tuple[Try, ...] = (*self.all(ast.Try), *self.all(ast.TryStar))
        for node in both:
            if node.handlers:
                found[self.function_of(node)].append(node)
        for tries in found.values():
            tries.sort(key=lambda one: one.lineno)
        return found

    def sets(self, statements: list[ast.stmt]) -> frozenset[str]:
        """The names and attributes that statements set."""
        key = tuple(statements)
        if key not in self._sets:
            stored = (node for node, _ in own(statements) if isinstance(node, ast.Name | ast.Attribute))
            self._sets[key] = frozenset(dotted(node) for node in stored if isinstance(node.ctx, ast.Store))
        return self._sets[key]

    @cached_property
    def _sets(self) -> dict[tuple[ast.stmt, ...], frozenset[str]]:
        return {}

    def above(self, node: ast.AST) -> Iterator[ast.AST]:
        """What a node lies in, innermost first."""
        for _ in range(_DEEPEST):
            parent = self.parents.get(node)
            if parent is None:
                return
            yield parent
            node = parent

    def function_of(self, node: ast.AST) -> Def | None:
        """The function that a node lies in; a lambda has no name, and counts as part of the function around it."""
        return self._walked.functions.get(node)

    def handlers_of(self, node: ast.AST) -> Iterator[ast.ExceptHandler]:
        """The handlers that a node lies in within its function, innermost first."""
        handlers = self._walked.handlers
        handler = handlers.get(node)
        while handler is not None:
            yield handler
            handler = handlers[handler]

    def class_of(self, node: ast.AST) -> ast.ClassDef | None:
        """The class whose body a node lies in, at whatever depth."""
        return next((one for one in self.above(node) if isinstance(one, ast.ClassDef)), None)

    def text(self, node: ast.expr | ast.stmt) -> str:
        """A node as written, on one line, cut."""
        end = (node.end_lineno or node.lineno, node.end_col_offset or 0)
        return self.source.piece((node.lineno, node.col_offset), end)


def parse(source: Source) -> Tree:
    """The tree of a source.

    Raises `UnreadableError`, in words to be counted by: the line and the parser's own words are not among them.
    """
    if len(source.text) > _LARGEST:
        raise UnreadableError("too large to be parsed")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # SyntaxWarnings are for whoever wrote the file
            return Tree(source, ast.parse(source.text))
    except (SyntaxError, ValueError) as error:  # ValueError: a null byte, before Python 3.12
        raise UnreadableError(f"does not parse as {_VERSION}") from error
    except (RecursionError, MemoryError) as error:
        raise UnreadableError("is nested too deeply to be parsed") from error


def children(node: ast.AST) -> list[ast.AST]:
    """The nodes right below one, operators and other marks left away."""
    found: list[ast.AST] = []
    for name in node._fields:
        value = getattr(node, name, None)
        if isinstance(value, list):
            found += [one for one in value if isinstance(one, _NODES)]
        elif isinstance(value, _NODES):
            found.append(value)
    return found


def own(statements: list[ast.stmt]) -> Iterator[tuple[ast.AST, bool]]:
    """The nodes of a few statements in the order they are written, and whether a condition of theirs stands above.

    Functions and classes defined among them are left away: defining does not run.
    """
    waiting: list[tuple[ast.AST, bool]] = [(one, False) for one in reversed(statements)]
    while waiting:
        node, conditional = waiting.pop()
        if isinstance(node, Scope):
            continue
        yield node, conditional
        inner = conditional or isinstance(node, ast.If | ast.IfExp | ast.BoolOp | ast.While | ast.Match)
        waiting += [(child, inner) for child in reversed(children(node))]


def dotted(node: ast.AST) -> str:
    """A name as written, `self.ws.close`; a call within is written `()`: `logging.getLogger().error`.

    Empty for what is no name, or has more links than a person writes.
    """
    parts: list[str] = []
    for _ in range(_LONGEST_NAME):
        match node:
            case ast.Attribute(value=inner, attr=attr):
                parts.append(f".{attr}")
                node = inner
            case ast.Call(func=inner):
                parts.append("()")
                node = inner
            case ast.Name(id=name):
                return name + "".join(reversed(parts))
            case ast.Await(value=inner):
                node = inner
            case _:
                return ""
    return ""

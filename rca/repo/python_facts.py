"""A Python file -> its facts: the calls that may close a WebSocket, its functions, its names.

In: a source, and what is looked for. Out: `Facts`. Decides which calls are looked at: those that are named like a
close, are given a code and a text by name, or stand in `{"type": "websocket.close"}`; strings that are the reason asked
for; and, when asked, the calls of certain functions.
"""

import ast
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Final

from rca.repo.facts import Argument, Call, Facts, Function, Given, Saying, Wanted
from rca.repo.findings import Handler, Kind, Match, Reached, Says, Swallowed
from rca.repo.python_handlers import Caught, catches, caught
from rca.repo.python_logging import Listener
from rca.repo.python_mending import Mender
from rca.repo.python_tree import Def, Tree, dotted, parse
from rca.repo.python_values import Values, constants_of, imports_of
from rca.repo.reasons import agreement, hints
from rca.repo.source import Source, one_line
from rca.repo.values import Meaning
from rca.repo.words import is_a, may_close

_MOST_CALLS = 100
_NEAR = 3
"""Statements before and after a close that are listened to, where no handler is."""

_MOST_SWALLOWED = 20
_SIMPLE = (ast.Expr, ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Return, ast.Raise)
_ASGI_CLOSE = "websocket.close"


def facts_of(source: Source, wanted: Wanted) -> Facts:
    """What a file says. Raises `UnreadableError` where it does not parse."""
    return _Reader(parse(source), wanted).facts()


def functions_of(source: Source) -> tuple[Function, ...]:
    """The functions of a file. Raises `UnreadableError` where it does not parse."""
    return _Reader(parse(source), Wanted(0, ())).functions


class _Reader:
    def __init__(self, tree: Tree, wanted: Wanted) -> None:
        self._tree: Final = tree
        self._wanted: Final = wanted
        self._values: Final = Values(tree)
        self._listener: Final = Listener(tree)
        self._mender: Final = Mender(tree, self._listener)

    def facts(self) -> Facts:
        """What the file tells, its calls from the top; of more than are kept, how many were left out."""
        found = sorted(self._found(), key=lambda one: (one[0].lineno, one[0].col_offset))
        calls = tuple(self._call(*one) for one in found[:_MOST_CALLS])
        return Facts(
            path=self._tree.source.path,
            constants=constants_of(self._tree, self._values),
            imports=imports_of(self._tree),
            functions=self.functions,
            calls=calls,
            swallowed=self._swallowed() if calls else (),
            left_out=len(found) - len(calls),
        )

    @cached_property
    def functions(self) -> tuple[Function, ...]:
        """The file's functions and methods; those with `async` come last."""
        return tuple(self._by_node.values())

    @cached_property
    def _by_node(self) -> dict[Def, Function]:
        nodes: tuple[Def, ...] = (*self._tree.all(ast.FunctionDef), *self._tree.all(ast.AsyncFunctionDef))
        return {node: self._function(node) for node in nodes}

    def _function(self, node: Def) -> Function:
        owner = self._tree.parents.get(node)
        given = node.args
        names = [*given.posonlyargs, *given.args]
        defaults = [None] * (len(names) - len(given.defaults)) + list(given.defaults)
        pairs = [*zip(names, defaults, strict=True), *zip(given.kwonlyargs, given.kw_defaults, strict=True)]
        if isinstance(owner, ast.ClassDef) and pairs and pairs[0][0].arg in ("self", "cls"):
            pairs = pairs[1:]
        takes = tuple(Given(arg.arg, self._values.of(value) if value else None) for arg, value in pairs)
        exceptions = {one.name for one in takes if is_a("exceptions", one.name)}
        return Function(
            name=node.name,
            owner=owner.name if isinstance(owner, ast.ClassDef) else None,
            first=node.lineno,
            last=node.end_lineno or node.lineno,
            takes=takes,
            saying=self._listener.saying(node.body, exceptions, least=True),
        )

    def _found(self) -> Iterator[tuple[ast.expr, Kind | None, str, tuple[Argument, ...]]]:
        """The calls and texts to look at: the node, its kind, its dotted name, what it is given."""
        texts = (ast.Constant, ast.JoinedStr, ast.BinOp) if any(self._wanted.reasons) else ()
        for node in (node for kind in (ast.Call, ast.Dict, *texts) for node in self._tree.all(kind)):
            match node:
                case ast.Call():
                    name = dotted(node.func) or getattr(node.func, "attr", "")
                    last = name.rpartition(".")[2]
                    given: list[tuple[int | str, ast.expr]] = [
                        *enumerate(node.args),
                        *((one.arg, one.value) for one in node.keywords if one.arg),
                    ]
                    closes = may_close(last, [at for at, _ in given])
                    if closes or last in self._wanted.functions:
                        yield node, Kind.CLOSE if closes else None, name, self._arguments(given)
                case ast.Dict(keys=keys, values=values):
                    items = [
                        (key.value, value)
                        for key, value in zip(keys, values, strict=True)
                        if isinstance(key, ast.Constant) and isinstance(key.value, str)
                    ]
                    is_close = any(
                        key == "type" and isinstance(value, ast.Constant) and value.value == _ASGI_CLOSE
                        for key, value in items
                    )
                    if is_close or may_close("", [key for key, _ in items]):
                        yield node, Kind.CLOSE, _ASGI_CLOSE if is_close else "", self._arguments(items)
                case ast.Constant() | ast.JoinedStr() | ast.BinOp() if self._is_reason(node):
                    yield node, Kind.TEXT, "", self._arguments([("reason", node)])

    def _arguments(self, given: Sequence[tuple[int | str, ast.expr]]) -> tuple[Argument, ...]:
        shown = [(at, value) for at, value in given if isinstance(at, str) or at < 8]  # noqa: PLR2004 - no close takes more
        return tuple(
            Argument(at, self._values.of(value))
            for at, value in shown[:16]
            if not isinstance(value, ast.Starred)
        )

    def _is_reason(self, node: ast.expr) -> bool:
        """Whether a string is a reason asked for, and neither logged, nor compared, nor a docstring."""
        # Asked first: of a long sum only the whole is looked through, not each of its parts.
        parent = self._tree.parents.get(node)
        if isinstance(parent, ast.JoinedStr | ast.BinOp | ast.Compare | ast.Expr | ast.FormattedValue):
            return False
        if isinstance(node, ast.BinOp) and not isinstance(node.op, ast.Add | ast.Mod):
            return False
        reasons = [reason for reason in self._wanted.reasons if reason]
        pieces = (node,) if isinstance(node, ast.Constant) else ast.walk(node)
        if not any(hints(text, reasons) for piece in pieces if (text := _fixed(piece))):
            return False
        match, _, _ = agreement(Meaning(lambda _: None).patterns(self._values.of(node)), reasons)
        if match not in (Match.EXACT, Match.PARTS):
            return False
        calls = (one for one in self._tree.above(node) if isinstance(one, ast.Call))
        return all(self._listener.says_of(call, ()) is None for call in calls)

    def _call(self, node: ast.expr, kind: Kind | None, name: str, arguments: tuple[Argument, ...]) -> Call:
        receiver, _, last = name.rpartition(".") if name != _ASGI_CLOSE else ("", "", name)
        how = caught(self._tree, node)
        saying = self._saying(node, how)
        words = f"closing with {self._wanted.code}" if kind is not Kind.TEXT else "failed"
        if how.handler is not None:
            change = self._mender.handler(how.handler, saying, node, words)
        else:
            given = self._given_exceptions(node)
            change = self._mender.statement(node, saying, words, given) if kind is not Kind.TEXT else None
        function = self._tree.function_of(node)
        return Call(
            kind=kind,
            path=self._tree.source.path,
            line=node.lineno,
            name=last,
            receiver=receiver,
            arguments=arguments,
            text=self._tree.text(node),
            function=self._by_node[function] if function else None,
            handler=self._handler(how),
            condition=one_line(self._tree.text(how.condition)) if how.condition is not None else None,
            saying=saying,
            change=change,
            snippet=self._tree.source.snippet(*self._span(node, how)),
        )

    def _saying(self, node: ast.expr, how: Caught) -> Saying:
        """What is told by the handler, else right around the call."""
        if how.handler is not None:
            names = {how.handler.name} if how.handler.name else set()
            told = self._listener.saying(how.handler.body, names, site=node)
            if how.reached is Reached.INSIDE or told.says is not Says.NOTHING:
                return told
        near = self._near(node)
        return (
            self._listener.saying(near, self._given_exceptions(node), site=node, least=True)
            if near
            else Saying()
        )

    def _near(self, node: ast.expr) -> list[ast.stmt]:
        """The statements on the way to a call: those right before it in each block around, and right after it."""
        found: list[ast.stmt] = []
        below: ast.AST = node
        for above in self._tree.above(node):
            for field in ("body", "orelse", "finalbody"):
                block = getattr(above, field, None)
                if isinstance(block, list) and below in block:
                    at = block.index(below)
                    before = [one for one in block[max(0, at - _NEAR) : at] if isinstance(one, _SIMPLE)]
                    after = [] if found else block[at : at + _NEAR + 1]
                    found = [*before, *found, *(one for one in after if isinstance(one, _SIMPLE))]
            if isinstance(above, Def):
                break
            below = above
        return found

    def _given_exceptions(self, node: ast.expr) -> set[str]:
        """The parameters of the function around that hold an exception, by their names."""
        function = self._tree.function_of(node)
        takes = self._by_node[function].takes if function else ()
        return {one.name for one in takes if is_a("exceptions", one.name)}

    def _handler(self, how: Caught) -> Handler | None:
        if how.handler is None or how.reached is None:
            return None
        return Handler(how.handler.lineno, catches(how.handler), how.handler.name, how.reached)

    def _span(self, node: ast.expr, how: Caught) -> tuple[int, int]:
        """From the handler's line to the call's, where both fit into a few lines; else the call's."""
        first = how.handler.lineno if how.handler else node.lineno
        return (first, node.lineno) if 0 <= node.lineno - first <= 4 else (node.lineno, node.lineno)  # noqa: PLR2004 - lines

    def _swallowed(self) -> tuple[Swallowed, ...]:
        """The handlers that say nothing, those that catch everything first."""
        found: list[tuple[bool, ast.ExceptHandler, Saying]] = []
        for node in self._tree.all(ast.ExceptHandler):
            kinds = catches(node)
            if kinds and all(is_a("endings", kind) for kind in kinds):
                continue
            saying = self._listener.saying(node.body, {node.name} if node.name else set())
            if saying.says in (Says.NOTHING, Says.QUIETLY):
                broad = not kinds or any(kind in ("Exception", "BaseException") for kind in kinds)
                found.append((not broad, node, saying))
        found.sort(key=lambda one: (one[0], one[1].lineno))
        return tuple(self._as_swallowed(node, saying) for _, node, saying in found[:_MOST_SWALLOWED])

    def _as_swallowed(self, node: ast.ExceptHandler, saying: Saying) -> Swallowed:
        function = self._tree.function_of(node)
        known = self._by_node[function] if function else None
        return Swallowed(
            path=self._tree.source.path,
            line=node.lineno,
            function=known.qualified if known else None,
            catches=catches(node),
            does=self._tree.text(node.body[0]),
            says=saying.says,
            change=self._mender.handler(
                node, saying, None, f"swallowed in {known.name if known else 'the module'}"
            ),
            snippet=self._tree.source.snippet(node.lineno, node.body[0].lineno),
        )


def _fixed(node: ast.AST) -> str:
    """The text of a literal; empty for what is none."""
    value = node.value if isinstance(node, ast.Constant) else None
    return (
        value.decode("utf-8", "replace")
        if isinstance(value, bytes)
        else value
        if isinstance(value, str)
        else ""
    )

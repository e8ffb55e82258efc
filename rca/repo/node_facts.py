"""A JavaScript or TypeScript file -> its facts: the calls that may close a WebSocket, its functions, its names.

In: a source, and what is looked for. Out: `Facts`, as a Python file's. Decides what counts as a handler: a `catch`
block, the function given to a promise's `catch` or to the event `error`, and `if (err)` in a callback.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from rca.repo.facts import Argument, Call, Facts, Function, Given, Saying, Wanted
from rca.repo.findings import Change, Handler, Kind, Match, Reached, Says, Swallowed
from rca.repo.node_logging import Listener
from rca.repo.node_mending import Mender
from rca.repo.node_tokens import Is, tokens_of
from rca.repo.node_tree import Holds, Tree
from rca.repo.node_values import Values, imports_of, unescaped
from rca.repo.reasons import agreement, hints
from rca.repo.source import Source, one_line
from rca.repo.values import Meaning
from rca.repo.words import is_a, may_close

_MOST_CALLS = 100
_MOST_SWALLOWED = 20
_PIECES = 40
"""Tokens of a template literal that are compared with a reason."""

_MOST_CATCHES = 500


@dataclass(frozen=True, slots=True)
class _Way:
    """How a token is reached."""

    handler: Handler | None
    brace: int | None
    """The braces of the handler, or of the block around."""

    errors: frozenset[str]
    condition: str | None
    head: int = 0


def facts_of(source: Source, wanted: Wanted) -> Facts:
    """What a file says. Raises `UnreadableError` where it is no text, or too large."""
    return _Reader(source, wanted).facts()


def functions_of(source: Source) -> tuple[Function, ...]:
    """The functions of a file. Raises `UnreadableError` where it is too large."""
    return _Reader(source, Wanted(0, ())).functions


class _Reader:
    def __init__(self, source: Source, wanted: Wanted) -> None:
        self._source: Final = source
        self._wanted: Final = wanted
        self._tokens: Final = tokens_of(source)
        self._tree: Final = Tree(self._tokens)
        self._values: Final = Values(self._tree)
        self._listener: Final = Listener(self._tree)
        self._mender: Final = Mender(self._tree, self._listener)

    def facts(self) -> Facts:
        """What the file tells; of more calls than are kept, how many were left out."""
        found = list(self._found())
        calls = tuple(self._call(*one) for one in found[:_MOST_CALLS])
        return Facts(
            path=self._source.path,
            constants=self._values.constants,
            imports=imports_of(self._tokens),
            functions=self.functions,
            calls=calls,
            swallowed=self._swallowed() if calls else (),
            left_out=len(found) - len(calls),
        )

    @cached_property
    def functions(self) -> tuple[Function, ...]:
        """The file's named functions, in the order of their braces."""
        return tuple(self._by_brace.values())

    @cached_property
    def _by_brace(self) -> dict[int, Function]:
        return {
            at: self._function(at, brace.name)
            for at, brace in self._tree.braces.items()
            if brace.holds is Holds.FUNCTION and brace.name
        }

    def _function(self, brace: int, name: str) -> Function:
        takes = tuple(
            Given(one, self._values.of(*default) if default else None)
            for one, default in self._tree.parameters(brace)
        )
        end = self._tokens.mates[brace]
        errors = {one.name for one in takes if is_a("exceptions", one.name)}
        return Function(
            name=name,
            owner=self._tree.class_of(brace),
            first=self._tokens.line(self._tree.braces[brace].head),
            last=self._tokens.line(end),
            takes=takes,
            saying=self._listener.saying(brace + 1, end - 1, errors, least=True),
        )

    def _found(self) -> Iterator[tuple[int, Kind | None]]:
        """The brackets of calls and object literals to look at, and the strings that are a reason."""
        looked_at: set[int] = set()
        for at, token in enumerate(self._tokens.all):
            if token.kind is Is.MARK and token.text == "(" and at in self._tokens.mates:
                name = self._listener.called(at)[0].rpartition(".")[2]
                closes = bool(name) and may_close(name, self._given(at))
                if (closes or name in self._wanted.functions) and not self._defines(at):
                    looked_at.add(at)
                    yield at, Kind.CLOSE if closes else None
            elif token.kind is Is.MARK and token.text == "{" and at in self._tokens.mates:
                given = self._tokens.around[at] in looked_at
                if self._tree.braces[at].holds is Holds.OTHER and not given and may_close("", self._keys(at)):
                    yield at, Kind.CLOSE
            elif self._is_reason(at):
                yield at, Kind.TEXT

    def _given(self, opener: int) -> list[int | str]:
        parts = self._tree.split(opener)
        given: list[int | str] = list(range(len(parts)))
        for first, _ in parts:
            if self._tokens.text(first) == "{":
                given += self._keys(first)
        return given

    def _keys(self, brace: int) -> list[int | str]:
        return [self._tokens.text(first).strip("'\"") for first, _ in self._tree.split(brace)[:40]]

    def _defines(self, opener: int) -> bool:
        """Whether the bracket is that of a method's or function's definition, not of a call."""
        after = self._tokens.mates[opener] + 1
        holds = self._tree.braces.get(after)
        return self._tokens.text(opener - 2) == "function" or (
            holds is not None and holds.holds is Holds.FUNCTION and holds.takes == opener
        )

    def _is_reason(self, at: int) -> bool:
        """Whether a string or template is a reason asked for, in code that neither logs nor compares it."""
        token, reasons = self._tokens.all[at], [reason for reason in self._wanted.reasons if reason]
        if (
            not reasons
            or (token.kind is not Is.STRING and token.text != "`")
            or self._tokens.text(at - 1) == "+"
        ):
            return False
        end = self._tokens.mates.get(at, at)
        pieces = [
            unescaped(self._tokens.text(one).strip("'\"`")) for one in range(at, min(end, at + _PIECES) + 1)
        ]
        if end < at or not any(hints(piece, reasons) for piece in pieces):
            return False
        compared = any(self._tokens.text(side) in ("===", "==", "!==", "!=") for side in (at - 1, end + 1))
        match, _, _ = agreement(Meaning(lambda _: None).patterns(self._values.of(at, end)), reasons)
        if compared or match not in (Match.EXACT, Match.PARTS):
            return False
        around = (
            self._listener.called(one)[0] for one in self._tree.above(at) if self._tokens.text(one) == "("
        )
        return not any(self._listener.logs(name) for name in around)

    def _call(self, at: int, kind: Kind | None) -> Call:
        called, start = self._listener.called(at) if self._tokens.text(at) == "(" else ("", at)
        end = self._tokens.mates.get(at, at)
        way = self._way(start)
        saying, change = Saying(), None
        if way.brace is not None:
            first, last = way.brace + 1, self._tokens.mates[way.brace] - 1
            saying = self._listener.saying(first, last, way.errors, site=at, least=way.handler is None)
            change = self._change(start, way, saying, kind) if self._tokens.text(way.brace) == "{" else None
        function = self._tree.function_of(start)
        receiver, _, name = called.rpartition(".")
        line = self._tokens.line(start)
        return Call(
            kind=kind,
            path=self._source.path,
            line=line,
            name=name,
            receiver=receiver,
            arguments=self._arguments(at, kind, way.errors),
            text=one_line(self._tokens.raw(start, end)),
            function=self._by_brace[function] if function is not None else None,
            handler=way.handler,
            condition=way.condition,
            saying=saying,
            change=change,
            snippet=self._source.snippet(*_span(way.handler, line)),
        )

    def _change(self, start: int, way: _Way, saying: Saying, kind: Kind | None) -> Change | None:
        words = f"closing with {self._wanted.code}" if kind is not Kind.TEXT else "failed"
        name = min(way.errors, default=None)
        if way.handler is None:
            return self._mender.statement(start, name, saying, words) if kind is not Kind.TEXT else None
        return self._mender.handler(way.brace or 0, way.head, name, saying, words)

    def _arguments(self, at: int, kind: Kind | None, errors: frozenset[str]) -> tuple[Argument, ...]:
        if kind is Kind.TEXT:
            return (Argument("reason", self._values.of(at, self._tokens.mates.get(at, at))),)
        if self._tokens.text(at) == "{":
            return tuple(Argument(key, value) for key, value in self._values.members(at, errors))
        found: list[Argument] = []
        for place, (first, last) in enumerate(self._tree.split(at)[:8]):
            if self._tokens.text(first) == "{" and self._tokens.mates.get(first) == last:
                found += [Argument(key, value) for key, value in self._values.members(first, errors)]
            elif self._tokens.text(first) != "...":
                found.append(Argument(place, self._values.of(first, last, errors)))
        return tuple(found)

    def _way(self, start: int) -> _Way:
        """Up from a call to the handler that it stands in, and the condition right around it."""
        condition = self._braceless(start)
        block: int | None = None
        for at in self._tree.above(start):
            holds = self._tree.braces.get(at)
            if holds is None:
                promised = self._tree.promised(at)
                if promised is not None:
                    name, words = promised
                    inner = block if block is not None and block > at else None
                    return self._reached(name, words, inner if inner is not None else at, at - 1, condition)
                continue
            if holds.holds is Holds.CATCH:
                return self._reached(holds.name, None, at, holds.head, condition)
            block = at if block is None or holds.holds is Holds.FUNCTION else block
            if error := self._tree.callback_error(at):
                return self._reached(error, "error of a callback", at, holds.head, condition)
            if (
                holds.holds is Holds.CONDITION
                and self._tokens.text(holds.head) == "if"
                and holds.takes is not None
            ):
                test = (holds.takes + 1, self._tokens.mates[holds.takes] - 1)
                condition = condition or (one_line(self._tokens.raw(*test)) if test[0] <= test[1] else None)
            if holds.holds is Holds.FUNCTION and (holds.name or holds.takes is None):
                break
        takes = self._tree.parameters(block) if block is not None else ()
        return _Way(None, block, frozenset(one for one, _ in takes if is_a("exceptions", one)), condition)

    def _reached(
        self, name: str | None, words: str | None, brace: int, head: int, condition: str | None
    ) -> _Way:
        handler = Handler(self._tokens.line(head), (words,) if words else (), name, Reached.INSIDE)
        return _Way(handler, brace, frozenset({name} if name else ()), condition, head)

    def _braceless(self, start: int) -> str | None:
        """The test of `if (…) ws.close(…)`."""
        at = start - 1
        while self._tokens.text(at) in ("await", "return", "void"):
            at -= 1
        opener = self._tokens.mates.get(at)
        if opener is None or self._tokens.text(at) != ")" or self._tokens.text(opener - 1) != "if":
            return None
        return one_line(self._tokens.raw(opener + 1, at - 1)) if opener + 1 < at else None

    def _swallowed(self) -> tuple[Swallowed, ...]:
        found: list[Swallowed] = []
        catches = [(at, brace) for at, brace in self._tree.braces.items() if brace.holds is Holds.CATCH]
        for at, brace in catches[:_MOST_CATCHES]:
            errors = {brace.name} if brace.name else set()
            end = self._tokens.mates[at]
            saying = self._listener.saying(at + 1, end - 1, errors)
            if saying.says not in (Says.NOTHING, Says.QUIETLY):
                continue
            function = self._tree.function_of(at)
            known = self._by_brace[function] if function is not None else None
            words = f"swallowed in {known.name if known else 'the module'}"
            line = self._tokens.line(brace.head)
            found.append(
                Swallowed(
                    path=self._source.path,
                    line=line,
                    function=known.qualified if known else None,
                    catches=(),
                    does=one_line(self._tokens.raw(at + 1, end - 1).split("\n")[0]) if end - 1 > at else "{}",
                    says=saying.says,
                    change=self._mender.handler(at, brace.head, brace.name, saying, words),
                    snippet=self._source.snippet(line, self._tokens.line(at + 1)),
                )
            )
        return tuple(found[:_MOST_SWALLOWED])


def _span(handler: Handler | None, line: int) -> tuple[int, int]:
    """From the handler's line to the call's, where both fit into a few lines; else the call's."""
    first = handler.line if handler else line
    return (first, line) if 0 <= line - first <= 4 else (line, line)  # noqa: PLR2004 - lines of a snippet

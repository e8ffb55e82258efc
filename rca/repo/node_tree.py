"""What the brackets of JavaScript and TypeScript hold: functions, classes, `catch`, `if`.

In: tokens. Out: for each pair of braces what it is, and the way up from a token through braces, conditions and the
functions given to a promise's `catch`. Decides by the few tokens before a brace.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from rca.repo.node_tokens import Is, Tokens
from rca.repo.words import is_a

_TYPE_WORDS = 40
"""Tokens of a return type that are looked over, back from a brace."""

_DEEPEST = 400
"""Brackets looked up through; what is nested deeper was not written by a person."""

_HEAD = 24
"""Tokens between `class` and its brace."""

_MODIFIERS = frozenset({"public", "private", "protected", "readonly", "..."})
_CONTROL = frozenset({"if", "for", "while", "switch", "with", "catch"})
_EVENTS = frozenset({"on", "once", "addListener", "addEventListener"})
_ERRORS = frozenset({"'error'", '"error"', "'uncaughtException'", "'unhandledRejection'"})


class Holds(Enum):
    """What a bracket holds."""

    FUNCTION = "function"
    CLASS = "class"
    CATCH = "catch"
    CONDITION = "condition"
    """The body of an `if`, `for`, `while`, `switch`, `else`."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Brace:
    """A pair of braces."""

    holds: Holds
    name: str | None = None
    """Of a function or class; of the exception that a `catch` binds."""

    takes: int | None = None
    """The bracket of a function's parameters, or the single one without brackets; of a condition, its test."""

    head: int = 0
    """The token that it begins with: the function's name, `catch`, `if`."""


@dataclass(frozen=True)
class Tree:
    """The braces of one file."""

    tokens: Tokens

    @cached_property
    def braces(self) -> dict[int, Brace]:
        """Every `{` that is closed, and what it holds."""
        found = self.tokens
        return {
            at: self._brace(at)
            for at in sorted(found.mates)
            if found.text(at) == "{" and found.mates[at] > at
        }

    def above(self, at: int) -> Iterator[int]:
        """The brackets that a token lies in, innermost first; those that are never closed hold nothing."""
        for _ in range(_DEEPEST):
            at = self.tokens.around[at]
            if at < 0:
                return
            if at in self.tokens.mates:
                yield at

    def function_of(self, at: int) -> int | None:
        """The brace of the named function that a token lies in; nameless ones count as part of what is around them."""
        for brace in self.above(at):
            holds = self.braces.get(brace)
            if holds and holds.holds is Holds.FUNCTION and holds.name:
                return brace
        return None

    def class_of(self, at: int) -> str | None:
        """The class whose body a token lies in."""
        for brace in self.above(at):
            holds = self.braces.get(brace)
            if holds and holds.holds is Holds.CLASS:
                return holds.name
        return None

    def parameters(self, brace: int) -> tuple[tuple[str, tuple[int, int] | None], ...]:
        """The names that a function takes, with the tokens of their defaults; a pattern stands as an empty name."""
        takes = self.braces[brace].takes
        if takes is None:
            return ()
        found = self.tokens
        if found.text(takes) != "(":
            return ((found.text(takes), None),)
        taken: list[tuple[str, tuple[int, int] | None]] = []
        for first, last in self.split(takes):
            at = next((at for at in range(first, last + 1) if found.text(at) not in _MODIFIERS), first)
            sign = next((at for at in range(at, min(last, at + _TYPE_WORDS)) if found.text(at) == "="), None)
            taken.append((found.text(at) if found.is_name(at) else "", (sign + 1, last) if sign else None))
        return tuple(taken)

    def split(self, opener: int) -> list[tuple[int, int]]:
        """What stands between commas within a pair of brackets: first and last token of each."""
        found, end = self.tokens, self.tokens.mates.get(opener)
        parts: list[tuple[int, int]] = []
        if end is None:
            return parts
        first = at = opener + 1
        while at < end:
            if found.text(at) == "," and found.all[at].kind is Is.MARK:
                if at > first:
                    parts.append((first, at - 1))
                first = at + 1
            at = max(at, found.mates.get(at, at)) + 1
        if end > first:
            parts.append((first, end - 1))
        return parts

    def promised(self, opener: int) -> tuple[str | None, str] | None:
        """Where a bracket is that of `.catch(` or `.on('error',`: what its function calls the error, and the words."""
        found = self.tokens
        if found.text(opener) != "(" or found.text(opener - 2) not in (".", "?."):
            return None
        name = found.text(opener - 1)
        if name == "catch":
            return self._first_parameter(opener + 1), ".catch"
        if name in _EVENTS and found.text(opener + 1) in _ERRORS:
            return self._first_parameter(opener + 3), f"event {found.text(opener + 1)[1:-1]}"
        return None

    def callback_error(self, brace: int) -> str | None:
        """Where braces are those of `if (err)` in a function whose first parameter is `err`: that name."""
        holds, found = self.braces.get(brace), self.tokens
        if holds is None or holds.holds is not Holds.CONDITION or holds.takes is None:
            return None
        if found.text(holds.head) != "if" or found.mates.get(holds.takes) != holds.takes + 2:
            return None
        name = found.text(holds.takes + 1)
        if not is_a("exceptions", name):
            return None
        outer = next(
            (
                one
                for one in self.above(brace)
                if one in self.braces and self.braces[one].holds is Holds.FUNCTION
            ),
            None,
        )
        return name if outer is not None and self.parameters(outer)[:1] == ((name, None),) else None

    def _first_parameter(self, at: int) -> str | None:
        found = self.tokens
        while found.text(at) in ("async", "function"):
            at += 1
        if found.text(at) == "(":
            at += 1
        return found.text(at) if found.is_name(at) else None

    def _brace(self, at: int) -> Brace:
        found = self.tokens
        before = found.text(at - 1)
        if before == "=>":
            return self._arrow(at)
        if before in ("else", "do"):
            return Brace(Holds.CONDITION, head=at - 1)
        if before == "catch":
            return Brace(Holds.CATCH, head=at - 1)
        closing = at - 1 if before == ")" else self._typed(at)
        if closing is not None and closing in found.mates:
            return self._after_brackets(found.mates[closing])
        return self._class(at)

    def _after_brackets(self, opener: int) -> Brace:
        """What braces hold that stand after `(…)`."""
        found = self.tokens
        word = found.text(opener - 1)
        if word == "catch" and found.text(opener - 2) not in (".", "?."):
            bound = found.text(opener + 1) if found.is_name(opener + 1) else None
            return Brace(Holds.CATCH, bound, opener, opener - 1)
        if word in _CONTROL or (word == "await" and found.text(opener - 2) == "for"):
            return Brace(Holds.CONDITION, None, opener, opener - 1)
        if word in ("function", "*"):
            return Brace(Holds.FUNCTION, self._set_to(opener - (2 if word == "*" else 1)), opener, opener - 1)
        if found.is_name(opener - 1):
            return Brace(Holds.FUNCTION, word, opener, opener - 1)
        return Brace(Holds.OTHER, head=opener)

    def _arrow(self, at: int) -> Brace:
        """The function of `(…) => {` or `x => {`, and the name it is set to."""
        found = self.tokens
        last = at - 2
        closing = last if found.text(last) == ")" else self._typed(at - 1)
        opener = found.mates.get(closing) if closing is not None else last
        if opener is None:
            return Brace(Holds.FUNCTION, head=at)
        return Brace(Holds.FUNCTION, self._set_to(opener), opener, opener)

    def _set_to(self, at: int) -> str | None:
        """The name that an expression which begins at a token is given: `const f = …`, `f: …`, `this.f = …`."""
        found = self.tokens
        at -= 1
        while found.text(at) in ("async", "function"):
            at -= 1
        return found.text(at - 1) if found.text(at) in ("=", ":") and found.is_name(at - 1) else None

    def _typed(self, at: int) -> int | None:
        """The bracket before a return type: `): Promise<void> {`."""
        found = self.tokens
        for back in range(at - 1, max(at - _TYPE_WORDS, 0), -1):
            text = found.text(back)
            if text == ":" and found.text(back - 1) == ")":
                return back - 1
            if not (found.is_name(back) or text in ("<", ">", "[", "]", "|", "&", ".", ",", "(", ")", "=>")):
                return None
        return None

    def _class(self, at: int) -> Brace:
        found = self.tokens
        for back in range(at - 1, max(at - _HEAD, -1), -1):
            text = found.text(back)
            if text in ("class", "interface", "enum", "namespace"):
                name = found.text(back + 1) if found.is_name(back + 1) and back + 1 < at else None
                return Brace(Holds.CLASS, name, head=back)
            if not (found.is_name(back) or text in (".", ",", "<", ">", "(", ")")):
                break
        return Brace(Holds.OTHER, head=at)

"""Texts made to hurt a regular expression, from its own pieces.

In: a pattern of `re`. Out: texts that grow: what leads to a repeated piece, that piece many times, then nothing, or
what does not fit. A pattern that tries every end, or every beginning, needs such a text to be seen doing so.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from itertools import product
from typing import Any

# Private, but what `re` itself reads patterns with; its types are not told.
codes: Any = import_module("re._constants")
parser: Any = import_module("re._parser")

_ODD = "\x00"
"""Stands in no pattern's class, save negated ones."""

_MOST_PIECES = 26
_MOST_LEADS = 5
_TRIED = [chr(one) for one in range(32, 127)] + ["\n", "\t", "\r", "é", "│", "\x00", "\x1b", "\u2028"]


@dataclass(frozen=True, slots=True)
class Attack:
    """`lead`, then `piece` again and again, then `tail`."""

    lead: str
    piece: str
    tail: str

    def text(self, length: int) -> str:
        """About so many characters of it."""
        return self.lead + self.piece * max(1, length // len(self.piece)) + self.tail


def attacks(pattern: "re.Pattern[str] | re.Pattern[bytes]") -> Iterator[Attack]:
    """Texts for one pattern, the likelier to hurt first."""
    source = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    flags = pattern.flags if isinstance(pattern.pattern, str) else pattern.flags | re.UNICODE
    tree = list(parser.parse(source, flags & ~re.DEBUG))
    pieces: dict[str, None] = {}
    leads: dict[str, None] = {"": None}
    tails: dict[str, None] = {"": None, _ODD: None, "\n": None}
    _gather(tree, "", pieces, leads)
    whole = _example(tree)
    for piece in (whole, whole[:-1], whole[1:]):
        if piece:
            pieces[piece] = None
    if whole:
        tails[whole[-1]] = None
    found = list(pieces)[:_MOST_PIECES]
    for piece, lead, tail in product(found, list(leads)[:_MOST_LEADS], tails):
        yield Attack(lead, piece, tail)


def _gather(tree: Any, before: str, pieces: dict[str, None], leads: dict[str, None]) -> str:  # noqa: ANN401 - the parser's own lists
    """Every repeated piece of a tree with what leads to it; returns the whole tree's example after `before`."""
    for code, value in tree:
        if code in _REPEATS:
            least, most, body = value
            if most > 1:
                leads[before] = None
                for piece in _examples(list(body)):
                    pieces[piece] = None
                _gather(list(body), before, pieces, leads)
            before += _example(list(body)) * min(least, 3)
            continue
        for inner in _inside(code, value):
            _gather(inner, before, pieces, leads)
        before += _example([(code, value)])
        if before:
            pieces[before[-40:]] = None
    return before


_REPEATS = {codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT}


def _inside(code: Any, value: Any) -> list[Any]:  # noqa: ANN401 - as above
    if code is codes.SUBPATTERN:
        return [list(value[3])]
    if code is codes.BRANCH:
        return [list(one) for one in value[1]]
    if code is codes.ATOMIC_GROUP:
        return [list(value)]
    if code in {codes.ASSERT, codes.ASSERT_NOT}:
        return [list(value[1])]
    return []


def _examples(tree: Any) -> Iterator[str]:  # noqa: ANN401 - as above
    """Texts that a piece matches: its example, and single characters where it is one character."""
    one = _example(tree)
    if one:
        yield one
    if len(tree) == 1:
        code, value = tree[0]
        if code is codes.SUBPATTERN:
            yield from _examples(list(value[3]))
        elif code is codes.BRANCH:
            for branch in value[1]:
                yield from _examples(list(branch))
        elif code in {codes.IN, codes.ANY, codes.NOT_LITERAL}:
            fits = [char for char in _TRIED if _takes(code, value, char)]
            for sort in (str.isalpha, str.isdigit, str.isspace, lambda char: not char.isalnum()):
                yield from [char for char in fits if sort(char)][:2]
    elif tree:
        yield from (_example(tree[:count]) for count in range(1, len(tree)) if _example(tree[:count]))


def _example(tree: Any) -> str:  # noqa: ANN401 - as above
    """A text that the tree matches, or nearly."""
    said = ""
    for code, value in tree:
        if code is codes.LITERAL:
            said += chr(value)
        elif code in {codes.IN, codes.ANY, codes.NOT_LITERAL}:
            said += next((char for char in "a0 " + "".join(_TRIED) if _takes(code, value, char)), "")
        elif code in _REPEATS:
            least, most, body = value
            said += _example(list(body)) * (min(max(least, 1), 40) if most else 0)
        elif code is codes.BRANCH:
            said += _example(list(value[1][0]))
        elif code in {codes.ASSERT, codes.ASSERT_NOT, codes.AT, codes.GROUPREF, codes.GROUPREF_EXISTS}:
            continue
        else:
            said += "".join(_example(inner) for inner in _inside(code, value))
    return said


def _takes(code: Any, value: Any, char: str) -> bool:  # noqa: ANN401 - as above
    if code is codes.ANY:
        return char != "\n"
    if code is codes.NOT_LITERAL:
        return bool(ord(char) != value)
    return _class_takes(value, char)


def _class_takes(members: Any, char: str) -> bool:  # noqa: ANN401 - as above
    negated = bool(members and members[0][0] is codes.NEGATE)
    for code, value in members:
        if (
            (code is codes.LITERAL and value == ord(char))
            or (code is codes.RANGE and value[0] <= ord(char) <= value[1])
            or (code is codes.CATEGORY and bool(_CATEGORIES[value](char)))
        ):
            return not negated
    return negated


def _word(char: str) -> bool:
    return char.isalnum() or char == "_"


_CATEGORIES: dict[Any, Callable[[str], bool]] = {
    codes.CATEGORY_DIGIT: str.isdigit,
    codes.CATEGORY_NOT_DIGIT: lambda char: not char.isdigit(),
    codes.CATEGORY_SPACE: str.isspace,
    codes.CATEGORY_NOT_SPACE: lambda char: not char.isspace(),
    codes.CATEGORY_WORD: _word,
    codes.CATEGORY_NOT_WORD: lambda char: not _word(char),
}

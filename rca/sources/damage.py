"""Damaged JSON -> as much of it as can be read.

In: text that a strict reader refused. Out: whole values, and what was lost. Decides how to go on after damage:
a file cut short gives the entries before the cut, a bad entry costs only itself.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rca.sources.shapes import is_entry

# strict=False takes raw control characters within strings; Python's reader takes NaN, which json.dumps writes.
_DECODER = json.JSONDecoder(strict=False)
_CANDIDATE = re.compile(r"(?:^|[\[,\n}])[ \t\r\n]{0,200}(?=\{)")
_NESTING = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)
_READER_DEPTH = 400  # Python's reader gives up at the interpreter's recursion limit, some levels above this
_DEEPEST = 64
_CUT = "…"
_QUOTE = 120


@dataclass(frozen=True, slots=True)
class Lost:
    """Something that stood where an entry belongs and could not be read."""

    line: int
    """Line of the file, from 1."""

    reason: str
    quote: str


def mended(text: str) -> Any:  # noqa: ANN401 - any JSON value
    """The value of one JSON text, read leniently: control characters, NaN, lone surrogates.

    What nests deeper than a log entry can is cut off. Raises ValueError where it is no JSON.
    """
    try:
        value = _DECODER.decode(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    return _clean(value, _DEEPEST)


@dataclass(frozen=True, slots=True)
class Salvage:
    """What could be read of a damaged document."""

    found: tuple[dict[str, Any] | Lost, ...]
    """Whole entries in its order, and what was lost between them."""

    cut: bool
    """It ends before its end."""


def salvaged(text: str, *, bare: bool) -> Salvage:
    """The whole entries of a damaged or cut document, with a `Lost` for each entry that is broken.

    Each `{` that can begin a value is tried. Where one fails beyond the end of an entry that stands within it,
    it was the wrapping; where it fails before that, it was an entry itself.
    """
    lines = _Lines(text)
    found: list[dict[str, Any] | Lost] = []
    position, broken_at, end = 0, -1, 0
    while (candidate := _CANDIDATE.search(text, position)) is not None:
        start = candidate.end()
        position = start + 1
        try:
            value, after = _DECODER.raw_decode(text, start)
        except (ValueError, RecursionError) as error:
            fails_at = error.pos if isinstance(error, json.JSONDecodeError) else _overflow(text, start)
            if 0 <= broken_at <= start:
                found.append(_lost(text, broken_at, lines))
            if broken_at < 0 or broken_at <= start:
                broken_at = max(fails_at, start)
            continue
        if is_entry(value, bare=bare):
            if 0 <= broken_at < after:
                found.append(_lost(text, broken_at, lines))
            found.append(_clean(value, _DEEPEST))
            position, broken_at, end = after, -1, after
    if broken_at >= 0:
        found.append(_lost(text, broken_at, lines))
    return Salvage(tuple(found), cut=broken_at >= 0 or _left_open(text, end))


def _left_open(text: str, end: int) -> bool:
    """Whether a document that begins with a bracket has none after its last entry."""
    return text.lstrip()[:1] in ("[", "{") and "]" not in text[end:]


def _lost(text: str, at: int, lines: "_Lines") -> Lost:
    begin = max(text.rfind("\n", 0, at) + 1, at - 80)
    return Lost(lines.number(at), "damaged JSON", text[begin : at + 120])


def _overflow(text: str, start: int) -> int:
    """Where the nesting grew past what the reader takes."""
    depth = 0
    for token in _NESTING.finditer(text, start):
        depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(token[0], 0)
        if depth > _READER_DEPTH:
            return token.start()
    return start


def documents(text: str) -> Iterator[Any]:
    """The JSON documents of a text, one after the other, as REST pages come. Raises ValueError at the first bad one."""
    position, end = 0, len(text)
    while position < end:
        if text[position] in " \t\r\n\x00":
            position += 1
            continue
        try:
            value, position = _DECODER.raw_decode(text, position)
        except RecursionError:
            raise ValueError("it is nested too deeply") from None
        yield _clean(value, _DEEPEST)


def quoted(text: str) -> str:
    """The beginning of `text` on one line, with nothing in it that a terminal would act on."""
    short = text[:_QUOTE]
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape", "replace").decode() for c in short)
    return shown[:_QUOTE] + (_CUT if len(text) > _QUOTE or len(shown) > _QUOTE else "")


def _clean(value: Any, depth: int) -> Any:  # noqa: ANN401 - any JSON value in, the same out
    if isinstance(value, str):
        return value if value.isprintable() else value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {k: _clean(v, depth - 1) for k, v in value.items()} if depth else _CUT
    if isinstance(value, list):
        return [_clean(v, depth - 1) for v in value] if depth else _CUT
    return value


class _Lines:
    """Line numbers of ever greater positions, counted once over."""

    def __init__(self, text: str) -> None:
        self._text, self._at, self._number = text, 0, 1

    def number(self, position: int) -> int:
        self._number += self._text.count("\n", self._at, position)
        self._at = position
        return self._number

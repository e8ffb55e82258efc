"""Damaged JSON -> as much of it as can be read.

In: text that a strict reader refused. Out: whole values, and what was lost. Decides how to go on after damage:
a file cut short gives the entries before the cut, a bad entry costs only itself.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from rca.sources.shapes import as_entry

# strict=False takes raw control characters within strings; Python's reader takes NaN, which json.dumps writes.
_DECODER = json.JSONDecoder(strict=False)
_BEFORE = ("", "[", ",", "}")  # what an object can follow: nothing, an array's beginning, a sibling
_WIDEST_GAP = 200
_OBJECT = re.compile(r'\{\s{0,200}"')
_SLICES = (1 << 16, 1 << 22)
_NEAR_END = 16  # a failure this near to a slice's end may be the slice's
_NESTING = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)
_READER_DEPTH = 400  # Python's reader gives up at the interpreter's recursion limit, some levels above this
_OVERFLOWS = 50  # tries at what nests too deeply, each costly; after them it is passed over as a whole
_FAILURES = 200  # tries since the last entry, after which only what stands as an entry has to is tried
_DEEPEST = 64
_WITHIN = ('"', "}", "]", ",", ":")
_FEW_FIELDS = 2  # of a page can stand between two entries; more are an entry that was not seen to begin
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
    position, broken_at, end, overflows, failed = 0, -1, 0, 0, 0
    while (start := _candidate(text, position, strict=failed > _FAILURES)) >= 0:
        position = start + 1
        try:
            value, after = _decoded(text, start)
        except (ValueError, RecursionError) as error:
            fails_at = (
                start + error.pos if isinstance(error, json.JSONDecodeError) else _overflow(text, start)
            )
            if 0 <= broken_at <= start:
                found.append(_lost(text, broken_at, lines))
            if broken_at < 0 or broken_at <= start:
                broken_at = max(fails_at, start)
            overflows += isinstance(error, RecursionError)
            failed += 1
            if overflows > _OVERFLOWS:
                position = max(position, fails_at)
            continue
        if (entry := as_entry(value, bare=bare)) is not None:
            broken_at = _broken_at(broken_at, found[-1:], text, end, start)
            if 0 <= broken_at < after:
                found.append(_lost(text, broken_at, lines))
            found.append(_clean(entry, _DEEPEST))
            position, broken_at, end, failed = after, -1, after, 0
    is_open = broken_at >= 0 or _left_open(text, end)
    broken_at = _broken_at(broken_at, found, text, end, len(text))
    if broken_at >= 0:
        found.append(_lost(text, broken_at, lines))
    return Salvage(tuple(found), cut=is_open)


def _broken_at(known: int, near: Sequence[dict[str, Any] | Lost], text: str, end: int, start: int) -> int:
    """Where damage between the last entry's end and `start` begins, also where no entry was seen to begin; else -1."""
    within = end > 0 or text.lstrip()[:1] in _WITHIN  # else the fields may be those of a page
    if known >= 0 or not within or any(isinstance(one, Lost) for one in near):
        return known
    return end if text.count('":', end, start) > _FEW_FIELDS else -1


def _candidate(text: str, position: int, *, strict: bool) -> int:
    """Where the next object begins that no key stands before; -1 where none does.

    What stands between two entries can be damaged as well; `strict` goes by what has to stand there.
    """
    while (start := text.find("{", position)) >= 0:
        stretch = text[max(0, start - _WIDEST_GAP) : start]
        before = stretch.rstrip(" \t\r\n")
        if before[-1:] in _BEFORE or "\n" in stretch[len(before) :]:
            return start
        is_value = before[-1:] == ":" and before[:-1].rstrip(" \t\r\n")[-1:] == '"'
        if not strict and not is_value and _OBJECT.match(text, start) is not None:
            return start
        position = start + 1
    return -1


def _decoded(text: str, start: int) -> tuple[Any, int]:
    """The value at `start` and where it ends; a failure's `pos` counts from `start`.

    By growing slices: Python's reader counts a failure's line from the beginning of what it was given.
    """
    for size in _SLICES:
        part = text[start : start + size]
        try:
            value, after = _DECODER.raw_decode(part)
        except json.JSONDecodeError as error:
            whole = start + size >= len(text)
            if whole or (error.pos < size - _NEAR_END and not error.msg.startswith("Unterminated")):
                raise
        else:
            return value, start + after
    value, after = _DECODER.raw_decode(text[start:])
    return value, start + after


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


def as_json(value: object) -> str:
    """The beginning of a parsed value as JSON, for a quote; of one that nests too deep for that, its type."""
    try:
        return orjson.dumps(value)[:400].decode("utf-8", "replace")
    except TypeError:  # orjson's only error
        return f"({type(value).__name__}, nested too deeply to be shown)"


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

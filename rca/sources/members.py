"""The members of a large array that stands on one line, or on a few, one by one.

In: the bytes of `[{…},{…}]`, or of a page of entries, as they come. Out: each member, parsed, with its place and its
bytes. Decides where one ends: where what stands before a `},{` reads as JSON; a text can hold the same, and then does
not end there. Memory is a member's, whatever the array's size.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader
from typing import Any

import orjson

from rca.sources.damage import Lost

_CHUNK = 1 << 20
_OPENS = re.compile(rb'\s{0,99}(?:\{\s{0,99}"entries"\s{0,9}:\s{0,99})?\[\s{0,99}(?=\{)')
_BETWEEN = re.compile(rb"\}\s{0,99},\s{0,99}(?=\{)")
_LAST = re.compile(rb"\}\s{0,99}\]")
_MORE = re.compile(rb'"next_?[pP]age_?[tT]oken"\s*:\s*"[^"]')
_LONGEST = 1 << 22
"""Bytes of a member; more are no log entry."""

_MOST_TRIES = 500
"""Ends that are tried for one member."""

_QUOTE = 400


@dataclass(frozen=True, slots=True)
class Member:
    """One member of the array."""

    place: int
    """In the array, from 1."""

    value: Any
    row: bytes


@dataclass(frozen=True, slots=True)
class End:
    """How the array ends."""

    cut: bool
    """Too early."""

    more: bool
    """With the word that more pages follow."""


def begins(head: bytes) -> bool:
    """Whether a file that begins so is an array of objects, or a page of entries."""
    return _OPENS.match(head) is not None


def members(head: bytes, stream: BufferedReader) -> Iterator[Member | Lost | End]:
    """Yield each member of the array that `head` begins and the stream goes on with; last, how it ends."""
    opened = _OPENS.match(head)
    left, place, looked = head[opened.end() if opened else 0 :], 0, 0
    while True:
        start, tries = 0, 0
        for found in _BETWEEN.finditer(left, looked):
            row = left[start : found.start() + 1]
            value = _read(row)
            tries += value is None
            if value is None and len(row) <= _LONGEST and tries < _MOST_TRIES:
                continue
            place += 1
            yield Member(place, value, row) if value is not None else _lost(place, row)
            start, tries = found.end(), 0
        chunk = stream.read(_CHUNK)
        # A `},{` that is cut in two by the chunks begins with the last bracket before their border.
        looked = max(0, left.rfind(b"}") - start) if tries == 0 else 0
        left = left[start:]
        if len(left) > _LONGEST * 4:
            place += 1
            yield _lost(place, left)
            left, looked = b"", 0
        if not chunk:
            break
        left += chunk
    yield from _last(left, place)


def _last(left: bytes, place: int) -> Iterator[Member | Lost | End]:
    for tries, found in enumerate(_LAST.finditer(left)):
        row = left[: found.start() + 1]
        value = _read(row)
        if value is not None:
            yield Member(place + 1, value, row)
            yield End(cut=False, more=_MORE.search(left, found.end()) is not None)
            return
        if tries > _MOST_TRIES:
            break
    yield _lost(place + 1, left)
    yield End(cut=b"]" not in left[-_QUOTE:], more=False)


def _read(row: bytes) -> Any:  # noqa: ANN401 - any JSON object
    """The object that a row is; None where it is none, or not all of one."""
    try:
        return orjson.loads(row)
    except ValueError:
        return None


def _lost(place: int, row: bytes) -> Lost:
    return Lost(place, "damaged JSON", row[:_QUOTE].decode("utf-8", "replace"))

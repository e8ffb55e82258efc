"""An array whose entries follow one another in any layout, mostly all on one line.

In: stretches of `[{…},{…}]`, or of a page of entries. Out: a framing. Decides where entries end: at a `},{` before
which all reads as JSON from the last such place on; a text, or a list within an entry, can hold the same, and nothing
ends there. The stretch is read for its structure alone, at twice the speed of parsing it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import msgspec

from rca.sources.framing import MORE, TIMES, Row, in_windows
from rca.sources.items import CUT_SHORT, MORE_FOLLOW, Gap
from rca.sources.sieve import Hint, Range, is_in

_OPENS = re.compile(rb'\s{0,99}(?:\{\s{0,99}"entries"\s{0,9}:\s{0,99})?\[\s{0,99}(?=\{)')
_GOES_ON = re.compile(rb"\s{0,99},\s{0,99}(?=\{)")
_BETWEEN = re.compile(rb"\}\s{0,99},\s{0,99}(?=\{)")
_LAST = re.compile(rb"\}\s{0,99}\]")
_LONGEST = 1 << 22
"""Bytes of an entry; more are none."""

_NEAR = 1 << 16
"""Bytes before the end of a stretch among which its last entry's end is looked for first."""

_MOST_ENDS = 20
"""Ends that are tried for a stretch before it is gone through entry by entry."""

_MOST_TRIES = 500
"""Ends that are tried for one entry."""

_QUOTE = 400
_MEMBERS = msgspec.json.Decoder(list[msgspec.Raw])


def begins(head: bytes) -> bool:
    """Whether a file that begins so is an array of objects, or a page of entries."""
    return _OPENS.match(head) is not None


@dataclass(slots=True)
class Joined:  # not frozen: it keeps what the last stretch was cut into
    """Entries that only reading tells apart: what follows `cut` tells of what it cut."""

    anywhere: ClassVar[bool] = False

    _rows: Sequence[bytes] = ()
    _places: int = 0

    def cut(self, block: bytes) -> int:
        """As `Framing.cut`."""
        start = _start(block)
        near = max(start, len(block) - _NEAR)
        ends = [found.start() + 1 for found in _BETWEEN.finditer(block, near)]
        ends = ends or [found.start() + 1 for found in _BETWEEN.finditer(block, start, near)]
        for end in ends[: -_MOST_ENDS - 1 : -1]:
            rows = _members(block[start:end])
            if rows is not None:
                break
        else:
            rows, end = _one_by_one(block, start)
        self._rows, self._places = rows, len(rows)
        return end

    def places(self, block: bytes, *, of_many: bool) -> int:  # noqa: ARG002 - counted as it was cut
        """As `Framing.places`."""
        taken, self._places = self._places, 0
        return taken

    def end(self, block: bytes) -> int:
        """As `Framing.end`."""
        found = _BETWEEN.search(block)
        self._places = int(found is not None)
        return found.start() + 1 if found else 0

    def first(self, block: bytes) -> bytes | None:  # noqa: ARG002 - a list within an entry looks the same
        """As `Framing.first`: none, for none can be told."""
        return None

    def stamped(self, block: bytes) -> Sequence[bytes] | None:
        """As `Framing.stamped`."""
        found = TIMES.findall(block)
        return found if len(found) == len(self._rows) else None

    def rows(self, block: bytes) -> Iterator[Row]:
        """As `Framing.rows`: the last entry of the file, behind which the array ends."""
        start = _start(block)
        for tries, found in enumerate(_LAST.finditer(block, start)):
            row = block[start : found.start() + 1]
            if _members(row) is not None:
                yield 0, row
                return
            if tries > _MOST_TRIES:
                break
        if b"]" in block[-_QUOTE:]:  # damaged; where the array is cut short, the last entry is half of one
            yield 0, block[start:]

    def within(
        self,
        block: bytes,  # noqa: ARG002 - its rows are known
        windows: Sequence[Range],
        times: Sequence[bytes] | None,
    ) -> Iterator[Row]:
        """As `Framing.within`."""
        return in_windows(self._rows, times, windows)

    def holding(self, block: bytes, hints: Sequence[Hint]) -> Iterator[Row]:
        """As `Framing.holding`."""
        here = [hint for hint in hints if is_in(hint, block)]
        if here:
            for at, row in enumerate(self._rows):
                if any(is_in(hint, row) for hint in here):
                    yield at, row

    def lacks(self, tail: bytes) -> Gap | None:
        """As `Framing.lacks`."""
        if b"]" not in tail[-_QUOTE:]:
            return CUT_SHORT
        return MORE_FOLLOW if MORE.search(tail[-_QUOTE:]) else None


def _start(block: bytes) -> int:
    """Where the first entry of a stretch begins: behind what opens the array, or the comma after the entry before."""
    found = _GOES_ON.match(block) or _OPENS.match(block)
    return found.end() if found else 0


def _members(text: bytes) -> list[bytes] | None:
    """The entries of a text that is nothing but entries with commas between them; None where it is not."""
    try:
        return [bytes(row) for row in _MEMBERS.decode(b"[" + text + b"]")]
    except (msgspec.DecodeError, RecursionError):
        return None


def _one_by_one(block: bytes, start: int) -> tuple[list[bytes], int]:
    """The entries of a stretch, what is damaged among them, and where the last that could be told ends."""
    rows: list[bytes] = []
    tries, end = 0, 0
    for found in _BETWEEN.finditer(block, start):
        row = block[start : found.start() + 1]
        if _members(row) is None and len(row) <= _LONGEST and tries < _MOST_TRIES:
            tries += 1
            continue
        rows.append(row)
        start, end, tries = found.end(), found.start() + 1, 0
    return rows, end

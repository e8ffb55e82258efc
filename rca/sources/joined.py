"""An array whose entries follow one another in any layout, mostly all on one line.

In: stretches of `[{…},{…}]`, or of a page of entries. Out: a framing. Decides where entries end: at a `},{"` before
which all reads as JSON from the last such place on. A list within an entry holds the same, and so does a text that
ends so; nothing ends there. The stretch is read for its structure alone, at twice the speed of parsing it.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import msgspec

from rca.sources.framing import MORE, TIMES, Row, in_windows
from rca.sources.items import CUT_SHORT, MORE_FOLLOW, Gap
from rca.sources.shapes import OWN_FIELDS
from rca.sources.sieve import Hint, is_in
from rca.sources.spans import Range

_OPENS = re.compile(rb'\s{0,99}(?:\{\s{0,99}"entries"\s{0,9}:\s{0,99})?\[\s{0,99}(?=\{)')
_GOES_ON = re.compile(rb"\s{0,99},\s{0,99}(?=\{)")
_BETWEEN = re.compile(rb'\}\s{0,99},\s{0,99}(?=\{\s{0,99}")')
_FIRST_KEY = re.compile(rb'\{\s{0,99}"([^"\\]{1,64})"')
_OWN_KEYS = frozenset(
    name.encode() for name in (*OWN_FIELDS, "insertId", "timestamp", "severity", "labels", "trace")
)
_MOST_KEYS = 64
"""Keys that entries were seen to begin with; more tell nothing."""

_LAST = re.compile(rb"\}\s{0,99}\]")
_LONGEST = 1 << 22
"""Bytes of an entry; more are none."""

_NEAR = 1 << 16
"""Bytes before the end of a stretch among which its last entry's end is looked for first."""

_MOST_ENDS = 20
"""Ends that are tried for a stretch before it is gone through entry by entry, and for the last entry."""

_QUOTE = 400
_MAY_FOLLOW = (b"", b",", b"]")
_JSON = json.JSONDecoder(strict=False)
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
    _endless: int = 0
    """Bytes at the beginning of the next block in which no entry ends, for there is none that the last one cut."""

    _keys: frozenset[bytes] = _OWN_KEYS
    """Keys that an entry begins with: after damage, what begins with another is part of an entry."""

    def cut(self, block: bytes) -> int:
        """As `Framing.cut`."""
        start = _start(block)
        since = max(start, self._endless)
        near = max(since, len(block) - _NEAR)
        ends = [found.start() + 1 for found in _BETWEEN.finditer(block, near)]
        ends = ends or [found.start() + 1 for found in _BETWEEN.finditer(block, since, near)]
        for end in ends[: -_MOST_ENDS - 1 : -1]:
            rows = _members(block[start:end])
            if rows is not None:
                break
        else:
            rows, end = _one_by_one(block, start, _next_entry(self._keys)) if ends else ([], 0)
        self._endless = 0 if ends else max(0, len(block) - _QUOTE)
        self._rows, self._places = rows, len(rows)
        if rows and len(self._keys) < _MOST_KEYS and (key := _FIRST_KEY.match(rows[0])) is not None:
            self._keys |= {key[1]}
        return end

    def places(self, block: bytes, *, of_many: bool) -> int:  # noqa: ARG002 - counted as it was cut
        """As `Framing.places`."""
        taken, self._places = self._places, 0
        return taken

    def end(self, block: bytes) -> int:
        """As `Framing.end`."""
        found = _next_entry(self._keys).search(block)
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
        """As `Framing.rows`, of the end of the file: the last entry, behind which the array ends."""
        rows, _ = _last_in(block)
        if rows is not None:
            yield from enumerate(rows)
        elif b"]" in block[-_QUOTE:]:  # damaged; where the array is cut short, the last entry is half of one
            yield 0, block[_start(block) :]

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
        rows, end = _last_in(tail)
        if rows is None and b"]" not in tail[-_QUOTE:]:
            return CUT_SHORT
        return MORE_FOLLOW if MORE.search(tail, end) else None


def _start(block: bytes) -> int:
    """Where the first entry of a stretch begins: behind what opens the array, or the comma after the entry before."""
    found = _GOES_ON.match(block) or _OPENS.match(block)
    return found.end() if found else 0


def _last_in(block: bytes) -> tuple[list[bytes] | None, int]:
    """The entries before the array's end, None where they are not whole, and where the last of them ends."""
    start = _start(block)
    for end in [found.start() + 1 for found in _LAST.finditer(block, start)][: -_MOST_ENDS - 1 : -1]:
        rows = _members(block[start:end])
        if rows is not None:
            return rows, end
    return None, max(start, len(block) - _QUOTE)


def _members(text: bytes) -> list[bytes] | None:
    """The entries of a text that is nothing but entries with commas between them; None where it is not."""
    try:
        return [bytes(row) for row in _MEMBERS.decode(b"[" + text + b"]")]
    except (msgspec.DecodeError, RecursionError):
        return None


@lru_cache(maxsize=4)
def _next_entry(keys: frozenset[bytes]) -> re.Pattern[bytes]:
    """Finds the end of an entry before one that begins with one of these keys."""
    return re.compile(_BETWEEN.pattern[:-1] + rb"(?:" + b"|".join(map(re.escape, sorted(keys))) + rb')")')


def _one_by_one(block: bytes, start: int, next_entry: re.Pattern[bytes]) -> tuple[list[bytes], int]:
    """The entries of a stretch, what is damaged among them, and where the last that could be told ends."""
    text = block.decode("latin-1")  # a character a byte; the texts in it do not matter
    rows: list[bytes] = []
    end = 0
    while _BETWEEN.search(block, start) is not None:
        stop, whole = _first_in(text, start, next_entry)
        goes_on = _GOES_ON.match(block, stop) if whole else None
        if whole and goes_on is None and block[stop : stop + _QUOTE].lstrip()[:1] in _MAY_FOLLOW:
            break
        if goes_on is None:
            # Damaged, or not all there: given up as far as to what begins as an entry does.
            goes_on = next_entry.search(block, stop)
            if goes_on is None and len(block) - start <= _LONGEST:
                break
            stop = goes_on.start() + 1 if goes_on else len(block)
        rows.append(block[start:stop])
        end = stop
        if goes_on is None:
            break
        start = goes_on.end()
    return rows, end


def _first_in(text: str, start: int, next_entry: re.Pattern[bytes]) -> tuple[int, bool]:
    """Where the object that begins there ends, or where it is damaged; and whether it is whole."""
    for size in (_NEAR, len(text)):  # an error costs a look at all that stands before it
        try:
            return start + _JSON.raw_decode(text[start : start + size])[1], True
        except json.JSONDecodeError as error:
            stop = start + error.pos
        except RecursionError:
            stop = start
        if next_entry.search(text[stop : start + size].encode("latin-1")) is not None:
            break
    return stop, False

"""Which bytes of a large export can answer what is asked, told before anything is parsed.

In: the questions. Out: a `Sieve`: for a block of bytes and the times in it, whether its entries can lie in a window,
whether a request in it can have lasted into one, and which bytes stand in every entry that answers elsewhere. Decides
nothing for good: what passes is parsed, and then asked exactly.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from rca.lql.patterns import compiled
from rca.normalize.times import END_NS, moment
from rca.questions import LONGEST_REQUEST, Ask, Expression
from rca.sources.spans import Range, range_of


@dataclass(frozen=True, slots=True)
class Followed:
    """A text and what must follow it: looking for the text first takes half of a pattern's time."""

    text: bytes
    by: re.Pattern[bytes]


Hint = bytes | Expression | Followed
"""What stands in the bytes of an entry."""

_SECOND_NS = 1_000_000_000
_LONGEST_NS = LONGEST_REQUEST // timedelta(microseconds=1) * 1000

LASTS = Followed(b'"latency":', re.compile(rb' ?(?:"?[1-9][0-9]|\{)'))
"""A request of ten seconds or more; the shorter ones that last into a window lie within `REACH_NS` of it."""

REACH_NS = 10 * _SECOND_NS


@dataclass(frozen=True, slots=True)
class Sieve:
    """What can answer, by its time and its bytes."""

    whole: tuple[Range, ...]
    """The windows of which everything is asked, with the shorter requests that last into them; apart and in order."""

    hinted: tuple[tuple[Range, tuple[Hint, ...]], ...]
    """Windows of which only such entries are asked as hold one of these."""

    @classmethod
    def of(cls, asks: Sequence[Ask]) -> "Sieve":
        """The sieve that lets through whatever answers one of the questions."""
        ranges = [(_range(ask), ask.hints) for ask in asks]
        return cls(
            whole=_merged([window for window, hints in ranges if not hints]),
            hinted=tuple((window, hints) for window, hints in ranges if hints),
        )

    def windows_in(self, low: int, high: int) -> tuple[Range, ...]:
        """The windows of which everything is asked that entries of these times can lie in."""
        return tuple(one for one in self.whole if one[0] <= high and low < one[1])

    def hints_in(self, low: int, high: int) -> tuple[Hint, ...]:
        """What stands in an entry of these times that answers, though it lies in no window that is read whole."""
        found = [hint for (start, end), hints in self.hinted if start <= high and low < end for hint in hints]
        # A request is stamped with its start and may be written at its end: so near to a window, look both ways.
        if any(start - _LONGEST_NS <= high and low < end + _LONGEST_NS for start, end in self.whole):
            found.append(LASTS)
        return tuple(dict.fromkeys(found))


def is_in(hint: Hint, row: bytes) -> bool:
    """Whether a row holds a hint."""
    return hint in row if isinstance(hint, bytes) else next(met(hint, row), None) is not None


def met(hint: Hint, block: bytes) -> Iterator[int]:
    """Where a hint stands, in order."""
    if isinstance(hint, Expression):
        yield from (match.start() for match in compiled(hint.source).finditer(block))
        return
    text = hint if isinstance(hint, bytes) else hint.text
    at = block.find(text)
    while at >= 0:
        if isinstance(hint, bytes) or hint.by.match(block, at + len(text)) is not None:
            yield at
        at = block.find(text, at + 1)


def _range(ask: Ask) -> Range:
    start, end = range_of(ask.window)
    return max(0, start - REACH_NS), end


def _merged(ranges: Sequence[Range]) -> tuple[Range, ...]:
    kept: list[Range] = []
    for start, end in sorted(ranges):
        if kept and start <= kept[-1][1]:
            kept[-1] = (kept[-1][0], max(kept[-1][1], end))
        else:
            kept.append((start, end))
    return tuple(kept)


def spelled(window: Range) -> tuple[bytes, bytes]:
    """The window as text that RFC 3339 times in UTC compare with, a second wider: how finely they are told differs."""
    start, end = (moment(min(ns, END_NS)) for ns in (max(0, window[0] - _SECOND_NS), window[1] + _SECOND_NS))
    return f"{start:%Y-%m-%dT%H:%M:%S}".encode(), f"{end:%Y-%m-%dT%H:%M:%S}".encode()

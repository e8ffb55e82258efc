"""A large export -> only those of its entries that can answer.

In: a stream, how its entries lie in it, a time index if there is one, and a sieve. Out: rows with their lines, for the
reader of exports to parse. Decides stretch by stretch, and never looks at a stretch less than for the sieve's hints:
platform messages and deploys are found wherever they stand. Memory is a stretch's, whatever the file's size.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO

from rca.normalize.times import nanoseconds
from rca.sources.damage import Lost
from rca.sources.exports import read_rows
from rca.sources.framing import Framing, Lines, Pretty
from rca.sources.items import Item
from rca.sources.joined import Joined, begins
from rca.sources.sieve import Sieve
from rca.sources.spans import EVER, Range
from rca.sources.timeindex import Index

BLOCK = 1 << 20
_LONGEST_ENTRY = 1 << 26
_QUOTE = 400
_MANY = 1 << 26
"""Bytes of a file, from which on what is loaded to count its lines has paid for itself."""

_SECOND_NS = 10**9
TOO_LONG = "it is longer than any log entry"


def framing_of(head: bytes, *, a_line_each: bool) -> Framing | None:
    """How the entries lie in a file that begins so; None where it has to be read as one document."""
    if a_line_each:
        return Lines()
    return Pretty.of(head) or (Joined() if begins(head) else None)


@dataclass(slots=True)
class Large:  # not frozen: it counts while it is read
    """One large export while it is read, and then what was seen of it."""

    stream: IO[bytes]
    framing: Framing
    index: Index | None
    """None: every entry's time is looked at."""

    sieve: Sieve
    size: int = 0
    """Bytes, once unpacked."""

    times: Range | None = None
    """The earliest and latest time seen, parsed or not."""

    _place: int = 1

    _tail: bytes = b""
    """What stands behind the last entry that is whole."""

    def items(self, *, bare: bool) -> Iterator[Item]:
        """Whatever can answer, in the order of the file; what is too long to be read is lost."""
        yield from read_rows(self._rows(), bare=bare, all_of_them=False)
        if (gap := self.framing.lacks(self._tail)) is not None:
            yield gap

    def _rows(self) -> Iterator[tuple[int, bytes | Lost]]:
        """The entries to be parsed, each with its line."""
        if self.index is not None:
            self._saw(min(self.index.told), max(self.index.told))
        for block in self._blocks():
            if isinstance(block, Lost):
                yield block.line, block
                continue
            for at, row in sorted(self._chosen(block).items()):
                if row.strip():
                    yield self._place + at, row + b"\n"
            self._pass(block)
        for at, row in self.framing.rows(self._tail):
            if row.strip():
                yield self._place + at, row

    def _pass(self, block: bytes) -> None:
        self._place += self.framing.places(block, of_many=self.size > _MANY)
        self.size += len(block)

    def _chosen(self, block: bytes) -> dict[int, bytes]:
        times = self.framing.stamped(block) if self.index is None else None
        low, high = self._times_of(block, times) or EVER
        found = dict(self.framing.holding(block, self.sieve.hints_in(low, high)))
        windows = self.sieve.windows_in(low, high)
        if windows:
            if self.index is not None:
                times = self.framing.stamped(block)
            found.update(self.framing.within(block, windows, times))
        return found

    def _times_of(self, block: bytes, told: Sequence[bytes] | None) -> Range | None:
        """The times that the entries of a block can have; None where only parsing tells."""
        if self.index is not None:
            return self.index.times_of(self.size, self.size + len(block))
        if not told:
            return None
        low, high = (nanoseconds(f"{time.decode()}Z") for time in (min(told), max(told)))
        if low is None or high is None:
            return None
        self._saw(low, high)
        return low - _SECOND_NS, high + _SECOND_NS  # as text, times of one second may stand in another order

    def _saw(self, low: int, high: int) -> None:
        self.times = (
            (low, high) if self.times is None else (min(self.times[0], low), max(self.times[1], high))
        )

    def _blocks(self) -> Iterator[bytes | Lost]:
        """Stretches of whole entries."""
        left, overlong = b"", False
        while chunk := self.stream.read(BLOCK):
            block = left + chunk
            if overlong:
                end = self.framing.end(block)
                self._pass(block[:end] if end else block)
                if not end:
                    continue
                block, overlong = block[end:], False
            cut = self.framing.cut(block)
            if cut:
                yield block[:cut]
            left = block[cut:]
            if len(left) > _LONGEST_ENTRY:
                yield Lost(self._place, TOO_LONG, left[:_QUOTE].decode("utf-8", "replace"))
                self._pass(left)
                left, overlong = b"", True
        self._tail = left

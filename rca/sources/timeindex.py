"""When a large export's stretches are of, from an entry every so many bytes.

In: a file that can be read anywhere, and its framing. Out: an `Index`: for any stretch of bytes, the times that its
entries can have; None where the file is in no order. Decides whether it is in one. What it cannot see: an entry that
lies further from its place, within a stretch, than `SLACK_NS`.
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import orjson

from rca.normalize import Unreadable, stamped_ns
from rca.sources.framing import Framing
from rca.sources.shapes import as_entry
from rca.sources.spans import Range

STEP = 1 << 18
"""Bytes from one sampled entry to the next."""

SLACK_NS = 60 * 10**9
"""How far an entry may lie out of its order: clocks of instances, and batches on their way to Logging."""

_PROBES = (1 << 13, 1 << 17)
"""Bytes read to find a whole entry: most are shorter than the first, few longer than the second."""

_OUT_OF_ORDER = 0.05
"""Part of the steps that may go against the order; of more, the file is in none."""


@dataclass(frozen=True, slots=True)
class Index:
    """The times of the entries every `STEP` bytes; None where none could be read."""

    sampled: tuple[int | None, ...]

    @property
    def told(self) -> Iterable[int]:
        """All the times that it knows."""
        return (at for at in self.sampled if at is not None)

    def times_of(self, start: int, end: int) -> Range | None:
        """The earliest and latest time that an entry between these bytes can have; None where that is not known.

        Where the order is broken nearby, the times on both sides of the break count, and so all between them.
        """
        first, last = max(0, start // STEP - 1), end // STEP + 2
        near = self.sampled[first : last + 1]
        told = [at for at in near if at is not None]
        if len(told) < len(near) or not told:
            return None
        return min(told) - SLACK_NS, max(told) + SLACK_NS


def index_of(descriptor: int, framing: Framing) -> Index | None:
    """The index of an open file; None for one whose entries are in no order of time, or do not tell their time."""
    size = os.fstat(descriptor).st_size
    sampled = tuple(_sampled(descriptor, at, framing) for at in range(0, size, STEP))
    told = [at for at in sampled if at is not None]
    return Index(sampled) if told and _ordered(told) and len(told) > len(sampled) / 2 else None


def _sampled(descriptor: int, at: int, framing: Framing) -> int | None:
    for size in _PROBES:
        # From the byte before, so that an entry which begins right here is the first that begins.
        row = framing.first(os.pread(descriptor, size, max(0, at - 1)))
        if row is None:
            continue
        try:
            entry = as_entry(orjson.loads(row), bare=False)
            return None if entry is None else stamped_ns(entry)
        except (ValueError, Unreadable):
            return None
    return None


def _ordered(told: Sequence[int]) -> bool:
    steps = [later - earlier for earlier, later in pairwise(told)]
    ups, downs = sum(step > 0 for step in steps), sum(step < 0 for step in steps)
    against = (
        sum(step < -SLACK_NS for step in steps) if ups >= downs else sum(step > SLACK_NS for step in steps)
    )
    return against <= max(1, _OUT_OF_ORDER * len(steps))

"""What a report's own stamps say of the clock it was written by.

In: the time of the run as understood so far, and the lines of the report. Out: its start, and a warning with the basis.
Decides that a time without a zone is of the zone by which a quoted stamp of the run comes right after it; and that
a stated zone is wrong, and its time no instant, where the quoted stamps all lie whole hours away from it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from rca.cycles.outline import Outline
from rca.cycles.times import instant_in, instant_of, local_time

_STAMP = re.compile(
    r"(?<![\d-])(?P<iso>20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d))"
    r"|(?<![\d.])(?P<epoch>1[4-9]\d{8})(?:\.\d{1,9})?(?!\d)"
)
_ZONES_H = range(-12, 15)
_BEFORE = timedelta(minutes=1)
_RIGHT_AFTER = timedelta(minutes=2)
_DURING = timedelta(minutes=60)
_NEAR = timedelta(days=2)
_ENOUGH = 2
"""Stamps that must agree before a stated zone is called wrong."""

_MOST_STAMPS = 500


@dataclass(frozen=True, slots=True)
class Stamp:
    """An instant that the report quotes."""

    at: datetime
    line: int


@dataclass(frozen=True, slots=True)
class Understood:
    """The start of a run, and why it is that."""

    start: datetime | None
    warning: str | None = None


def understood(text: str | None, day: date | None, start: datetime | None, outline: Outline) -> Understood:
    """The run's start by its words and by the stamps that the report quotes.

    Args:
        text: The run's time as written.
        day: The report's date.
        start: What `text` states, where it names a zone.
        outline: The report.
    """
    local = local_time(text, day)
    if local is None:
        return Understood(start)
    # A stamp in the run's own words is no witness of it.
    stamps = [one for one in _stamps(outline) if abs(one.at - local) < _NEAR and one.at != start]
    if start is None:
        return _placed(str(text), local, stamps)
    return _checked(str(text), start, stamps)


def _stamps(outline: Outline) -> Iterator[Stamp]:
    found = 0
    for block in outline.blocks:
        cells = [block.text, *(cell for row in block.rows for cell in row.cells)]
        for match in (match for cell in cells for match in _STAMP.finditer(cell[:2000])):
            at = instant_of(int(match["epoch"])) if match["epoch"] else instant_in(match["iso"])[0]
            if at is not None:
                yield Stamp(at, block.line)
                found += 1
        if found >= _MOST_STAMPS:
            return


def _placed(text: str, local: datetime, stamps: list[Stamp]) -> Understood:
    """A time without a zone, by the stamp that comes right after it in one zone; the nearest one counts."""
    fits = [
        (stamp.at - (local - timedelta(hours=hours) + days), hours, days, stamp)
        for stamp in stamps
        for hours in _ZONES_H
        for days in (timedelta(), timedelta(days=1), timedelta(days=-1))  # a local time beside a UTC date
        if -_BEFORE <= stamp.at - (local - timedelta(hours=hours) + days) <= _RIGHT_AFTER
    ]
    if not fits:
        return Understood(None)
    _, hours, days, stamp = min(fits, key=lambda fit: (abs(fit[2]), abs(fit[0])))
    basis = f"read as UTC{hours:+d}, by the stamp {stamp.at:%Y-%m-%dT%H:%M:%SZ} in line {stamp.line}"
    return Understood(local - timedelta(hours=hours) + days, f'the time "{text[:60]}" names no zone: {basis}')


def _checked(text: str, start: datetime, stamps: list[Stamp]) -> Understood:
    """A stated instant, unless every stamp lies the same whole hours from it; then it is none."""
    away = {round((stamp.at - start - _DURING / 2) / timedelta(hours=1)) for stamp in stamps}
    if len({stamp.at for stamp in stamps}) < _ENOUGH or len(away) != 1 or away == {0}:
        return Understood(start)
    hours = away.pop()
    if -hours not in _ZONES_H:
        return Understood(start)
    first = min(stamps, key=lambda stamp: stamp.at)
    basis = (
        f"the report's stamps, from {first.at:%Y-%m-%dT%H:%M:%SZ} in line {first.line} on, fit UTC{-hours:+d}"
    )
    return Understood(None, f'the zone of the time "{text[:60]}" is wrong: {basis}')

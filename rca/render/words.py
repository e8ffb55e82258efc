"""Values of a report in the words a reader expects: times, durations, counts, spans.

In: times, seconds, numbers. Out: short plain text of our own making, which needs no escaping. Decides precision:
what two events a reader compares need, and no more.
"""

from collections.abc import Sequence
from datetime import date, datetime

NOTHING = "\u2013"
"""An empty cell: a dash says that nothing is known, where a gap could be a mistake."""

_MINUTE, _HOUR = 60, 3600
_PAIR = 2
"""English has a word for all of two."""


def clock(at: datetime | None, day: date | None = None, digits: int = 3) -> str:
    """Return a time of day in UTC, `11:48:40.204`; with its date where that is not `day`."""
    if at is None:
        return NOTHING
    text = f"{at:%H:%M:%S}"
    if digits:
        text += f".{at.microsecond:06d}"[: digits + 1]
    return text if day is None or at.date() == day else f"{at:%Y-%m-%d} {text}"


def span(start: datetime | None, end: datetime | None) -> str:
    """Return a span with its date said once, the date, both times of day, UTC; empty without both ends."""
    if start is None or end is None:
        return ""
    return f"{start:%Y-%m-%d} {clock(start, digits=0)}\u2013{clock(end, start.date(), digits=0)} UTC"


def life(seconds: float | None) -> str:
    """Return a duration with about three digits: `67 ms`, `4.2 s`, `5 min 12 s`, `1 h 02 min`."""
    if seconds is None:
        return NOTHING
    if seconds < 0:
        return f"-{life(-seconds)}"
    if seconds < 0.9995:  # noqa: PLR2004 - what would round to 1000 ms is a second
        return f"{seconds * 1000:.0f} ms"
    if seconds < _MINUTE - 0.05:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE:02d} s"
    return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE:02d} min"


def count(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun: `1 test`, `3 tests`."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def of_failing(explained: int, failing: int) -> str:
    """Return how many of the failing tests are meant: `all 3 failing tests`, `2 of 3 failing tests`."""
    if failing == 1 and explained == 1:
        return "the one failing test"
    if explained == failing == _PAIR:
        return "both failing tests"
    return (
        f"all {failing} failing tests" if explained == failing else f"{explained} of {failing} failing tests"
    )


def listed(items: Sequence[str], most: int) -> str:
    """Return items with commas, those past `most` counted: `a, b and 3 more`."""
    if len(items) <= most:
        return ", ".join(items)
    return f"{', '.join(items[:most])} and {len(items) - most} more"


def confidence(value: float, *, calibrated: bool) -> str:
    """Return a confidence, marked where no labelled incidents stand behind the number."""
    return f"confidence {value:.2f}" + ("" if calibrated else ", not calibrated")

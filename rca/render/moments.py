"""One order of events for every format: the report's moments, with its tests and sockets among them.

In: a `Report`. Out: `Moment`s, oldest first. Decides what happens first at the same instant, and how tests come onto
the logs' clock.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import groupby

from rca.contract import Moment, Report, ReportClose, ReportTest
from rca.quote import quote
from rca.render import words

_ORDER = {"test": 0, "socket": 1, "close": 3}
"""At the same moment a test comes before its socket, and a close after what led to it."""

_OTHERS = 2


def moments_of(report: Report) -> tuple[Moment, ...]:
    """Return everything that has a time, oldest first; texts quote foreign words as `rca.quote` does.

    Tests and sockets are added where the report's own timeline holds no moments of their kind.
    """
    return tuple(sorted(_all(report), key=lambda moment: (moment.at, _ORDER.get(moment.kind, _OTHERS))))


def runs(moments: tuple[Moment, ...]) -> Iterator[tuple[Moment, Moment, int]]:
    """Yield each run of moments that say the same on one day: its first, its last, how many."""
    for _, run in groupby(moments, key=lambda moment: (moment.at.date(), moment.kind, moment.text)):
        same = list(run)
        yield same[0], same[-1], len(same)


def ended(close: ReportClose) -> str:
    """Return how a connection ended, `1011 by the server`; the reason is another matter."""
    if close.status is not None:
        return f"HTTP {close.status}"
    code = "no code" if close.code is None else f"{close.code}"
    by = {"unknown": "", "nobody": ", no close frame"}
    return code + by.get(close.initiator, f" by the {close.initiator}")


def whose(close: ReportClose) -> str:
    """Return the tests that a connection served, quoted; without any, the connection itself."""
    if close.tests:
        return words.listed([quote(name, 60) for name in close.tests], 3)
    return f"socket {quote(close.connection, 40)}" if close.connection else "a socket of no test"


def _all(report: Report) -> Iterator[Moment]:
    kinds = {moment.kind for moment in report.timeline}
    yield from report.timeline
    if "test" not in kinds:
        for test in report.tests:
            yield from _started(test, report.clock_offset_s or 0.0)
    for close in report.closes:
        if "socket" not in kinds and close.opened_at is not None:
            yield Moment(close.opened_at, "socket", f"opened for {whose(close)}", (), close.instance)
        if "close" not in kinds and close.timestamp is not None:
            reason = f" {quote(close.reason, 60)}" if close.reason else ""
            after = f" after {words.life(close.lifetime_s)}" if close.lifetime_s is not None else ""
            text = f"{ended(close)}{reason}{after}: {whose(close)}"
            yield Moment(close.timestamp, "close", text, close.evidence, close.instance)


def _started(test: ReportTest, offset_s: float) -> Iterator[Moment]:
    if test.started_at is not None:
        yield Moment(
            moved(test.started_at, -offset_s),
            "test",
            f"{quote(test.name, 60)} starts; it {_TOLD[test.outcome]}",
            (),
        )


def moved(at: datetime, by_s: float) -> datetime:
    """Return a time moved; where the calendar ends, the time itself: a saved report may hold anything."""
    try:
        return at + timedelta(seconds=by_s)
    except OverflowError:
        return at


_TOLD = {"passed": "passes", "failed": "fails", "error": "ends in an error", "skipped": "is skipped"}

"""The report's timeline as plain text for a terminal: what happened in which order, and how far apart.

In: a `Report`. Out: text of at most `width` columns, without color. Decides how tests, sockets and events share one
axis, and folds what repeats. Foreign text is shown with its control characters escaped, so it cannot steer the
terminal it is printed on.
"""

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from rca.contract import Report, ReportClose
from rca.quote import cut
from rca.render import words
from rca.render.inert import plain

NARROWEST = 60
_KIND = 10
_GAP = 9
_TIME = 12
_NAME = 24
_END = 20
"""Columns: kind of event, distance to the line before, time of day, a test's name, how a socket ended."""


@dataclass(frozen=True, slots=True)
class _Line:
    """One thing that happened."""

    at: datetime
    kind: str
    text: str
    cites: str = ""


def render(report: Report, width: int = 100) -> str:
    """Return the timeline, oldest first, ending in a line feed; times are UTC, tests shifted to the logs' clock.

    `width`: columns of the terminal; below 60, 60 are used.
    """
    width = max(width, NARROWEST)
    lines = sorted(_lines(report), key=lambda line: (line.at, _ORDER.get(line.kind, 2)))
    parts = [_title(report), *_bars(report.closes, width), *_events(lines, width)]
    if not lines:
        parts.append("No test, socket or event has a time.")
    return "\n".join(part.rstrip() for part in parts) + "\n"


_ORDER = {"test": 0, "socket": 1, "close": 3}
"""At the same moment a test comes before its socket, and a close after what led to it."""


def _title(report: Report) -> str:
    cycle = report.cycle
    told = [f"cycle {cycle.number}" if cycle and cycle.number is not None else "timeline"]
    told += [f"{cycle.date}"] if cycle and cycle.date else []
    told.append("times in UTC")
    if report.clock_offset_s:
        told.append(f"tests moved by {-report.clock_offset_s:+.2f} s to the logs' clock")
    return ", ".join(told)


def _lines(report: Report) -> Iterator[_Line]:
    """Yield what has a time: the report's moments, and tests and sockets where it holds no moments of them."""
    kinds = {moment.kind for moment in report.timeline}
    for moment in report.timeline:
        text = plain(moment.text)
        missing = [f"[{one}]" for one in moment.evidence if f"[{one}]" not in text]
        yield _Line(moment.at, plain(moment.kind), text, " ".join(missing))
    if "test" not in kinds:
        offset = timedelta(seconds=report.clock_offset_s or 0.0)
        for test in report.tests:
            if test.started_at is not None:
                yield _Line(test.started_at - offset, "test", f"{plain(test.name)} starts, {test.outcome}")
    for close in report.closes:
        if "socket" not in kinds and close.opened_at is not None:
            yield _Line(close.opened_at, "socket", f"opened: {_whose(close)}")
        if "close" not in kinds and close.timestamp is not None:
            yield _Line(
                close.timestamp, "close", _ended(close), " ".join(f"[{one}]" for one in close.evidence)
            )


def _ended(close: ReportClose) -> str:
    reason = f" `{cut(plain(close.reason), 60)}`" if close.reason else ""
    after = f" after {words.life(close.lifetime_s)}" if close.lifetime_s is not None else ""
    return f"{_code(close)}{reason}{after}: {_whose(close)}"


def _code(close: ReportClose) -> str:
    code = "no code" if close.code is None else str(close.code)
    by = {"unknown": "", "nobody": ", no close frame"}.get(close.initiator, f" by {close.initiator}")
    return code + by


def _whose(close: ReportClose) -> str:
    return plain(words.listed(close.tests, 3)) or f"socket {plain(close.connection or 'of no test')}"


def _bars(closes: Sequence[ReportClose], width: int) -> Iterator[str]:
    """Yield one line a socket: its life as a bar on an axis that all share."""
    lived = [close for close in closes if close.opened_at is not None and close.timestamp is not None]
    if not lived:
        return
    ends = [close.timestamp for close in lived if close.timestamp is not None]
    starts = [close.opened_at for close in lived if close.opened_at is not None]
    first, last = min(starts), max(ends)
    room = width - _NAME - _END - 4
    whole = max((last - first).total_seconds(), 1e-6)
    yield ""
    yield f"{'':{_NAME}}  {words.clock(first):<{room - _TIME}}{words.clock(last):>{_TIME}}"
    for close, start, end in sorted(zip(lived, starts, ends, strict=True), key=lambda one: one[1]):
        # Rounded so that a bar never leaves the axis, and never vanishes: the last column is the close.
        left = min(room - 1, int((start - first).total_seconds() / whole * (room - 1)))
        right = min(room - 1, max(left, round((end - first).total_seconds() / whole * (room - 1))))
        bar = " " * left + "=" * (right - left) + "x"
        name = cut(_whose(close), _NAME)
        how = f"{_short(close)} {words.life(close.lifetime_s)}"
        yield f"{name:<{_NAME}}  {bar:<{room}}  {how}"


def _short(close: ReportClose) -> str:
    return f"{close.code or '-'} {close.initiator}"


def _events(lines: Iterable[_Line], width: int) -> Iterator[str]:
    """Yield the events with their distance to the one before; a run of the same is one line."""
    before: datetime | None = None
    for _, run in groupby(lines, key=lambda line: (line.at.date(), line.kind, line.text)):
        same = list(run)
        first, last = same[0], same[-1]
        if before is None or before.date() != first.at.date():
            yield ""
            yield f"{first.at:%Y-%m-%d}"
        gap = "" if before is None else f"+{words.life((first.at - before).total_seconds())}"
        again = f" ({len(same)} times until {words.clock(last.at)})" if len(same) > 1 else ""
        head = f"{words.clock(first.at):<{_TIME}} {gap:>{_GAP}}  {cut(first.kind, _KIND):<{_KIND}} "
        yield textwrap.fill(
            " ".join(filter(None, [first.text + again, first.cites])) or "-",
            width,
            initial_indent=head,
            subsequent_indent=" " * len(head),
        )
        before = last.at

"""The report's timeline as plain text for a terminal: what happened in which order, and how far apart.

In: a `Report`. Out: text of at most `width` columns, without color. Decides how sockets share one axis, and folds
what repeats. Foreign text is shown with its control characters escaped, so it cannot steer the terminal.
"""

import textwrap
from collections.abc import Iterator, Sequence
from datetime import datetime

from rca.contract import Report, ReportClose
from rca.quote import cut
from rca.render import words
from rca.render.inert import plain
from rca.render.moments import moments_of, runs, whose

NARROWEST, WIDEST = 60, 1000
_KIND, _GAP, _TIME, _NAME, _END = 10, 10, 12, 24, 20
"""Columns: kind of event, distance to the line before, time of day, a test's name, how a socket ended."""


def render(report: Report, width: int = 100) -> str:
    """Return the timeline, oldest first, ending in a line feed; times are UTC, tests shifted to the logs' clock.

    `width`: columns of the terminal; below 60, 60 are used; of more than 1000, 1000.
    """
    width = min(max(width, NARROWEST), WIDEST)
    parts = [_title(report), *_bars(report.closes, width), *_events(report, width)]
    if len(parts) == 1:
        parts.append("No test, socket or event has a time.")
    return "\n".join(part.rstrip() for part in parts) + "\n"


def _title(report: Report) -> str:
    cycle = report.cycle
    told = [f"cycle {cycle.number}" if cycle and cycle.number is not None else "timeline"]
    told += [f"{cycle.date}"] if cycle and cycle.date else []
    told.append("times in UTC")
    if report.clock_offset_s:
        told.append(f"tests moved by {-report.clock_offset_s:+.2f} s to the logs' clock")
    return ", ".join(told)


def _bars(closes: Sequence[ReportClose], width: int) -> Iterator[str]:
    """Yield one line a socket: its life as a bar on an axis that all share."""
    lived = [
        (close.opened_at, close.timestamp, close) for close in closes if close.opened_at and close.timestamp
    ]
    spans = [(start, max(start, end), close) for start, end, close in lived if start and end]
    if not spans:
        return
    first, last = min(start for start, _, _ in spans), max(end for _, end, _ in spans)
    room = width - _NAME - _END - 4
    scale = (room - 1) / max((last - first).total_seconds(), 1e-6)
    yield ""
    yield f"{'':{_NAME}}  {words.clock(first):<{room - _TIME}}{words.clock(last):>{_TIME}}"
    for start, end, close in sorted(spans, key=lambda one: one[0]):
        # The x is the close; it is always drawn, so that a life too short for the axis does not vanish.
        left = int((start - first).total_seconds() * scale)
        right = max(left, round((end - first).total_seconds() * scale))
        bar = " " * left + "=" * (right - left) + "x"
        name = cut(plain(whose(close)).replace("`", ""), _NAME)
        how = f"{close.code or '-'} {close.initiator} {words.life(close.lifetime_s)}"
        yield f"{name:<{_NAME}}  {bar:<{room}}  {how}"


def _events(report: Report, width: int) -> Iterator[str]:
    """Yield the events with their distance to the one before; a run of the same is one line."""
    before = None
    for first, last, times in runs(moments_of(report)):
        if before is None or before.date() != first.at.date():
            yield ""
            yield f"{first.at:%Y-%m-%d}"
        again = f" ({times} times until {words.clock(last.at)})" if times > 1 else ""
        cites = " ".join(f"[{one}]" for one in first.evidence if f"[{one}]" not in first.text)
        head = f"{words.clock(first.at):<{_TIME}} {_gap(before, first.at)}  {cut(plain(first.kind), _KIND):<{_KIND}} "
        yield textwrap.fill(
            " ".join(filter(None, [plain(first.text) + again, cites])) or "-",
            width,
            initial_indent=head,
            subsequent_indent=" " * len(head),
        )
        before = last.at


def _gap(before: datetime | None, at: datetime) -> str:
    return f"{'' if before is None else '+' + words.life((at - before).total_seconds()):>{_GAP}}"

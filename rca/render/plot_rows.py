"""What the timeline's picture shows, before it is drawn: panels of rows of marks, by instance and revision.

In: a `Report`. Out: a `Picture`, its texts harmless for any format. Decides which row a mark stands in, which part of
the time is drawn large, and how much is drawn at all: what is left out is counted, in words.
"""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rca.contract import Evidence, Moment, Report, ReportClose, ReportTest
from rca.model import Outcome
from rca.quote import CLOSE, OPEN, cut
from rca.render import words
from rca.render.inert import is_label, plain
from rca.render.moments import ended, moved, whose

TESTS, SOCKETS, INSTANCES, EVENTS = 30, 40, 8, 400
"""At most so many are drawn: a picture of more is no picture."""

EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")

_SAID, _LABEL, _SHORT = 400, 30, 6
_LARGE = 2.5
"""How many times longer than its failing part the whole must be for that part to be drawn large."""

_IN_ORDER = frozenset({1000, 1001})
_LOUD = frozenset({"ERROR", "CRITICAL", "ALERT", "EMERGENCY"})
_OWN = frozenset({"test", "socket", "close"})
"""Kinds of moments that tests and connections tell of more exactly."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing that is drawn: a point in time, or with `until` a span of it."""

    kind: str
    at: datetime
    says: str
    """What a reader learns who points at it."""

    until: datetime | None = None
    cites: str | None = None
    """The evidence that it leads to."""

    note: str = ""
    """A word that is drawn beside it."""

    @property
    def end(self) -> datetime:
        """When it is over."""
        return self.until or self.at


@dataclass(frozen=True, slots=True)
class Row:
    """Marks on one line, with what the line is of."""

    label: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Panel:
    """Rows that belong together: the tests, the service, an instance."""

    title: str
    short: str
    rows: tuple[Row, ...]

    @property
    def marks(self) -> tuple[Mark, ...]:
        """All that is drawn in it."""
        return tuple(mark for row in self.rows for mark in row.marks)


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when, with room around."""

    start: datetime
    end: datetime

    @property
    def seconds(self) -> float:
        """How long it is; never 0."""
        return (self.end - self.start).total_seconds()


@dataclass(frozen=True, slots=True)
class Picture:
    """All that is drawn."""

    panels: tuple[Panel, ...]
    whole: Span
    large: Span
    """The failing part; the whole, where that is hardly longer."""

    left_out: tuple[str, ...]


def picture_of(report: Report) -> Picture | None:
    """Return what is drawn of a report, times by the logs' clock; None where nothing has a time."""
    ends = sorted((*report.closes, *report.refused), key=_began)
    timed = [end for end in ends if end.timestamp or end.opened_at]
    tests, no_time = _tests(report)
    by_instance: dict[str | None, list[Row]] = {}
    for close in timed[:SOCKETS]:
        by_instance.setdefault(close.instance, []).append(_socket(close))
    events = sorted(_events(report, timed), key=lambda one: one[1].at)
    panels = _panels(report, by_instance, events[:EVENTS])
    if tests:
        panels = (Panel("tests, by the logs' clock", "tests", tuple(tests[:TESTS])), *panels)
    marks = [mark for panel in panels for mark in panel.marks]
    if not marks:
        return None
    whole = _padded(marks)
    bad = [mark for mark in marks if mark.kind in _FAILING]
    large = _padded(bad) if bad else whole
    counts = (
        (no_time, "test without a time", "tests without a time"),
        (len(tests) - TESTS, "more test", "more tests"),
        (len(timed) - SOCKETS, "more connection", "more connections"),
        (len(events) - EVENTS, "more event", "more events"),
    )
    left = tuple(words.count(number, one, many) for number, one, many in counts if number > 0)
    return Picture(panels, whole, large if whole.seconds > _LARGE * large.seconds else whole, left)


def milliseconds(at: datetime, since: datetime = EPOCH) -> float:
    """Return a time as JavaScript counts it, with what is below a millisecond as a fraction."""
    return (at - since) / timedelta(milliseconds=1)


_FAILING = frozenset({"failing test", "connection", "failed end", "cause"})


def _began(close: ReportClose) -> float:
    at = close.opened_at or close.timestamp
    return at.timestamp() if at else 0.0


def _tests(report: Report) -> tuple[list[Row], int]:
    """Return a row a test that has a time, those kept in their order, and how many have none."""
    offset_s = report.clock_offset_s or 0.0
    ids = {one.id for one in report.evidence if is_label(one.id)}
    rows = [
        (test.name not in report.failing_tests, number, _test(test, moved(test.started_at, -offset_s), ids))
        for number, test in enumerate(report.tests)
        if test.started_at is not None
    ]
    ranked = [(number, row) for _, number, row in sorted(rows, key=lambda one: one[:2])]
    kept = [row for _, row in sorted(ranked[:TESTS], key=lambda one: one[0])]
    return [*kept, *(row for _, row in ranked[TESTS:])], len(report.tests) - len(rows)


def _test(test: ReportTest, at: datetime, ids: Container[str]) -> Row:
    kind = {Outcome.PASSED: "passing test", Outcome.SKIPPED: "skipped test"}.get(test.outcome, "failing test")
    lasts = f", {words.life(test.duration_s)}" if test.duration_s is not None else ""
    says = _said(at, f"{test.name} {test.outcome}{lasts}", test.error or "")
    until = moved(at, max(test.duration_s or 0.0, 0.0))
    return Row(_short(test.name), (Mark(kind, at, says, until, test.id if test.id in ids else None),))


def _socket(close: ReportClose) -> Row:
    """Return a connection's row: its life, and its end with the code."""
    label = _short(_bare(whose(close)))
    told = f"{ended(close)} {close.reason or ''}".strip()
    lived = f" after {words.life(close.lifetime_s)}" if close.lifetime_s is not None else ""
    cites = next(filter(is_label, close.evidence), None)
    tied = close.tie or ""
    marks = []
    if close.opened_at is not None:
        until = max(close.opened_at, close.timestamp or close.opened_at)
        says = _said(close.opened_at, f"connection of {label}, {told}{lived}", tied)
        marks.append(Mark("connection", close.opened_at, says, until, cites))
    if close.timestamp is not None:
        kind = "good end" if close.code in _IN_ORDER and close.status is None else "failed end"
        says = _said(close.timestamp, f"{told}{lived}: {label}", tied)
        marks.append(Mark(kind, close.timestamp, says, None, cites, _code(close)))
    return Row(label, tuple(marks))


def _code(close: ReportClose) -> str:
    return str(close.status or close.code or "")


def _events(report: Report, ends: Sequence[ReportClose]) -> Iterator[tuple[str | None, Mark]]:
    """Yield what happened on an instance or to the service: causes, other errors, platform, deploys."""
    known = {one.id: one for one in report.evidence}
    drawn = {at for close in ends for at in (close.opened_at, close.timestamp)}
    cited: set[str] = set()
    caused = False
    for moment in report.timeline:
        if moment.kind in _OWN and (moment.at in drawn or moment.kind == "test"):
            continue
        kind = _KINDS.get(moment.kind, "platform")
        caused |= kind == "cause"
        cited.update(moment.evidence)
        yield moment.instance, _event(moment, kind, known)
    causes = {one for cause in report.causes for one in cause.evidence}
    for one in report.evidence:
        at = one.timestamp
        if at is None or one.id in cited or one.severity not in _LOUD or (one.log or "").endswith("requests"):
            continue
        if one.id in causes and caused:
            continue
        kind = "cause" if one.id in causes else "other error"
        yield one.instance, Mark(kind, at, _said(at, f"{kind}: {one.text}"), None, _cited((one.id,)))


_KINDS: Mapping[str, str] = {
    "cause": "cause",
    "exception": "cause",
    "deploy": "deploy",
    "platform": "platform",
    "socket": "connection",
    "close": "failed end",
}


def _event(moment: Moment, kind: str, known: Mapping[str, Evidence]) -> Mark:
    entry = next((known[one] for one in moment.evidence if one in known), None)
    text = entry.text if entry and entry.text not in moment.text else ""
    says = _said(moment.at, f"{moment.kind}: {_bare(moment.text)}", text)
    return Mark(kind, moment.at, says, None, _cited(moment.evidence))


def _cited(evidence: Iterable[str]) -> str | None:
    return next(filter(is_label, evidence), None)


def _panels(
    report: Report, sockets: Mapping[str | None, list[Row]], events: Sequence[tuple[str | None, Mark]]
) -> tuple[Panel, ...]:
    """Return the service's panel, then one an instance, those with connections or the cause first."""
    revisions = {one.instance: one.revision for one in report.evidence if one.instance and one.revision}
    of_instance: dict[str | None, list[Mark]] = {}
    for instance, mark in events:
        of_instance.setdefault(instance, []).append(mark)
    names = {one for one in (*sockets, *of_instance) if one is not None}

    def order(instance: str) -> tuple[int, datetime, str]:
        marks = [*of_instance.get(instance, ()), *(m for row in sockets.get(instance, ()) for m in row.marks)]
        told = instance in sockets or any(mark.kind == "cause" for mark in marks)
        return (0 if told else 1, min(mark.at for mark in marks), instance)

    ordered = sorted(names, key=order)
    made = []
    for instance in ordered[:INSTANCES]:
        title = f"instance …{_tail(instance)}"
        if instance in revisions:
            title += f" · revision {_short(revisions[instance] or '', 60)}"
        made.append(
            _panel(title, f"…{_tail(instance)}", of_instance.get(instance, ()), sockets.get(instance, ()))
        )
    rest = ordered[INSTANCES:]
    if rest:
        marks = [mark for instance in rest for mark in of_instance.get(instance, ())]
        rows = [row for instance in rest for row in sockets.get(instance, ())]
        made.append(_panel(words.count(len(rest), "more instance"), f"{len(rest)} more", marks, rows))
    if None in sockets or None in of_instance:
        service = _panel(
            "the service: no instance named", "service", of_instance.get(None, ()), sockets.get(None, ())
        )
        made.insert(0, service)
    return tuple(made)


def _panel(title: str, short: str, events: Sequence[Mark], sockets: Sequence[Row]) -> Panel:
    rows = [Row("events", tuple(events))] if events else []
    return Panel(title, short, (*rows, *sockets))


def _padded(marks: Sequence[Mark]) -> Span:
    """Return the span of marks with room on either side; more on the right, where codes are written."""
    start, end = min(mark.at for mark in marks), max(mark.end for mark in marks)
    lasts_s = max((end - start).total_seconds(), 0.2)
    return Span(moved(start, -lasts_s * 0.04), moved(end, lasts_s * 0.09))


def _said(at: datetime, text: str, more: str = "") -> str:
    lines = "\n".join(filter(None, (plain(cut(part, _SAID)) for part in (text, more))))
    return f"{words.clock(at)} {lines}"


def _bare(text: str) -> str:
    """Return a sentence of ours without its quotation marks."""
    return text.replace(OPEN, "").replace(CLOSE, "")


def _short(text: str, limit: int = _LABEL) -> str:
    return cut(plain(text), limit)


def _tail(instance: str) -> str:
    return plain(instance[-_SHORT:])

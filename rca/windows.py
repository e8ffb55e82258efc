"""Which stretch of the logs tells of a cycle: first a span to search, then windows to read whole.

In: a cycle (or a moment, or nothing). Out: a `Search`; then, from the sockets that a probe of its span found,
the bursts that fit what the report tells. A date without a time of day is the common case: the span is then
[date - 14 h, date + 36 h), for a report may be written in any zone's local time, and is never read whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from itertools import pairwise

from rca import align
from rca.model import Cycle, Outcome, Socket, Test, Window
from rca.weights import weights

_MOST_APART = 12
"""Windows that are read one by one: of an API each costs calls."""


@dataclass(frozen=True, slots=True)
class Search:
    """Where to look, before any log is read."""

    span: Window | None
    """None: everything that the source holds."""

    exact: bool
    """True: read it whole. False: probe it, and read the bursts that fit."""

    apart: tuple[Window, ...] = ()
    """The parts of the span that matter, where they are few and lie far from each other; in order."""

    @property
    def windows(self) -> tuple[Window | None, ...]:
        """What there is to read; one None for everything."""
        return self.apart or (self.span,)


@dataclass(frozen=True, slots=True)
class Burst:
    """A stretch in which one client's requests could be this cycle's."""

    window: Window
    cost_per_test: float
    sockets: tuple[Socket, ...]


def search_of(cycle: Cycle, zone: tzinfo | None = None) -> Search:
    """The span in which a cycle's failures must lie, by the most exact time it tells."""
    w = weights().window
    starts = [test.started_at for test in cycle.tests if test.started_at]
    if starts:
        longest = max((test.duration_s or 0.0 for test in cycle.tests), default=0.0)
        return _round_starts(sorted(starts), timedelta(seconds=longest), timedelta(seconds=w.clock_slack_s))
    if cycle.run_start is not None:
        slack = timedelta(seconds=w.stated_slack_s)
        why = f"the time that the report states ({cycle.run_time_text}), an hour either way"
        return Search(Window(cycle.run_start - slack, cycle.run_start + slack, why), exact=False)
    if cycle.date is not None and zone is not None:
        midnight = datetime.combine(cycle.date, time(), tzinfo=zone).astimezone(UTC)
        return Search(Window(midnight, midnight + timedelta(days=1), f"{cycle.date} in {zone}"), exact=False)
    if cycle.date is not None:
        midnight = datetime.combine(cycle.date, time(), tzinfo=UTC)
        low, high = midnight - timedelta(hours=w.zone_slack_h), midnight + timedelta(hours=w.date_span_h)
        return Search(Window(low, high, f"the report's date, {cycle.date}, in any time zone"), exact=False)
    return Search(None, exact=False)


def _round_starts(starts: Sequence[datetime], longest: timedelta, slack: timedelta) -> Search:
    """The span of tests that began then; where they ran in batches far from each other, those apart."""
    why = "the tests' own times, with room for a wrong clock"
    apart: list[Window] = []
    for start in starts:
        window = Window(start - slack, start + longest + slack, why)
        if apart and window.start <= apart[-1].end:
            apart[-1] = Window(apart[-1].start, window.end, why)
        else:
            apart.append(window)
    while len(apart) > _MOST_APART:
        gaps = [later.start - earlier.end for earlier, later in pairwise(apart)]
        at = gaps.index(min(gaps))
        apart[at : at + 2] = [Window(apart[at].start, apart[at + 1].end, why)]
    return Search(Window(apart[0].start, apart[-1].end, why), exact=True, apart=tuple(apart))


def run_s(tests: Sequence[Test]) -> float | None:
    """How long the tests took together, in seconds; None where one that ran does not tell."""
    ran = [test.duration_s for test in tests if test.outcome is not Outcome.SKIPPED]
    told = [duration for duration in ran if duration is not None]
    return sum(told) if told and len(told) == len(ran) else None


def around(moment: datetime) -> Search:
    """The minutes around a moment, read whole."""
    slack = timedelta(seconds=weights().window.moment_s)
    return Search(
        Window(moment - slack, moment + slack, f"the moment asked for, {moment:%Y-%m-%d %H:%M:%S} UTC"),
        exact=True,
    )


def bursts(tests: Sequence[Test], sockets: Sequence[Socket], stated: datetime | None) -> tuple[Burst, ...]:
    """The stretches that could be this run, best first; those far worse than the best are left out.

    A time that the report states makes a nearer burst a little better, never a misfit right.
    """
    w = weights()
    ran = [test for test in tests if test.outcome is not Outcome.SKIPPED]
    most = w.align.fit_cost * len(ran)
    found = []
    for run in align.runs_of(sockets):
        if not ran or not any(socket.websocket or not socket.accepted for socket in run):
            continue
        if align.floor(ran, run) > most:
            continue
        fit = align.fit(ran, run, most=most)
        served = [socket for block in fit.blocks for socket in block]
        if not served or fit.per_test > w.align.fit_cost:
            continue
        window = _window_of(served)
        addresses = {request.remote_ip for one in served if (request := one.entry.request) is not None}
        cost = fit.per_test + w.align.address_weight * max(0, len(addresses) - 1) / len(ran)
        if stated is not None:
            cost += (
                abs((window.start - stated).total_seconds())
                / w.window.stated_slack_s
                * w.align.clear_margin
                / 2
            )
        found.append(Burst(window, cost, tuple(served)))
    found.sort(key=lambda burst: (burst.cost_per_test, burst.window.start))
    return tuple(b for b in _apart(found) if b.cost_per_test <= found[0].cost_per_test + w.align.clear_margin)


def _window_of(served: Sequence[Socket]) -> Window:
    w = weights().window
    start = min(socket.start for socket in served) - timedelta(seconds=w.pad_before_s)
    end = max(socket.end or socket.start for socket in served) + timedelta(seconds=w.pad_after_s)
    return Window(start, end, "the burst of requests that fits the tests' order, durations and outcomes")


def _apart(found: Sequence[Burst]) -> list[Burst]:
    """The bursts without those that overlap a better one (the same run, seen as another client)."""
    kept: list[Burst] = []
    for burst in found:
        if all(burst.window.end <= one.window.start or one.window.end <= burst.window.start for one in kept):
            kept.append(burst)
    return kept


def within(span: Window | None, everything: Window) -> Window:
    """The part of a span that the source holds."""
    if span is None:
        return everything
    return Window(max(span.start, everything.start), min(span.end, everything.end), span.why)


def whole(first: datetime | None, last: datetime | None) -> Window | None:
    """All that a source holds, as a window; None for an empty source."""
    if first is None or last is None:
        return None
    return Window(first, last + timedelta(microseconds=1), "being all that the source holds")

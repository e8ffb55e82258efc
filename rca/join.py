"""Tests and sockets joined: which connections and requests of the logs served which test of the cycle.

In: the cycle's tests and every socket of the windows. Out: a `Join`. Decides by trace id, where a test handed one to
the service and the logs carry it: that is exact, whatever the clocks say and whatever ran beside. Else decides which
client of the service was the test runner (the one whose requests fit the tests' order, durations, outcomes and times
best), and under which clock offset. What does not fit stays unjoined: no socket is better than another user's socket.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from statistics import median_low

from rca import align
from rca.model import Join, Kind, Outcome, Socket, Test
from rca.weights import weights

Served = dict[int, tuple[Socket, ...]]
"""Position of a test in the cycle -> the sockets that served it, by start."""

_LEEWAY = timedelta(seconds=0.3)
"""How far a socket may lie outside a test's time and be its own: a request is stamped as it arrives."""

_WHOLE_SECONDS = timedelta(seconds=1)
"""By how much tests may seem to overlap whose starts were cut to the second."""

_STAMPED = timedelta(seconds=0.05)
"""The same where they were not: durations are rounded."""


def join(tests: Sequence[Test], sockets: Sequence[Socket]) -> Join:
    """Each test has the sockets that served it; an empty tuple where it made none, or none fits."""
    ran = [i for i, test in enumerate(tests) if test.outcome is not Outcome.SKIPPED]
    traced = _by_trace(tests, ran, sockets)
    if not traced:
        laid = _by_time(tests, ran, sockets)
        return Join(_in_order(tests, laid.served), laid.offset_s, _none_traced(tests) + laid.basis, laid.cost)
    offset = align.offset_of([tests[i] for i in traced], list(traced.values()))
    rest = _beside(tests, [i for i in ran if i not in traced], sockets, traced, offset)
    basis = _traced(tests, ran, traced) + rest.basis
    return Join(_in_order(tests, {**traced, **rest.served}), offset, basis, rest.cost)


def _in_order(tests: Sequence[Test], served: Served) -> tuple[tuple[Socket, ...], ...]:
    return tuple(served.get(i, ()) for i in range(len(tests)))


# --- by trace id -----------------------------------------------------------------------------------------


def _by_trace(tests: Sequence[Test], ran: Sequence[int], sockets: Sequence[Socket]) -> Served:
    """The tests whose trace ids the logs carry, with the sockets that carry them."""
    owners = _owners(tests)
    found: dict[int, list[Socket]] = {}
    for socket in sorted(sockets, key=lambda one: (one.start, one.id)):
        owner = owners.get(_trace_of(socket))
        if owner is not None:
            found.setdefault(owner, []).append(socket)
    return {i: tuple(found[i]) for i in ran if i in found}


def _owners(tests: Sequence[Test]) -> dict[str, int]:
    """Trace id -> the one test that handed it to the service; an id that two tests carry is nobody's."""
    carried = Counter(one.lower() for test in tests for one in set(test.trace_ids))
    return {
        one.lower(): i for i, test in enumerate(tests) for one in test.trace_ids if carried[one.lower()] == 1
    }


def _trace_of(socket: Socket) -> str:
    return (socket.trace_id or "").lower()


def _traced(tests: Sequence[Test], ran: Sequence[int], traced: Served) -> str:
    """How many are joined by trace id, the failing ones first."""
    parts = []
    for word, group in (
        ("failing tests", [i for i in ran if tests[i].failed]),
        ("other tests", [i for i in ran if not tests[i].failed]),
    ):
        if group:
            parts.append(f"{sum(i in traced for i in group)} of {len(group)} {word}")
    return f"{' and '.join(parts)} are joined by trace id"


def _none_traced(tests: Sequence[Test]) -> str:
    """What must be said first where tests handed over trace ids, and no request came with one."""
    told = sum(bool(test.trace_ids) for test in tests)
    return (
        f"no request in the logs carries the trace id of any of {told} tests that sent one; " if told else ""
    )


# --- by time ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Laid:
    """Tests laid on sockets by order, durations, outcomes and times."""

    served: Served
    offset_s: float | None
    basis: str
    """By what they were laid; where they could not be, why not."""

    cost: float = 0.0

    @property
    def joined(self) -> int:
        """How many tests have a socket."""
        return sum(bool(block) for block in self.served.values())


def _by_time(tests: Sequence[Test], ran: Sequence[int], sockets: Sequence[Socket]) -> _Laid:
    """The tests laid on the requests of one client, under the offset that fits best; runs far apart each by itself."""
    runs = _runs(tests, ran)
    if len(runs) == 1:
        laid = _run_by_time(tests, ran, sockets)
        return replace(laid, basis=_said(tests, [laid]))
    slack = timedelta(seconds=weights().window.clock_slack_s)
    found = []
    for run, start, end in runs:
        near = [one for one in sockets if start - slack <= one.start <= end + slack]
        found.append(_run_by_time(tests, run, near))
    offsets = [laid.offset_s for laid in found if laid.offset_s is not None]
    return _Laid(
        {i: block for laid in found for i, block in laid.served.items()},
        median_low(offsets) if offsets else None,
        f"the tests ran in {len(runs)} runs far apart: " + _said(tests, found),
        sum(len(run) * laid.cost for (run, _, _), laid in zip(runs, found, strict=True)) / len(ran),
    )


def _said(tests: Sequence[Test], found: Sequence[_Laid]) -> str:
    """How many tests were laid, by what, and why others were not; each once."""
    joined = sum(laid.joined for laid in found)
    by = "; ".join(dict.fromkeys(laid.basis for laid in found if laid.joined))
    why_not = dict.fromkeys(laid.basis for laid in found if not laid.joined)
    return "; ".join([*([f"{joined} of {len(tests)} tests were {by}"] if joined else []), *why_not])


def _runs(tests: Sequence[Test], ran: Sequence[int]) -> list[tuple[list[int], datetime, datetime]]:
    """The tests that ran together, with when: parted where more time lies between them than clocks differ by."""
    begun = {i: start for i in ran if (start := tests[i].started_at) is not None}
    if not begun or len(begun) < len(ran):
        return [(list(ran), datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))]
    apart = 2 * timedelta(seconds=weights().window.clock_slack_s)
    runs: list[tuple[list[int], datetime, datetime]] = []
    for i in sorted(ran, key=lambda i: (begun[i], i)):
        end = begun[i] + timedelta(seconds=tests[i].duration_s or 0.0)
        if runs and begun[i] - runs[-1][2] <= apart:
            run, start, until = runs.pop()
            runs.append(([*run, i], start, max(until, end)))
        else:
            runs.append(([i], begun[i], end))
    return runs


def _run_by_time(tests: Sequence[Test], ran: Sequence[int], sockets: Sequence[Socket]) -> _Laid:
    those = [tests[i] for i in ran]
    runs = [run for run in align.runs_of(sockets) if _can_serve(run, those)]
    if not runs or not ran:
        return _Laid({}, None, _nothing(sockets))
    best = _best_fit(those, runs)
    if best is None or best.per_test > weights().align.fit_cost or not any(best.blocks):
        said = "no client's requests fit the tests: order, durations and outcomes differ"
        return _Laid({}, None, said + _at_once_words(those))
    kept, words = _told_apart(tests, dict(zip(ran, best.blocks, strict=True)), best.offset_s)
    return _Laid(kept, best.offset_s, f"laid on {_whose(best)} by {_by_what(best)}{words}", best.per_test)


def _best_fit(tests: Sequence[Test], runs: Sequence[Sequence[Socket]]) -> align.Fit | None:
    """The fit of the client whose requests tell the tests best; None where none has enough of them."""
    most = weights().align.fit_cost * len(tests)
    best, least = None, float("inf")
    by_floor = sorted((align.floor(tests, run), number) for number, run in enumerate(runs))
    for floor, number in by_floor:
        if floor > min(most, least):
            break
        found = align.fit(tests, runs[number], most=min(most, least))
        cost = found.cost + weights().align.offset_weight * abs(found.offset_s or 0.0)
        if cost < least:
            best, least = found, cost
    return best


def _beside(
    tests: Sequence[Test],
    left: Sequence[int],
    sockets: Sequence[Socket],
    traced: Served,
    offset_s: float | None,
) -> _Laid:
    """The tests that no trace joins, laid on what the same client asked besides, under the offset that is known."""
    if not left:
        return _Laid({}, offset_s, "")
    those = [tests[i] for i in left]
    best = align.fit(those, _free(tests, sockets, traced), offset_s)
    kept, words = _told_apart(tests, dict(zip(left, best.blocks, strict=True)), offset_s)
    joined = sum(bool(block) for block in kept.values())
    if best.per_test > weights().align.fit_cost or not any(best.blocks):
        said = f"; no request is left that fits the other {len(left)}"
        return _Laid({}, offset_s, said + _at_once_words(those))
    said = f"; of the other {len(left)}, {joined} were laid on the same client's requests by {_by_what(best)}"
    return _Laid(kept, offset_s, said + words, best.per_test)


def _free(tests: Sequence[Test], sockets: Sequence[Socket], traced: Served) -> list[Socket]:
    """What the client of the traced tests asked without a trace of any test, by start."""
    owned = _owners(tests).keys()
    own = [socket for block in traced.values() for socket in block]
    clients, agents = {one.client for one in own}, {_tool(one) for one in own} - {None}
    free = [s for s in sockets if _trace_of(s) not in owned and (s.client in clients or _tool(s) in agents)]
    return sorted(free, key=lambda one: (one.start, one.id))


def _tool(socket: Socket) -> str | None:
    """The user agent, where it is not one that many people have."""
    agent = socket.entry.request.user_agent if socket.entry.request else None
    return agent if agent and not agent.startswith("Mozilla/") else None


def _can_serve(run: Sequence[Socket], tests: Sequence[Test]) -> bool:
    """Whether a client opened a WebSocket, or failed; a cycle of HTTP tests needs neither."""
    if all(test.kind is not Kind.WEBSOCKET for test in tests):
        return True
    return any(request.websocket or not request.accepted for request in run)


def _nothing(sockets: Sequence[Socket]) -> str:
    if any(socket.websocket for socket in sockets):
        return "the tests could not be laid on the WebSockets of the logs"
    return "the logs hold no WebSocket request and no line that tells of a connection's opening"


def _whose(best: align.Fit) -> str:
    client = best.requests[0].client if best.requests else None
    agents = {r.entry.request.user_agent for r in best.requests if r.entry.request and r.websocket}
    return (
        f"the requests of one client ({', '.join(sorted(a for a in agents if a)) or client})"
        if client
        else "all sockets"
    )


def _by_what(best: align.Fit) -> str:
    if best.offset_s is None:
        return "order, durations and outcomes"
    return "order, durations, outcomes and start times"


# --- tests that ran side by side -------------------------------------------------------------------------


def _at_once(tests: Sequence[Test]) -> list[Test]:
    """The tests that ran while another of them did: such were not run in turn, and their order tells nothing."""
    timed = sorted((span, i) for i, test in enumerate(tests) if (span := _span(test)) is not None)
    found: set[int] = set()
    latest: tuple[datetime, int] | None = None
    for (start, end), i in timed:
        if latest is not None and start < latest[0]:
            found |= {i, latest[1]}
        if latest is None or end > latest[0]:
            latest = (end, i)
    return [tests[i] for i in sorted(found)]


def _span(test: Test) -> tuple[datetime, datetime] | None:
    """When a test surely ran; None where its start was added up, or its duration is not told."""
    if test.started_at is None or not test.start_exact or test.duration_s is None:
        return None
    unsure = _STAMPED if test.started_at.microsecond else _WHOLE_SECONDS
    end = test.started_at + timedelta(seconds=test.duration_s) - unsure
    return (test.started_at, end) if end > test.started_at else None


def _at_once_words(tests: Sequence[Test]) -> str:
    count = len(_at_once(tests))
    return f"; {count} of them ran at the same time as others, so their order tells nothing" if count else ""


def _told_apart(tests: Sequence[Test], served: Served, offset_s: float | None) -> tuple[Served, str]:
    """What was laid by time, without what fits two tests that ran at the same time; and that in words.

    The assignment keeps the order of the tests, which is right for tests that ran in turn and says nothing of others.
    """
    at_once = _at_once([tests[i] for i in served])
    if not at_once:
        return served, ""
    offset = timedelta(seconds=offset_s or 0.0)
    doubtful = {
        i
        for i, block in served.items()
        if any(tests[i] is one for one in at_once)
        and any(
            _could_serve(one, socket, offset) for one in at_once if one is not tests[i] for socket in block
        )
    }
    kept = {i: block for i, block in served.items() if i not in doubtful}
    words = f"; {len(at_once)} of them ran at the same time as others"
    if doubtful:
        words += (
            f", and {len(doubtful)} are left unjoined: their connections fit more than one test, and only a trace id"
            " would tell whose they were"
        )
    return kept, words


def _could_serve(test: Test, socket: Socket, offset: timedelta) -> bool:
    """Whether the socket lies within the test's time."""
    assert test.started_at is not None  # noqa: S101 - tests that ran at once have exact times
    low = test.started_at - offset - _LEEWAY
    high = low + timedelta(seconds=test.duration_s or 0.0) + 2 * _LEEWAY
    return low <= socket.start and (socket.end or socket.start) <= high

"""Which requests of a client served which tests: an order-keeping assignment under one clock offset.

In: tests in the order they ran, and one client's requests. Out: a `Fit`: the requests of each test, the
offset between the two clocks, and a cost (lower is better) that says how well this client's requests tell
this run. A test may own several requests (retries, concurrency, polling); a request may belong to none. Used
to find the run in a day of logs (`windows`) and to join tests to sockets (`join`).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import median

from rca import closes
from rca.model import Kind, Socket, Test
from rca.weights import AlignWeights, weights

_NORMAL = frozenset({1000, 1001, 1005})
_LOST = 1006

_AT_ONCE = timedelta(milliseconds=50)
"""Sockets that open so near to each other are one test's, also where no end is told."""

_EXACT_S, _ADDED_UP_S = 0.3, 0.5
"""How far a request may lie outside its test's time, by how the start is known."""

_MOST = 400
"""Requests of one client laid under the tests: the cost grows with tests x requests x block."""


@dataclass(frozen=True, slots=True)
class Fit:
    """One way to lay a cycle's tests over one client's requests."""

    requests: tuple[Socket, ...]
    blocks: tuple[tuple[Socket, ...], ...]
    """For each test that was given, in order, the requests it owns."""

    cost: float
    offset_s: float | None
    """Runner's clock minus the logs'; None where the tests carry no times."""

    @property
    def per_test(self) -> float:
        """Cost per test: comparable between runs of different length."""
        return self.cost / max(1, len(self.blocks))


def runs_of(sockets: Sequence[Socket]) -> tuple[tuple[Socket, ...], ...]:
    """The requests of each client, cut where it was silent for `burst_gap_s`; each run sorted by start.

    A client is a remote address, or a tool's user agent that came from several addresses (a runner behind
    address translation). Where the logs name neither, all requests are one client's.
    """
    by_client: dict[str | None, list[Socket]] = defaultdict(list)
    addresses: dict[str, set[str | None]] = defaultdict(set)
    for socket in sockets:
        by_client[socket.client].append(socket)
        agent = socket.entry.request.user_agent if socket.entry.request else None
        if agent and not agent.startswith("Mozilla/"):
            addresses[agent].add(socket.client)
    for agent in (agent for agent, seen in addresses.items() if len(seen) > 1):
        by_client[agent] = [s for s in sockets if s.entry.request and s.entry.request.user_agent == agent]
    runs = [run for group in by_client.values() for run in _cut(group)]
    return tuple(sorted(runs, key=lambda run: (run[0].start, run[0].id)))


def _cut(group: list[Socket]) -> list[tuple[Socket, ...]]:
    gap = timedelta(seconds=weights().window.burst_gap_s)
    ordered = sorted(group, key=lambda s: (s.start, s.id))
    runs: list[tuple[Socket, ...]] = []
    run, until = [ordered[0]], ordered[0].end or ordered[0].start
    for socket in ordered[1:]:
        if socket.start - until > gap:
            runs.append(tuple(run))
            run = []
        run.append(socket)
        until = max(until, socket.end or socket.start)
    return [*runs, tuple(run)]


def fit(tests: Sequence[Test], requests: Sequence[Socket]) -> Fit:
    """The cheapest order-keeping assignment, over the clock offsets that the tests' times allow."""
    few = _at_most(requests, _MOST)
    if not any(test.started_at for test in tests):
        return _assign(tests, few, None)
    tried = [
        _assign(tests, _at_most(_near(tests, requests, offset), _MOST), offset)
        for offset in _offsets(tests, requests)
    ]
    if not tried:
        return _assign(tests, few, None)
    best = min(tried, key=lambda one: (one.cost, abs(one.offset_s or 0.0)))
    return replace(best, offset_s=_offset_of(tests, best))


def _at_most(requests: Sequence[Socket], most: int) -> Sequence[Socket]:
    """The requests, or where they are too many to try them all, only the WebSockets, the first of them."""
    if len(requests) <= most:
        return requests
    return [request for request in requests if request.websocket][:most]


def _near(tests: Sequence[Test], requests: Sequence[Socket], offset: float) -> list[Socket]:
    """The requests that lie within a minute of the tests' time under an offset."""
    starts = [test.started_at for test in tests if test.started_at]
    longest = max((test.duration_s or 0.0 for test in tests), default=0.0)
    low = min(starts) - timedelta(seconds=offset + 60)
    high = max(starts) + timedelta(seconds=longest + 60 - offset)
    return [request for request in requests if low <= request.start <= high]


def _offsets(tests: Sequence[Test], requests: Sequence[Socket]) -> list[float]:
    """Offsets that would lay some test on some request of its kind, the often-named ones first."""
    most = weights().align.max_offset_s
    votes: dict[int, list[float]] = defaultdict(list)
    for test in tests:
        if test.started_at is None or test.kind is Kind.HTTP:
            continue
        for request in requests:
            if not request.websocket:
                continue
            offset = (test.started_at - request.start).total_seconds()
            zone = round(offset / 900) * 900
            if abs(offset) <= most or abs(offset - zone) <= most / 3:
                votes[round(offset)].append(offset)
    ranked = sorted(votes, key=lambda second: (-len(votes[second]), abs(second)))[:12]
    return [median(votes[second]) for second in ranked]


def _offset_of(tests: Sequence[Test], best: Fit) -> float | None:
    """Runner's clock minus the logs', from the first WebSocket of each test: the median."""
    exact, all_of = [], []
    for test, block in zip(tests, best.blocks, strict=True):
        sockets = [socket for socket in block if socket.websocket]
        if test.started_at is None or not sockets:
            continue
        difference = (test.started_at - sockets[0].start).total_seconds()
        all_of.append(difference)
        if test.start_exact:
            exact.append(difference)
    found = exact or all_of
    return round(median(found), 3) if found else None


def _assign(tests: Sequence[Test], requests: Sequence[Socket], offset: float | None) -> Fit:
    """Dynamic programming over tests and requests: a test takes a run of requests, or none."""
    w = weights().align
    skip = [_skip_cost(request, w) for request in requests]
    count = len(requests)
    busy_until = _busy_until(requests)
    best: list[list[float]] = [[0.0] * (count + 1)]
    for j in range(count):
        best[0][j + 1] = best[0][j] + skip[j]
    choice: list[list[tuple[int, bool]]] = [[(j - 1, False) for j in range(count + 1)]]
    for test in tests:
        before, row, chosen = best[-1], [0.0] * (count + 1), [(0, False)] * (count + 1)
        empty = w.empty_socket_test if test.kind is Kind.WEBSOCKET else w.empty_other_test
        for j in range(count + 1):
            cost, pick = before[j] + empty, (j, True)
            if j and row[j - 1] + skip[j - 1] < cost:
                cost, pick = row[j - 1] + skip[j - 1], (j - 1, False)
            for i in range(j - 1, max(-1, j - 1 - w.max_block), -1):
                taken = before[i] + _block_cost(test, requests[i:j], offset, w)
                if i and requests[i].start < busy_until[i - 1]:
                    taken += w.overlap
                if taken < cost:
                    cost, pick = taken, (i, True)
                if before[i] > cost + w.empty_socket_test * len(tests):
                    break
            row[j], chosen[j] = cost, pick
        best.append(row)
        choice.append(chosen)
    return Fit(tuple(requests), _walk_back(requests, choice), best[-1][count], offset)


def _walk_back(
    requests: Sequence[Socket], choice: Sequence[Sequence[tuple[int, bool]]]
) -> tuple[tuple[Socket, ...], ...]:
    blocks: list[tuple[Socket, ...]] = []
    row, j = len(choice) - 1, len(requests)
    while row > 0:
        i, taken = choice[row][j]
        if taken:
            blocks.append(tuple(requests[i:j]))
            row -= 1
        j = i
    return tuple(reversed(blocks))


def _busy_until(requests: Sequence[Socket]) -> list[datetime]:
    """For each request, until when it or an earlier WebSocket was open: tests run one after the other."""
    latest: list[datetime] = []
    for request in requests:
        end = (request.end or request.start + _AT_ONCE) if request.websocket else request.start
        latest.append(max(end, latest[-1]) if latest else end)
    return latest


def _skip_cost(request: Socket, w: AlignWeights) -> float:
    if request.client is None:
        return w.foreign_socket
    return w.skipped_socket if request.websocket else w.skipped_request


def _block_cost(test: Test, block: Sequence[Socket], offset: float | None, w: AlignWeights) -> float:
    """How badly these requests would fit this test: kind, duration, start, outcome."""
    sockets = [request for request in block if request.websocket]
    cost = 0.0
    if test.kind is Kind.WEBSOCKET and not sockets:
        return w.empty_socket_test + len(block) * w.skipped_request
    if test.kind is Kind.HTTP and sockets:
        cost += w.wrong_kind * len(sockets)
    elif test.kind is Kind.UNKNOWN and sockets:
        cost += w.unsaid_kind
    reach = sockets[0].end if sockets else None
    for socket in sockets[1:]:
        # Sockets open at the same time are one test's concurrency; one after the other they are rather two tests'.
        if reach is not None and socket.start > reach:
            cost += w.sequel
        reach = max(reach, socket.end) if reach and socket.end else socket.end
    start = block[0].start
    end = max(request.end or request.start for request in block)
    span = (end - start).total_seconds()
    if test.duration_s is not None:
        longer, shorter = span - test.duration_s, test.duration_s - span
        if longer > 0.1:  # noqa: PLR2004 - rounding of durations to 10 ms, and the flush of the close
            cost += min(4.0, w.duration_weight * longer / max(0.2, test.duration_s))
        elif shorter > 0:
            cost += min(1.0, 0.5 * shorter / max(1.0, test.duration_s))
    if offset is not None and test.started_at is not None:
        expected = test.started_at - timedelta(seconds=offset)
        late = (start - expected).total_seconds()
        leeway = _EXACT_S if test.start_exact else _ADDED_UP_S
        outside = max(-late - leeway, late - (test.duration_s or 0.0) - leeway, 0.0)
        cost += min(6.0, w.start_weight * outside)
    return cost + _outcome_cost(test, sockets or block, w)


def _outcome_cost(test: Test, served: Sequence[Socket], w: AlignWeights) -> float:
    failed = [request for request in served if _known_bad(request)]
    if not test.failed:
        return w.outcome_weight if failed else 0.0
    wording = closes.read_client(test.error)
    if wording is not None:
        # A client that saw a close code was let in; one that saw an HTTP status was not.
        refused = [request for request in served if not request.accepted]
        if wording.status is not None and all(request.status != wording.status for request in served):
            return w.outcome_weight
        if wording.code is not None and len(refused) == len(served):
            return w.outcome_weight
    good = [request for request in served if request.close and request.close.code in _NORMAL]
    return w.outcome_weight / 4 if len(good) == len(served) else 0.0


def _known_bad(request: Socket) -> bool:
    """Whether the logs tell that it failed. A server's own 1006 only says that its peer sent no close frame."""
    if not request.accepted:
        return True
    return request.close is not None and request.close.code not in {*_NORMAL, _LOST, None}

"""Which requests of a client served which tests: an order-keeping assignment under one clock offset.

In: tests in the order they ran, and one client's requests. Out: a `Fit`: the requests of each test, the
offset between the two clocks, and a cost (lower is better) that says how well this client's requests tell
this run. A test may own several requests (retries, concurrency, polling); a request may belong to none. Used
to find the run in a day of logs (`windows`) and to join tests to sockets (`join`).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from statistics import median

from rca.blocks import Expected, Laid
from rca.model import Kind, Socket, Test
from rca.weights import weights

_OFFSETS = 8
"""Clock offsets tried: those that would lay most tests on some request."""

_APART_S = 1
"""Seconds between offsets that are tried: nearer ones lay the tests on the same requests."""

_ZONE_S = 900

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


_NOTHING = Fit((), (), float("inf"), None)


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


def floor(tests: Sequence[Test], requests: Sequence[Socket]) -> float:
    """What `fit` costs at least: each WebSocket test needs a WebSocket, or a request that was refused, of its own."""
    wanting = sum(test.kind is Kind.WEBSOCKET for test in tests)
    able = sum(request.websocket or not request.accepted for request in requests)
    return weights().align.empty_socket_test * max(0, wanting - able)


def fit(
    tests: Sequence[Test],
    requests: Sequence[Socket],
    known_offset_s: float | None = None,
    most: float = float("inf"),
) -> Fit:
    """The cheapest order-keeping assignment, over the clock offsets that the tests' times allow.

    Args:
        tests: In the order they ran.
        requests: One client's.
        known_offset_s: The one offset to lay them under, where it is known from elsewhere.
        most: What the caller would take; if each must cost more, the fit has no blocks, and its cost no bound.
    """
    if not any(test.started_at for test in tests):
        return _assign(tests, Laid(_at_most(requests, _MOST)), None, most)
    if known_offset_s is not None:
        known = _near(tests, requests, known_offset_s)
        return _assign(tests, Laid(_at_most(known, _MOST)), known_offset_s, most)
    laid: dict[tuple[str, ...], Laid] = {}  # offsets that differ little lay the tests on the same requests
    best, least = _NOTHING, (float("inf"), 0.0)
    for offset in _offsets(tests, requests):
        near: Sequence[Socket] = _at_most(_near(tests, requests, offset), _MOST)
        key = tuple(request.id for request in near)
        if key not in laid:
            laid[key] = Laid(near)
        clock = _clock_cost(offset)
        found = _assign(tests, laid[key], offset, min(most, least[0] - clock))
        if (found.cost + clock, abs(offset)) < least:
            best, least = found, (found.cost + clock, abs(offset))
    return replace(best, offset_s=offset_of(tests, best.blocks)) if best.blocks else best


def _clock_cost(offset_s: float) -> float:
    """Of offsets that fit alike the least is likelier, whole time zones aside."""
    return weights().align.offset_weight * min(abs(offset_s), abs(_off_the_hour(offset_s)))


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
    """None at all, then offsets that would lay some test on some request of its kind, the often-named ones first."""
    most = weights().align.max_offset_s
    votes: dict[int, set[int]] = defaultdict(set)
    told: dict[int, list[float]] = defaultdict(list)
    for number, test in enumerate(tests):
        if test.started_at is None or test.kind is Kind.HTTP:
            continue
        for request in requests:
            offset = (test.started_at - request.start).total_seconds()
            tells = (
                request.websocket or not request.accepted
            )  # a refused handshake is told as a plain request
            if not tells or not (abs(offset) <= most or abs(_off_the_hour(offset)) <= most / 3):
                continue
            told[round(offset)].append(offset)
            # A start that was added up may be too early: the clock may then be less far off.
            for second in range(round(offset), round(offset + test.start_slack_s) + 1):
                votes[second].add(number)
    ranked = sorted(votes, key=lambda second: (-len(votes[second]), abs(second)))
    chosen: list[int] = []
    for second in ranked:
        if all(abs(second - other) > _APART_S for other in chosen):
            chosen.append(second)
    return [0.0, *(median(told.get(second) or [float(second)]) for second in chosen[:_OFFSETS])]


def _off_the_hour(offset_s: float) -> float:
    """How far an offset is from whole quarter hours, as time zones differ by."""
    return offset_s - round(offset_s / _ZONE_S) * _ZONE_S


def offset_of(tests: Sequence[Test], blocks: Sequence[Sequence[Socket]]) -> float | None:
    """Runner's clock minus the logs': the least that puts no WebSocket before its test; None where none can tell.

    Starts that were added up drift away from the truth, never towards it, so the largest difference is the nearest.
    """
    exact, all_of = [], []
    for test, block in zip(tests, blocks, strict=True):
        sockets = [socket for socket in block if socket.websocket]
        if test.started_at is None or not sockets:
            continue
        difference = (test.started_at - sockets[0].start).total_seconds()
        all_of.append(difference)
        if test.start_exact:
            exact.append(difference)
    found = exact or all_of
    return round(max(found), 3) + 0.0 if found else None


def _assign(tests: Sequence[Test], laid: Laid, offset: float | None, most: float) -> Fit:
    """Dynamic programming over tests and requests: a test takes a run of requests, or none.

    Gives up where it must cost more than `most`: no test makes an assignment cheaper.
    """
    requests = laid.requests
    count = len(requests)
    row = [0.0]
    for skip in laid.skip:
        row.append(row[-1] + skip)
    choice: list[list[tuple[int, bool]]] = [[(j - 1, False) for j in range(count + 1)]]
    for test in tests:
        before, chosen = row, [(0, True)] * (count + 1)
        fit = Expected(test, offset, laid)
        row = [before[0] + fit.empty]
        for j in range(1, count + 1):
            cost, pick = before[j] + fit.empty, (j, True)
            if row[j - 1] + laid.skip[j - 1] < cost:
                cost, pick = row[j - 1] + laid.skip[j - 1], (j - 1, False)
            for i, block in fit.blocks(j) if j in fit.ends else ():
                if before[i] + block < cost:
                    cost, pick = before[i] + block, (i, True)
            row.append(cost)
            chosen[j] = pick
        choice.append(chosen)
        if min(row) > most:
            return _NOTHING
    return Fit(requests, _walk_back(requests, choice), row[count], offset)


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

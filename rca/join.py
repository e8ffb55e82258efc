"""Tests and sockets joined: which connections and requests of the logs served which test of the cycle.

In: the cycle's tests and every socket of the windows. Out: a `Join`. Decides which client of the service was
the test runner (the one whose requests fit the tests' order, durations, outcomes and times best), and under
which clock offset. What does not fit stays unjoined: no socket is better than another user's socket.
"""

from collections.abc import Sequence

from rca import align
from rca.model import Join, Kind, Outcome, Socket, Test
from rca.weights import weights


def join(tests: Sequence[Test], sockets: Sequence[Socket]) -> Join:
    """Each test has the sockets that served it; an empty tuple where it made none, or none fits."""
    ran = [i for i, test in enumerate(tests) if test.outcome is not Outcome.SKIPPED]
    empty: list[tuple[Socket, ...]] = [() for _ in tests]
    runs = [run for run in align.runs_of(sockets) if _can_serve(run, [tests[i] for i in ran])]
    if not runs or not ran:
        return Join(tuple(empty), None, _nothing(sockets))
    fits = [align.fit([tests[i] for i in ran], run) for run in runs]
    best = min(fits, key=lambda one: one.cost + weights().align.offset_weight * abs(one.offset_s or 0.0))
    if best.per_test > weights().align.fit_cost:
        return Join(
            tuple(empty), None, "no client's requests fit the tests: order, durations and outcomes differ"
        )
    for i, block in zip(ran, best.blocks, strict=True):
        empty[i] = block
    return Join(tuple(empty), best.offset_s, _basis(best, tests), best.per_test)


def _can_serve(run: Sequence[Socket], tests: Sequence[Test]) -> bool:
    """Whether a client opened a WebSocket, or failed; a cycle of HTTP tests needs neither."""
    if all(test.kind is not Kind.WEBSOCKET for test in tests):
        return True
    return any(request.websocket or not request.accepted for request in run)


def _nothing(sockets: Sequence[Socket]) -> str:
    if any(socket.websocket for socket in sockets):
        return "the tests could not be laid on the WebSockets of the logs"
    return "the logs hold no WebSocket request and no line that tells of a connection's opening"


def _basis(best: align.Fit, tests: Sequence[Test]) -> str:
    client = best.requests[0].client if best.requests else None
    agents = {r.entry.request.user_agent for r in best.requests if r.entry.request and r.websocket}
    who = (
        f"the requests of one client ({', '.join(sorted(a for a in agents if a)) or client})"
        if client
        else "all sockets"
    )
    timed = (
        "order, durations, outcomes and start times"
        if best.offset_s is not None
        else "order, durations and outcomes"
    )
    joined = sum(bool(block) for block in best.blocks)
    return f"{joined} of {len(tests)} tests were laid on {who} by {timed}"

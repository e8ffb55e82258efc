"""What is compared with what: the sockets that failed, those that ended well, and how each ended.

In: tests, the join, sockets and instance deaths. Out: a `Scene`. Decides which sockets are bad: those that served
failing tests; where no cycle tells of tests, those that the logs show failing. Decides how a socket ended: the
code by the client's error or the service's own line, the sender by the client's wording.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from rca import closes
from rca.closes import NORMAL_CODES, in_order
from rca.model import Close, Initiator, Join, Socket, Test
from rca.server import UNKNOWN, Fingerprint
from rca.weights import weights

_SERVER_ERROR = 500
_LOST = 1006


@dataclass(frozen=True, slots=True)
class Scene:
    """Sockets that failed, sockets that did not, and how long was watched."""

    bad: tuple[Socket, ...]
    good: tuple[Socket, ...]
    closes: Mapping[str, Close]
    """Socket id -> how it ended, by the logs or by the client that saw it."""

    tests_of: Mapping[str, tuple[str, ...]]
    """Socket id -> the failing tests it served; without a cycle, the socket's own name."""

    watched_s: float
    """Instance-seconds of logs."""

    peers: frozenset[str] = frozenset()
    """Of the good ones, ids of those that served passing tests: the same client, doing what the failing ones do."""

    kin: tuple[Socket, ...] = ()
    """Others' sockets that the logs show ended with the same abnormal code: no test failed on them, a client did."""

    server: Fingerprint = UNKNOWN
    """What the service runs on: what that never sends is no explanation."""

    fatal: frozenset[int] = frozenset()
    """id() of the events of which an instance died before it served anybody."""

    def ends_of(self, sockets: Iterable[Socket]) -> list[Close]:
        """How these sockets ended, as far as logs or clients tell, in their order."""
        return [close for socket in sockets if (close := self.closes.get(socket.id))]


def of_cycle(
    tests: Sequence[Test], join: Join, sockets: Sequence[Socket], deaths: Sequence[Socket], watched_s: float
) -> Scene:
    """Bad are the sockets of failing tests; good those of passing tests and others that ended in order.

    A test that the service answered with a server error, and whose request is not in the logs, stands for the
    deaths of instances that are: nobody was there to serve it.
    """
    bad: dict[str, Socket] = {}
    good: dict[str, Socket] = {}
    peers: set[str] = set()
    ended: dict[str, Close] = {socket.id: socket.close for socket in sockets if socket.close}
    tests_of: dict[str, tuple[str, ...]] = {}
    for test, served in zip(tests, join.served, strict=True):
        if not test.failed:
            well = {socket.id: socket for socket in served if socket.websocket and socket.accepted}
            good |= well
            peers |= well.keys()
            continue
        failed = _failed_ones(served) or (list(deaths) if _not_served(test) and not _serving(sockets) else [])
        for one in failed:
            socket = _with_end(one, test)
            bad[socket.id] = socket
            tests_of[socket.id] = (*tests_of.get(socket.id, ()), test.name)
            close = as_seen(test, socket, alone=len(failed) == 1)
            if close is not None:
                ended[socket.id] = close
    _share_refusals(tests, join, bad, tests_of)
    for socket in sockets:
        if (
            socket.websocket
            and socket.accepted
            and (socket.status or 0) < _SERVER_ERROR
            and (in_order(socket.close) or _outlived(socket, bad.values()))
        ):
            good[socket.id] = socket
    kept = tuple(socket for name, socket in good.items() if name not in bad)
    codes = {close.code for name in bad if (close := ended.get(name))} - {*NORMAL_CODES, _LOST, None}
    kin = tuple(
        socket for socket in sockets if socket.id not in bad and socket.close and socket.close.code in codes
    )
    return Scene(tuple(bad.values()), kept, ended, tests_of, watched_s, frozenset(peers - bad.keys()), kin)


def of_logs(sockets: Sequence[Socket], deaths: Sequence[Socket], watched_s: float) -> Scene:
    """Bad are refused handshakes, server errors, abnormal closes and dead instances: what the logs show failing."""
    ended = {socket.id: socket.close for socket in sockets if socket.close}
    bad = [socket for socket in sockets if _shown_bad(socket)]
    bad += deaths
    good = tuple(
        socket for socket in sockets if socket.websocket and socket.accepted and in_order(socket.close)
    )
    names = {socket.id: (socket.id,) for socket in bad}
    return Scene(tuple(bad), good, ended, names, watched_s)


def _shown_bad(socket: Socket) -> bool:
    """Whether the logs alone show a failure. A server's 1006 does not: any client that just goes away makes one."""
    if socket.websocket and not socket.accepted:
        return True
    if (socket.status or 0) >= _SERVER_ERROR:
        return True
    return (
        socket.websocket
        and socket.close is not None
        and socket.close.code not in {*NORMAL_CODES, _LOST, None}
    )


def _failed_ones(served: Sequence[Socket]) -> list[Socket]:
    """Of a failing test's sockets those that can have failed it: WebSockets first, and not those that ended well."""
    sockets = [socket for socket in served if socket.websocket] or list(served)
    refused = [socket for socket in sockets if not socket.accepted]
    if refused and not any(socket.websocket for socket in sockets):
        return refused
    not_well = [socket for socket in sockets if not in_order(socket.close)]
    return not_well or sockets


def _with_end(socket: Socket, test: Test) -> Socket:
    """The socket, ended where its test ended, if no entry tells its end."""
    if socket.end is not None or test.duration_s is None:
        return socket
    return replace(socket, end=socket.start + timedelta(seconds=test.duration_s))


def _serving(sockets: Sequence[Socket]) -> bool:
    """Whether the logs show the service answering at all: then a missing request is no proof of a dead instance."""
    return any(socket.accepted and socket.status is not None for socket in sockets)


def _share_refusals(
    tests: Sequence[Test], join: Join, bad: Mapping[str, Socket], tests_of: dict[str, tuple[str, ...]]
) -> None:
    """A test whose own request could not be told is explained with those that were refused with the same status."""
    for test, served in zip(tests, join.served, strict=True):
        if not test.failed or served or not _not_served(test):
            continue
        wording = closes.read_client(test.error)
        same = [name for name, socket in bad.items() if wording and socket.status == wording.status]
        for name in same[:1]:
            tests_of[name] = (*tests_of[name], test.name)


def _not_served(test: Test) -> bool:
    wording = closes.read_client(test.error)
    return wording is not None and (wording.status or 0) >= _SERVER_ERROR


def _outlived(socket: Socket, bad: Collection[Socket]) -> bool:
    """Whether a socket that nobody tells the end of lived so long that it cannot have failed like the bad ones."""
    longest = max((one.lifetime_s or 0.0 for one in bad), default=0.0)
    if socket.close is not None or longest == 0.0 or socket.lifetime_s is None or socket.end is None:
        return False
    tail = timedelta(seconds=weights().tie.together_s)
    if any(one.instance == socket.instance and one.end and abs(one.end - socket.end) <= tail for one in bad):
        # It ended with the bad ones: what ended them may have ended it.
        return False
    w = weights().rank
    return socket.lifetime_s >= max(w.outlived * longest, longest + w.outlived_s)


def as_seen(test: Test, socket: Socket, *, alone: bool) -> Close | None:
    """How a socket of a failing test ended: sender and reason by the client, the code by whoever tells one.

    The client's words are of one socket. Where the test had only that one (`alone`), they win over the service's
    own line, which sees a client's close or a lost connection from the other side. Where it had several, the
    service's line about each of them wins, unless it only says that the connection was lost.
    """
    wording = closes.read_client(test.error)
    code = wording.code if wording and wording.code else test.close_code
    if code is None or not socket.accepted:
        return socket.close
    cut_off = (
        socket.status or 0
    ) >= _SERVER_ERROR  # by the platform: what a library then tells its handler is made up
    own = socket.close if socket.close and socket.close.told_by in socket.lines and not cut_off else None
    if not alone and own is not None and own.code not in (code, _LOST):
        return own
    return Close(
        code=code,
        reason=wording.reason if wording else None,
        initiator=wording.initiator if wording else Initiator.UNKNOWN,
        at=socket.end or socket.start,
        told_by=socket.close.told_by if socket.close else None,
    )


def watched(sockets: Sequence[Socket], instances: int, span: timedelta) -> float:
    """Instance-seconds that the entries cover: the denominator of every background rate."""
    return max(1, instances or len({socket.instance for socket in sockets})) * max(1.0, span.total_seconds())

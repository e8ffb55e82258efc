"""Closes that the test itself made: its own failure, inside `async with connect(...)`, sends 1011 to the server.

The service then logs a peer that left with 1011 and no error of its own: the failing assertion is the cause, the
close its effect. Whoever hunts a traceback in the service blames an innocent one.
Source: websockets, asyncio/connection.py, `Connection.__aexit__`.

The other way round, a client that answers no ping (its own event loop is held by the test) is given up by the service's
keepalive: the close comes from the service, the fault is the client's.
"""

import re
from collections.abc import Sequence
from datetime import timedelta

from rca import closes
from rca.model import Entry, Event, EventKind, Initiator, Join, Link, Socket, Test, Tie
from rca.weights import weights

_INTERNAL_ERROR = 1011
_LONGEST = 500
_NO_PONG = re.compile(
    r"(?i)\b(?:no|missing|missed|without a?) ?(?:\d+ )?(?:pongs?|heartbeats?)\b"
    r"|\bpongs?\b.{0,20}\b(?:time[d-]? ?out|not received|missing|overdue)"
    r"|\b(?:pings?|heartbeats?)\b.{0,30}\b(?:unanswered|not answered|timed out|without (?:an )?answer)"
    r"|\banswer(?:s|ed)? no (?:ping|heartbeat)"
)
"""How people log that a peer did not answer."""

UNANSWERED = "client answered no ping"
"""Tag and fingerprint of a client that the service's keepalive gave up."""


def detect(tests: Sequence[Test], join: Join) -> tuple[Link, ...]:
    """One tied event for each failing test whose error is no close, and whose socket its own client closed."""
    found = []
    for test, served in zip(tests, join.served, strict=True):
        found += _unanswered(test, served)
        if not test.failed or not test.error or test.close_code or closes.read_client(test.error):
            continue
        for socket in served:
            close = socket.close
            if (
                socket.websocket
                and socket.accepted
                and close
                and close.told_by
                and close.code == _INTERNAL_ERROR
            ):
                print_ = f"client closed while failing: {test.error.split(':', 1)[0]}"
                event = Event(EventKind.CLIENT, close.told_by.at, test.error, print_, (close.told_by,))
                gap = (close.at - event.at).total_seconds()
                found.append(Link(event, socket, Tie.ID, gap))
    return tuple(found)


def _unanswered(test: Test, served: Sequence[Socket]) -> list[Link]:
    """One tied event for each socket of a failing test that was given up because its client answered no ping.

    The client saw the service's keepalive close it; or it saw nothing, and the connection's last line says so.
    """
    wording = closes.read_client(test.error) if test.failed else None
    if wording is None or wording.initiator is Initiator.CLIENT:
        return []
    seen = wording.initiator is Initiator.SERVER and closes.is_keepalive(wording.reason)
    found = []
    for socket in served:
        if not (socket.websocket and socket.accepted):
            continue
        said = None if seen else _given_up(socket)
        if not seen and said is None:
            continue
        told = said or (socket.close.told_by if socket.close and socket.close.told_by else socket.entry)
        title = said.message.strip() if said else wording.reason or ""
        event = Event(
            EventKind.CLIENT, socket.end or socket.start, title, UNANSWERED, (told,), tag=UNANSWERED
        )
        found.append(Link(event, socket, Tie.ID, 0.0))
    return found


def _given_up(socket: Socket) -> Entry | None:
    """The connection's own line, right at its end, that its client answered no ping."""
    end = socket.end
    if end is None:
        return None
    near = timedelta(seconds=weights().tie.near_s)
    lines = [line for line in socket.lines if abs(line.at - end) <= near]
    return next((line for line in reversed(lines) if _NO_PONG.search(line.message[:_LONGEST])), None)

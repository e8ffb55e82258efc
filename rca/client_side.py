"""Closes that the test itself made: its own failure, inside `async with connect(...)`, sends 1011 to the server.

The service then logs a peer that left with 1011 and no error of its own: the failing assertion is the cause, the
close its effect. Whoever hunts a traceback in the service blames an innocent one.
Source: websockets, asyncio/connection.py, `Connection.__aexit__`.

The other way round, a client that answers no ping (its own event loop is held by the test) is given up by the service's
keepalive: the close comes from the service, the fault is the client's.
"""

from collections.abc import Sequence

from rca import closes
from rca.model import Event, EventKind, Initiator, Join, Link, Socket, Test, Tie

_INTERNAL_ERROR = 1011

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
    """One tied event for each socket of a failing test whose client saw the service's keepalive give it up."""
    wording = closes.read_client(test.error) if test.failed else None
    if (
        wording is None
        or wording.initiator is not Initiator.SERVER
        or not closes.is_keepalive(wording.reason)
    ):
        return []
    found = []
    for socket in served:
        if not (socket.websocket and socket.accepted):
            continue
        told = socket.close.told_by if socket.close and socket.close.told_by else socket.entry
        at = socket.end or socket.start
        event = Event(EventKind.CLIENT, at, wording.reason or "", UNANSWERED, (told,), tag=UNANSWERED)
        found.append(Link(event, socket, Tie.ID, 0.0))
    return found

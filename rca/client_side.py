"""Closes that the test itself made: its own failure, inside `async with connect(...)`, sends 1011 to the server.

The service then logs a peer that left with 1011 and no error of its own: the failing assertion is the cause, the
close its effect. Whoever hunts a traceback in the service blames an innocent one.
Source: websockets, asyncio/connection.py, `Connection.__aexit__`.
"""

from collections.abc import Sequence

from rca import closes
from rca.model import Event, EventKind, Join, Link, Test, Tie

_INTERNAL_ERROR = 1011


def detect(tests: Sequence[Test], join: Join) -> tuple[Link, ...]:
    """One tied event for each failing test whose error is no close, and whose socket its own client closed."""
    found = []
    for test, served in zip(tests, join.served, strict=True):
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

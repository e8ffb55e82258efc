"""Which faults a close can come from: sender, code and reason decide before any ranking does.

Source: the reproduction matrix of WebSocket servers and the rules drawn from it; RFC 6455, section 7.4.
"""

import re

from rca import client_side, closes
from rca.model import Close, Event, EventKind, Initiator, Severity, Socket
from rca.naming import named, short_type
from rca.server import UNKNOWN, Fingerprint, contradiction

_SERVICE_RESTART = 1012
_INTERNAL_ERROR = 1011
_LOST = 1006
_ENDINGS = frozenset(
    {
        "WebSocketDisconnect",
        "ClientDisconnected",
        "ConnectionClosed",
        "ConnectionClosedError",
        "ConnectionClosedOK",
        "WebSocketClosedError",
        "StreamClosedError",
        "ClientConnectionResetError",
        "ClientDisconnect",
    }
)
"""Exceptions by which libraries tell a handler that its connection has ended."""

_AFTER_CLOSE = re.compile(
    r"once a (?:close|disconnect) message has been|after sending 'websocket\.close'"
    r"|WebSocket is (?:already )?closed|Cannot write to closing transport|cannot be sent in state"
)


def is_keepalive(close: Close | None) -> bool:
    """Whether a keepalive ping ended the connection, whoever's it was."""
    return close is not None and closes.is_keepalive(close.reason)


def verdict_of(
    event: Event, close: Close | None, socket: Socket, on: Fingerprint = UNKNOWN
) -> tuple[bool, str]:
    """Whether this fault can have ended this socket this way on this server, and the reason in words."""
    if event.kind is EventKind.SILENCE:
        return _silence(close)
    if event.kind is EventKind.CLIENT:
        if event.tag == client_side.UNANSWERED:
            return True, "a client that answers no ping is given up by the service's keepalive"
        possible = close is None or close.initiator is not Initiator.SERVER
        return possible, "a test that fails inside its connection closes it with 1011 itself"
    if event.kind is EventKind.PLATFORM:
        return _platform(event, close)
    warned = event.trace is None and "was never awaited" in event.title
    if warned and close is not None and close.code == _INTERNAL_ERROR:
        return False, "a call that does nothing leaves a connection waiting; it sends no 1011"
    against = _echo(event, close) or (_against(event, close, on) if close else _mere_warning(event, socket))
    return (False, against) if against else (True, _possible(close, socket))


def _mere_warning(event: Event, socket: Socket) -> str | None:
    """Why a warning explains nothing where no close tells that the connection ended badly."""
    warned = event.kind is EventKind.ERROR_LINE and event.entry.severity == Severity.WARNING
    return (
        "a warning, where nothing tells that the connection ended badly"
        if warned and socket.accepted
        else None
    )


def _against(event: Event, close: Close, on: Fingerprint) -> str | None:
    """Why an exception or error of the application cannot have ended a socket this way."""
    if is_keepalive(close):
        return "a keepalive time-out comes of a blocked event loop or a lost peer, not of an exception"
    if close.initiator is Initiator.CLIENT:
        return "the client closed the connection: no fault of the server needs to have"
    if close.code == _SERVICE_RESTART:
        return "1012 is sent when the server is told to stop, not by a handler that fails"
    return contradiction(on, event, close)


def _echo(event: Event, close: Close | None) -> str | None:
    """Why an exception that tells of a connection's end did not cause the end: it followed from it.

    But where the service says that its peer closed first, and the client says that the service did, the service
    speaks of another connection: its own to somebody upstream.
    """
    if event.trace is not None:
        exception = named(event.trace).exception
        kind, text = short_type(exception.type), exception.message
    else:
        kind, text = "", event.title
    if _AFTER_CLOSE.search(text):
        return "it tells of a message sent after the close: an effect of the end, not its cause"
    wording = closes.read_client(text)
    exact = wording is not None and not wording.loose and wording.code is not None
    if kind not in _ENDINGS and not exact:
        return None
    upstream = (
        wording is not None
        and wording.initiator is Initiator.SERVER
        and close is not None
        and close.initiator is Initiator.SERVER
    )
    return None if upstream else "it tells that the connection had ended: an effect of the end, not its cause"


def _silence(close: Close | None) -> tuple[bool, str]:
    if is_keepalive(close):
        return True, "an instance that logs nothing answers no ping either"
    return False, "the connection did not end by a keepalive time-out"


def _platform(event: Event, close: Close | None) -> tuple[bool, str]:
    if close is None:
        return True, "how the socket ended is not known"
    if event.tag in ("terminated", "instance_stop"):
        possible = close.code in (_SERVICE_RESTART, _LOST, *closes.NORMAL_CODES, None)
        return (
            possible,
            "a server that is told to stop closes with 1012 or 1001, or the connection is lost (1006)",
        )
    possible = close.code in (_LOST, None)
    return possible, "when an instance dies no close frame is sent: the client sees 1006 or an HTTP error"


def _possible(close: Close | None, socket: Socket) -> str:
    if not socket.accepted:
        return f"the handshake was refused with HTTP {socket.status}"
    if close is None:
        return "how the socket ended is not known, so every mechanism is possible"
    if close.code == _INTERNAL_ERROR and close.initiator is Initiator.SERVER:
        return f"the server sent {close.code}; {closes.author_of(close.reason).says}"
    return f"a handler that fails can end a connection with {close.code}"

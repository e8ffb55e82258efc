"""Which faults a close can come from: rca/mechanisms.py."""

import pytest

from rca.mechanisms import is_keepalive, verdict_of
from rca.model import Close, Event, Initiator
from rca.server import Fingerprint
from tests import build
from tests.build import platform, raised, said, silence, socket


def close(
    code: int | None = 1011,
    reason: str | None = "Internal error",
    initiator: Initiator = Initiator.SERVER,
) -> Close:
    """How a connection ended."""
    return Close(code, reason, initiator, build.after(1), None)


KEEPALIVE = close(reason="keepalive ping timeout", initiator=Initiator.CLIENT)
LOST = close(1006, None, Initiator.NOBODY)
UNCAUGHT = raised(header="Exception in ASGI application")
CAUGHT = raised(header="order failed")
KILLED = platform("Memory limit of 512 MiB exceeded with 514 MiB used.")
STOPPED = platform("Shutting down user disabled instance")


@pytest.mark.parametrize(
    ("event", "ended", "possible"),
    [
        (CAUGHT, close(), True),
        (UNCAUGHT, close(), False),
        (UNCAUGHT, close(reason=None), False),
        (UNCAUGHT, LOST, True),
        (CAUGHT, None, True),
        (CAUGHT, KEEPALIVE, False),
        (CAUGHT, close(initiator=Initiator.CLIENT, reason=None), False),
        (CAUGHT, close(1012, None), False),
        (said(), close(), True),
        (silence(0, 20), KEEPALIVE, True),
        (silence(0, 20), close(), False),
        (silence(0, 20), None, False),
        (KILLED, LOST, True),
        (KILLED, close(), False),
        (STOPPED, close(1012, None), True),
        (STOPPED, close(), False),
    ],
)
def test_sender_code_and_reason_decide_what_is_possible(
    event: Event, ended: Close | None, *, possible: bool
) -> None:
    """The matrix: what can have ended a connection this way, and what cannot, each with its reason in words."""
    verdict, hint = verdict_of(event, ended, socket(), Fingerprint(server="uvicorn"))
    assert verdict is possible
    assert len(hint) > 20


def test_a_refused_handshake_names_its_status() -> None:
    """Where nothing speaks against a fault, the hint tells what the socket was answered."""
    assert "503" in verdict_of(CAUGHT, close(1006, None, Initiator.NOBODY), socket(status=503))[1]


@pytest.mark.parametrize(
    ("ended", "expected"), [(KEEPALIVE, True), (close(), False), (LOST, False), (None, False)]
)
def test_a_keepalive_is_known_by_its_reason(ended: Close | None, *, expected: bool) -> None:
    """Whoever sent it, a keepalive time-out has the library's own reason text."""
    assert is_keepalive(ended) is expected


# --- echoes of an end ------------------------------------------------------------------------------------

RECEIVED = "received 1011 (internal error) till is jammed; then sent 1011 (internal error) till is jammed"
SENT = "sent 1011 (internal error) till is jammed; then received 1011 (internal error) till is jammed"


def told(type_: str, message: str) -> Event:
    """An exception that tells of a connection, raised in the application."""
    return raised(build.exception(type_, message))


@pytest.mark.parametrize("ended", [close(), LOST, None])
@pytest.mark.parametrize(
    "event",
    [
        told("starlette.websockets.WebSocketDisconnect", "(1006, '')"),
        told("websockets.exceptions.ConnectionClosedError", SENT),
        told("RuntimeError", 'Cannot call "send" once a close message has been sent.'),
        said(f"ConnectionClosedError: {SENT}"),
    ],
)
def test_an_exception_that_tells_of_the_end_did_not_make_it(event: Event, ended: Close | None) -> None:
    """However the connection ended, what only tells of it came after."""
    possible, hint = verdict_of(event, ended, socket())
    assert not possible
    assert "not its cause" in hint


@pytest.mark.parametrize(
    ("ended", "possible"),
    [(close(), True), (close(initiator=Initiator.UNKNOWN), False), (LOST, False), (None, False)],
)
def test_a_close_by_somebody_upstream_is_another_connection_s(ended: Close | None, *, possible: bool) -> None:
    """The service says that its peer closed first, the client that the service did: they speak of two connections."""
    event = told("websockets.exceptions.ConnectionClosedError", RECEIVED)
    assert verdict_of(event, ended, socket())[0] is possible


def test_a_mere_warning_explains_nothing_where_no_close_is_told() -> None:
    """With a told close, an error's severity, or a refused handshake, it may."""
    warning = said("oven is warm", severity="WARNING")
    assert not verdict_of(warning, None, socket())[0]
    assert verdict_of(warning, close(), socket())[0]
    assert verdict_of(warning, None, socket(status=403))[0]
    assert verdict_of(said("oven is warm"), None, socket())[0]

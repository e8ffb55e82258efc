"""Closes that a failing test made itself: rca/client_side.py."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from rca import client_side
from rca.model import Close, EventKind, Initiator, Join, Outcome, Socket, Tie
from tests import build
from tests.build import Ran, ran, socket

ASSERTION = "AssertionError: expected 3 loaves, got 2"


def closed(code: int = 1011, *, told: bool = True) -> Socket:
    """A socket whose own line tells how its peer left; or one that nobody's line tells of."""
    line = build.line(f"disconnected code={code}", 1.0, severity="INFO")
    close = Close(code, None, Initiator.UNKNOWN, build.after(1), line if told else None)
    return replace(socket(0, 1, name="s"), close=close, lines=(line,))


def made(test: Ran, served: Sequence[Socket]) -> list[tuple[EventKind, str, str, Tie]]:
    """What the test is found to have done to its own connections."""
    links = client_side.detect([test], Join((tuple(served),), None, "by hand"))
    return [(one.event.kind, one.event.title, one.socket.id, one.tie) for one in links]


def test_an_assertion_that_fails_inside_the_connection_is_the_client_s_own() -> None:
    """The service's line says 1011, the test's error speaks of no close: leaving the block sent it."""
    test = ran("a", Outcome.FAILED, error=ASSERTION)
    assert made(test, [closed()]) == [(EventKind.CLIENT, ASSERTION, "s", Tie.ID)]


@pytest.mark.parametrize(
    ("test", "one"),
    [
        (ran("a", error=ASSERTION), closed()),
        (ran("a", Outcome.FAILED), closed()),
        (ran("a", Outcome.FAILED, error=build.SERVER_CLOSED), closed()),
        (ran("a", Outcome.FAILED, error=ASSERTION, code=1011), closed()),
        (ran("a", Outcome.FAILED, error=ASSERTION), closed(1000)),
        (ran("a", Outcome.FAILED, error=ASSERTION), closed(told=False)),
        (ran("a", Outcome.FAILED, error=ASSERTION), replace(closed(), accepted=False)),
        (ran("a", Outcome.FAILED, error=ASSERTION), socket(0, 1)),
    ],
    ids=["passed", "no error", "server closed", "code seen", "1000", "no line", "refused", "no close"],
)
def test_nothing_else_is_laid_to_the_client(test: Ran, one: Socket) -> None:
    """A close that the client saw, another code, or a line that nobody wrote leaves the service in question."""
    assert made(test, [one]) == []


def test_a_test_that_nothing_served_made_no_close() -> None:
    """An assertion on something else than a connection is no event of the logs."""
    assert made(ran("a", Outcome.FAILED, error=ASSERTION), []) == []


# --- clients that answer no ping -------------------------------------------------------------------------

LOST = "websockets.exceptions.ConnectionClosedError: no close frame received or sent"
PINGED = "received 1011 (internal error) keepalive ping timeout; then sent 1011 (internal error) keepalive ping timeout"


def given_up(text: str, at: float = 1.0) -> Socket:
    """A socket of a second with one line of its own."""
    return replace(socket(0, 1, name="s"), lines=(build.line(text, at, severity="INFO"),))


@pytest.mark.parametrize(
    "text",
    [
        "no pong, lane given up",
        "pong not received in time",
        "peer answered no ping",
        "2 pings unanswered, closing",
        "missed 3 heartbeats",
    ],
)
def test_a_connection_whose_last_line_tells_of_no_pong_was_lost_by_its_client(text: str) -> None:
    """The client saw no close frame; the service says why it hung up."""
    test = ran("a", Outcome.FAILED, error=LOST)
    assert made(test, [given_up(text)]) == [(EventKind.CLIENT, text, "s", Tie.ID)]


def test_the_service_s_keepalive_close_needs_no_line() -> None:
    """What the client saw is enough."""
    test = ran("a", Outcome.FAILED, error=PINGED)
    assert made(test, [socket(0, 1, name="s")]) == [(EventKind.CLIENT, "keepalive ping timeout", "s", Tie.ID)]


@pytest.mark.parametrize(
    ("test", "one"),
    [
        (ran("a", error=LOST), given_up("no pong")),
        (ran("a", Outcome.FAILED, error=LOST), given_up("no pong", 0.1)),
        (ran("a", Outcome.FAILED, error=LOST), given_up("ping answered in 4 ms")),
        (ran("a", Outcome.FAILED, error=LOST), given_up("no ponga delivered")),
    ],
    ids=["passed", "long before the end", "answered", "another word"],
)
def test_other_lines_lay_nothing_to_the_client(test: Ran, one: Socket) -> None:
    """A missed pong long before the end ended nothing, and an answered ping is none."""
    assert made(test, [one]) == []

"""Closes and refused handshakes, told from real exceptions of real clients."""

import asyncio
import http
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import httpx
import pytest
from aiohttp import web
from starlette.websockets import WebSocketDisconnect
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed, ConnectionClosedError, ConnectionClosedOK, InvalidStatus
from websockets.frames import Close
from websockets.http11 import Request, Response

from rca import closes
from rca.pytest_plugin.endings import endings_of, line_of

REASON = "no flour left"


def ended(error: BaseException) -> tuple[str | int | None, ...]:
    """Code, reason, sender and status of the one ending that the exception tells of."""
    (ending,) = endings_of(error)
    return tuple(ending[key] for key in ("code", "reason", "by", "status"))


def raised_by(
    handler: Callable[[ServerConnection], Awaitable[None]],
    client: Callable[[str], Awaitable[None]],
    **options: Any,  # noqa: ANN401 - those of websockets
) -> BaseException:
    """What a client raises that talks to a websockets server on the loopback."""

    async def go() -> None:
        async with serve(handler, "127.0.0.1", 0, **options) as server:
            port = server.sockets[0].getsockname()[1]
            await client(f"ws://127.0.0.1:{port}")

    with pytest.raises(Exception) as caught:  # noqa: PT011 - which one is what the tests ask
        asyncio.run(go())
    return caught.value


async def hears(url: str) -> None:
    """A client that waits for a message."""
    async with connect(url, proxy=None) as socket:
        await socket.recv()


# --- websockets ------------------------------------------------------------------------------------------


def test_a_close_by_the_server() -> None:
    """Code and reason are the server's, and the server is said to have closed."""

    async def closes_it(socket: ServerConnection) -> None:
        await socket.close(1011, REASON)

    assert ended(raised_by(closes_it, hears)) == (1011, REASON, "server", None)


def test_a_close_by_the_client() -> None:
    """A client that hears no pong closes with 1011 itself, and is said to have closed."""

    async def is_deaf(socket: ServerConnection) -> None:
        socket.transport.pause_reading()
        await asyncio.sleep(1)
        socket.transport.abort()

    async def pings(url: str) -> None:
        async with connect(url, proxy=None, ping_interval=0.1, ping_timeout=0.1, close_timeout=0.1) as socket:
            await socket.recv()

    assert ended(raised_by(is_deaf, pings)) == (1011, "keepalive ping timeout", "client", None)


def test_a_connection_that_is_lost() -> None:
    """Without a close frame nobody closed, and the code is 1006."""

    async def drops(socket: ServerConnection) -> None:
        socket.transport.abort()

    assert ended(raised_by(drops, hears)) == (1006, None, "nobody", None)


def test_a_refused_handshake() -> None:
    """A refusal has a status and no code."""

    def refuses(socket: ServerConnection, _request: Request) -> Response:
        return socket.respond(http.HTTPStatus.FORBIDDEN, "no")

    async def idles(_socket: ServerConnection) -> None:
        pass

    error = raised_by(idles, hears, process_request=refuses)
    assert isinstance(error, InvalidStatus)
    assert ended(error) == (None, None, None, 403)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            ConnectionClosedError(Close(1011, REASON), Close(1011, REASON), rcvd_then_sent=True),
            (1011, "server"),
        ),
        (ConnectionClosedError(Close(1011, ""), None), (1011, "server")),
        (ConnectionClosedError(Close(1002, ""), Close(4001, "x"), rcvd_then_sent=False), (4001, "client")),
        (ConnectionClosedError(None, Close(1011, "x")), (1011, "client")),
        (ConnectionClosedError(None, None), (1006, "nobody")),
        (ConnectionClosedOK(Close(1000, ""), Close(1000, ""), rcvd_then_sent=True), (1000, "server")),
    ],
)
def test_the_sender_agrees_with_the_exception_s_own_words(
    error: ConnectionClosed, told: tuple[int, str]
) -> None:
    """What is read from the attributes is what `rca` reads from the text, where a report has the text alone."""
    (ending,) = endings_of(error)
    wording = closes.read_client(line_of(error))
    assert wording is not None
    assert (ending["code"], ending["by"]) == told == (wording.code, wording.initiator.value)


# --- other clients ---------------------------------------------------------------------------------------


def test_aiohttp_s_refused_handshake() -> None:
    """The error of aiohttp has the status."""

    async def go() -> None:
        application = web.Application()
        runner = web.AppRunner(application)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        try:
            async with aiohttp.ClientSession() as session:
                await session.ws_connect(f"http://127.0.0.1:{runner.addresses[0][1]}/ws")
        finally:
            await runner.cleanup()

    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        asyncio.run(go())
    assert ended(caught.value) == (None, None, None, 404)


def test_starlette_s_disconnect() -> None:
    """The test client of starlette, and httpx-ws, raise a WebSocketDisconnect of code and reason."""
    assert ended(WebSocketDisconnect(1011, REASON)) == (1011, REASON, None, None)


class WebSocketBadStatusException(Exception):  # noqa: N818 - websocket-client's name
    """As in websocket-client, _exceptions.py."""

    def __init__(self) -> None:
        super().__init__("Handshake status 503 Service Unavailable")
        self.status_code = 503


class WebSocketUpgradeError(Exception):
    """As in httpx-ws, _exceptions.py."""

    def __init__(self) -> None:
        super().__init__("upgrade failed")
        self.response = httpx.Response(429)


class CloseReason:
    """As in trio-websocket."""

    code, name, reason = 1011, "INTERNAL_ERROR", REASON


class OfTrio:
    """trio-websocket's exception has the name of websockets', and other attributes."""

    class ConnectionClosed(Exception):  # noqa: N818 - trio-websocket's name
        """As in trio-websocket, _impl.py."""

        reason = CloseReason()


class OfOld:
    """websockets before version 10 told code and reason, and nothing of who closed."""

    class ConnectionClosed(Exception):  # noqa: N818 - websockets' name
        """As in websockets 9, exceptions.py."""

        code, reason = 1011, REASON


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (WebSocketBadStatusException(), (None, None, None, 503)),
        (WebSocketUpgradeError(), (None, None, None, 429)),
        (OfTrio.ConnectionClosed(), (1011, REASON, None, None)),
        (OfOld.ConnectionClosed(), (1011, REASON, None, None)),
    ],
)
def test_clients_that_are_known_by_their_names(error: Exception, told: tuple[str | int | None, ...]) -> None:
    """Code, reason and status are read from the attributes that these libraries document."""
    assert ended(error) == told


# --- where they stand ------------------------------------------------------------------------------------

CLOSED = ConnectionClosedError(Close(1011, REASON), Close(1011, REASON), rcvd_then_sent=True)


def test_a_close_is_found_in_causes_contexts_and_groups() -> None:
    """However deep: raised from it, raised while it was handled, or raised beside others."""
    caused = AssertionError("no answer")
    caused.__cause__ = OSError("gone")
    caused.__cause__.__context__ = CLOSED
    grouped = ExceptionGroup("tasks", [KeyError("x"), ExceptionGroup("inner", [caused])])
    assert [ending["code"] for ending in endings_of(grouped)] == [1011]
    assert [ending["reason"] for ending in endings_of(caused)] == [REASON]


def test_a_context_that_was_cut_off_is_not_looked_at() -> None:
    """`raise … from None` says that what came before has nothing to do with it."""
    alone = AssertionError("no answer")
    alone.__context__ = CLOSED
    alone.__cause__ = None  # what `from None` does: it sets __suppress_context__
    assert endings_of(alone) == []


def test_the_exception_raised_last_comes_first() -> None:
    """Of several closes, the one that ended the test is the first."""
    other = WebSocketDisconnect(1001, "leaving")
    other.__context__ = CLOSED
    assert [ending["code"] for ending in endings_of(other)] == [1001, 1011]


def test_endless_chains_end() -> None:
    """An exception that is its own cause, a thousand members, and a deep nest are read in no time."""
    loop = ConnectionClosedError(None, None)
    loop.__cause__ = loop
    assert len(endings_of(loop)) == 1
    wide = ExceptionGroup("wide", [ConnectionClosedError(None, None) for _ in range(1000)])
    assert len(endings_of(wide)) == 10
    deep: Exception = ConnectionClosedError(None, None)
    for _ in range(500):
        deep = ExceptionGroup("deep", [deep])
    assert endings_of(deep) == []
    assert len(line_of(deep)) <= 2000


class Hostile(Exception):  # noqa: N818 - as below
    """An exception whose every attribute raises."""

    def __getattr__(self, name: str) -> object:
        raise RuntimeError(name)

    def __str__(self) -> str:
        raise RuntimeError


class HostileNamesake:
    """An exception of a known name that is another's."""

    class ConnectionClosed(Hostile):
        """Nothing in it can be read."""


def test_a_namesake_does_no_harm() -> None:
    """What only has the name of a client's exception is an exception like others."""
    assert endings_of(HostileNamesake.ConnectionClosed()) == []
    assert line_of(Hostile()).endswith("Hostile: <its text cannot be had>")


def test_a_plain_exception_tells_of_no_close() -> None:
    """A number in a text is no close."""
    assert endings_of(ValueError("1011")) == []
    assert line_of(ValueError("1011")) == "ValueError: 1011"

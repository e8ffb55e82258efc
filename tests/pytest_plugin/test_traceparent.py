"""The trace that a test hands to the service: its form, its uniqueness, and what real clients send."""

import asyncio
import re
from collections.abc import Mapping

import aiohttp
import httpx
import pytest
from aiohttp import web
from websockets.asyncio.client import connect

from rca.pytest_plugin import headers
from tests.pytest_plugin.conftest import Runs

FORM = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-01")
"""https://www.w3.org/TR/trace-context/#traceparent-header: version 00, no id all zero, sampled."""


def test_each_test_has_a_trace_of_its_own(runs: Runs) -> None:
    """Each is well formed, recorded, and another, also where plugins seed `random` anew for each test."""
    made = runs(
        """
        import random, pathlib, pytest
        @pytest.fixture(autouse=True)
        def seeded(): random.seed(7)
        @pytest.mark.parametrize("n", range(20))
        def test_a(seeded, n, rca_headers, traceparent):
            assert rca_headers == {"traceparent": traceparent}
            with pathlib.Path("sent").open("a") as file: print(traceparent, file=file)
        def test_without(): pass
        """
    )
    assert set(made.outcomes.values()) == {"passed"}
    with open("sent", encoding="utf-8") as file:  # noqa: PTH123 - the run's own folder
        sent = file.read().split()
    assert all(FORM.fullmatch(one) for one in sent)
    ids = [one.split("-")[1] for one in sent]
    assert len(set(ids)) == 20
    assert [test["trace_ids"] for test in made.cycle["tests"]] == [*([one] for one in ids), []]


def test_the_fixture_works_where_nothing_is_recorded(runs: Runs) -> None:
    """Tests that hand over a trace run without `--rca-cycle` as with it."""
    source = f"import re\ndef test_a(traceparent): assert re.fullmatch({FORM.pattern!r}, traceparent)"
    made = runs(source, record=False)
    assert made.exit_code == pytest.ExitCode.OK
    assert made.cycle == {}


TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


async def _by_httpx(url: str, given: Mapping[str, str]) -> None:
    async with httpx.AsyncClient(headers=given, trust_env=False) as client:
        await client.get(url)


async def _by_aiohttp(url: str, given: Mapping[str, str]) -> None:
    async with aiohttp.ClientSession(headers=given) as session:
        await session.get(url)


async def _by_aiohttp_s_socket(url: str, given: Mapping[str, str]) -> None:
    async with aiohttp.ClientSession(headers=given) as session, session.ws_connect(url) as socket:
        await socket.receive()


async def _by_websockets(url: str, given: Mapping[str, str]) -> None:
    async with connect(url.replace("http", "ws", 1), additional_headers=given, proxy=None) as socket:
        await socket.wait_closed()


@pytest.mark.parametrize("asks", [_by_httpx, _by_aiohttp, _by_aiohttp_s_socket, _by_websockets])
def test_every_client_sends_it(asks: object) -> None:
    """The headers reach the service as they are, by request and by handshake."""
    seen: list[str] = []

    async def answers(request: web.Request) -> web.StreamResponse:
        seen.append(request.headers["traceparent"])
        if "upgrade" not in request.headers:
            return web.Response()
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.close()
        return socket

    async def go() -> None:
        application = web.Application()
        application.router.add_get("/", answers)
        runner = web.AppRunner(application)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            assert callable(asks)
            await asks(f"http://127.0.0.1:{runner.addresses[0][1]}/", headers(TRACE))
        finally:
            await runner.cleanup()

    asyncio.run(go())
    assert seen == [TRACE]

"""Can the service be reached at all?"""

import asyncio

from .client import Staging, ask, receive


def test_http_health(staging: Staging) -> None:
    """The health check answers."""
    assert staging.get("/healthz").json()["status"] == "ok"


def test_websocket_handshake(staging: Staging) -> None:
    """A session opens and closes."""

    async def go() -> None:
        async with staging.session():
            pass

    asyncio.run(go())


def test_assistant_run(staging: Staging) -> None:
    """A run goes from start to finish."""

    async def go() -> None:
        async with staging.session() as socket:
            await ask(socket, {"type": "run", "run": "run_e2e_1", "crops": ["leek"]}, "run.started")
            assert (await receive(socket, "run.step"))["bed"] == "north"
            await receive(socket, "run.finished")

    asyncio.run(go())

"""Do the parts the web client needs answer as they should?"""

import asyncio

from .client import Staging, ask, receive


def test_service_registry(staging: Staging) -> None:
    """The registry names the planner."""
    assert "planner" in staging.get("/api/registry").json()["services"]


def test_mcp_servers(staging: Staging) -> None:
    """The MCP configuration is complete."""
    (server,) = staging.get("/api/mcp/servers").json()["servers"]
    assert server["transport"] == "streamable-http"


def test_websocket_chat(staging: Staging) -> None:
    """A message is answered."""

    async def go() -> None:
        async with staging.session() as socket:
            answer = await ask(socket, {"type": "chat", "text": "when do I sow chard?"}, "reply")
            assert answer["text"].startswith("Noted")

    asyncio.run(go())


def test_run_event_order(staging: Staging) -> None:
    """A run's events come in order."""

    async def go() -> list[str]:
        async with staging.session() as socket:
            await ask(socket, {"type": "run", "run": "run_e2e_2", "crops": ["bean", "squash"]}, "run.started")
            return [str((await receive(socket, "run.step"))["crop"]) for _ in range(2)]

    assert asyncio.run(go()) == ["bean", "squash"]


def test_parallel_sessions(staging: Staging) -> None:
    """Three sessions live side by side."""

    async def one(number: int) -> None:
        async with staging.session() as socket:
            await ask(socket, {"type": "run", "run": f"run_e2e_p{number}", "crops": []}, "run.started")
            await receive(socket, "run.finished")

    async def go() -> None:
        await asyncio.gather(*(one(n) for n in range(3)))

    asyncio.run(go())

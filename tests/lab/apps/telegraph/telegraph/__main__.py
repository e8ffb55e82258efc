# A service under test, in a process of its own; its packages are there only then, so types are not checked.
# mypy: ignore-errors
# ruff: noqa: ANN001
"""Listens on the port that is given; pages by hand, wires by wsproto."""

import asyncio
import json
import os
import random
import sys

import journal
import passes

from telegraph.office import Office
from telegraph.wire import Wire

log = journal.journal("telegraph")
KEY = "made-up-staging-key"
_PAGES = {
    "/healthz": {"status": "ok"},
    "/api/registry": {"services": ["planner", "cable"]},
    "/api/mcp/servers": {"servers": [{"name": "cable", "transport": "streamable-http"}]},
    "/api/almanac": {"sow": "flax"},
}


async def _page(writer, path, body) -> None:
    status, answer = "200 OK", _PAGES.get(path)
    if path.startswith("/api/plots/"):
        answer = {"plot": path[11:]}
    elif path == "/auth/session":
        asked = json.loads(body)
        answer = {"access_token": passes.issue(asked["user"], KEY, asked.get("lifetime_s", 900))}
    elif answer is None:
        status, answer = "404 Not Found", {"error": "no such office"}
    raw = json.dumps(answer).encode()
    head = f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {len(raw)}\r\n"
    writer.write(f"{head}connection: close\r\n\r\n".encode() + raw)
    await writer.drain()


async def clerk() -> None:
    """Noise beside the wires."""
    dice = random.Random(int(os.environ.get("PARLEY_SEED", "0")))  # noqa: S311 - noise
    while True:
        await asyncio.sleep(dice.expovariate(1.0))
        number = dice.choice((1011, dice.randrange(2000)))
        kind = dice.random()
        if kind < 0.13:
            try:
                ["dot", "dash"].remove("pause")
            except ValueError:
                log.exception("tape not cut", yard=number)
        elif kind < 0.26:
            log.warning("battery low", cell=number)
        else:
            log.info("tape changed", yard=number)


async def main(port) -> None:
    """Serves until it is killed."""
    journal.set_up()
    office = Office()

    async def serve(reader, writer) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        path = first.split(" ")[1]
        headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines if line)}
        if headers.get("upgrade", "").lower() == "websocket":
            journal.TRACE.set(headers.get("x-cloud-trace-context", ""))
            await Wire(reader, writer, head).attend(office, KEY)
        else:
            await _page(writer, path, await reader.readexactly(int(headers.get("content-length", 0))))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", port)
    log.info("office open")
    task = asyncio.create_task(clerk())
    async with server:
        await server.serve_forever()
    task.cancel()


asyncio.run(main(int(sys.argv[1])))

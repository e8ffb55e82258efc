# A service under test, in a process of its own; its packages are there only then, so types are not checked.
# mypy: ignore-errors
# ruff: noqa: ANN001
"""The callable: lifespan, pages, crossings."""

import asyncio
import json
import os
import random

import journal
import passes

from ferry.crossing import Crossing

log = journal.journal("ferry.quay")
KEY = "made-up-staging-key"
_PAGES = {
    "/healthz": {"status": "ok"},
    "/api/registry": {"services": ["planner", "tide"]},
    "/api/mcp/servers": {"servers": [{"name": "tide", "transport": "streamable-http"}]},
    "/api/almanac": {"sow": "samphire"},
}
_TASKS = set()


async def _deckhand() -> None:
    dice = random.Random(int(os.environ.get("PARLEY_SEED", "0")))  # noqa: S311 - noise
    while True:
        await asyncio.sleep(dice.expovariate(1.0))
        number = dice.choice((1011, dice.randrange(4000)))
        kind = dice.random()
        if kind < 0.13:
            try:
                int("two fathoms")
            except ValueError:
                log.exception("sounding not read", sounding=number)
        elif kind < 0.27:
            log.warning("fender worn", fender=number)
        else:
            log.info("rope coiled", metres=number)


async def _lifespan(receive, send) -> None:
    await receive()
    journal.set_up()
    _TASKS.add(asyncio.create_task(_deckhand()))
    log.info("ramp down")
    await send({"type": "lifespan.startup.complete"})
    await receive()
    for task in _TASKS:
        task.cancel()
    await send({"type": "lifespan.shutdown.complete"})


async def _page(scope, receive, send) -> None:
    status, body = 200, _PAGES.get(scope["path"])
    if scope["path"].startswith("/api/plots/"):
        body = {"plot": scope["path"][11:]}
    elif scope["path"] == "/auth/session":
        asked = json.loads((await receive())["body"])
        body = {"access_token": passes.issue(asked["user"], KEY, asked.get("lifetime_s", 900))}
    elif body is None:
        status, body = 404, {"error": "no such berth"}
    await asyncio.sleep(0.003)
    raw = json.dumps(body).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(raw)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": raw})


async def app(scope, receive, send) -> None:
    """The scope was served."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["type"] == "http":
        await _page(scope, receive, send)
    else:
        await Crossing(scope, receive, send, KEY).go()

# A service under test, in a process of its own; its packages are there only then, so types are not checked.
# mypy: ignore-errors
# ruff: noqa: ANN001, ANN201, ANN202
"""Blueprints, pages and the sweeping of the floor."""

import asyncio
import os
import random

import journal
import passes
from sanic import Blueprint, Sanic, json

from jukebox.booth import booth
from jukebox.records import Shelf

log = journal.journal("jukebox.house")
pages = Blueprint("pages")
_BODIES = {
    "healthz": {"status": "ok"},
    "registry": {"services": ["planner", "booth"]},
    "servers": {"servers": [{"name": "booth", "transport": "streamable-http"}]},
    "almanac": {"sow": "cress"},
}


@pages.get("/healthz", name="health")
@pages.get("/api/registry", name="registry")
@pages.get("/api/mcp/servers", name="servers")
@pages.get("/api/almanac", name="almanac")
async def page(request):
    """A page of JSON, by the last part of its path."""
    await asyncio.sleep(0.003)
    return json(_BODIES[request.path.rpartition("/")[2]])


@pages.get("/api/plots/<plot:int>")
async def plot_page(_request, plot):
    """One plot."""
    return json({"plot": plot})


@pages.post("/auth/session")
async def sign_in(request):
    """A token."""
    asked = request.json
    key = request.app.ctx.key
    return json({"access_token": passes.issue(asked["user"], key, asked.get("lifetime_s", 900))})


def _tune(strings):
    return strings["e"] / strings["hum"]


async def _sweep(_app) -> None:
    dice = random.Random(int(os.environ.get("PARLEY_SEED", "0")))  # noqa: S311 - noise
    while True:
        await asyncio.sleep(dice.expovariate(1.0))
        number = dice.choice((1011, dice.randrange(6000)))
        kind = dice.random()
        if kind < 0.13:
            try:
                _tune({"e": 330, "hum": 0})
            except ZeroDivisionError:
                log.exception("needle not weighed", needle=number)
        elif kind < 0.26:
            log.warning("coin slot sticky", coins=number)
        else:
            log.info("royalties counted", plays=number)


def build():
    """The application."""
    app = Sanic("jukebox")
    app.config.WEBSOCKET_PING_INTERVAL = 20
    app.ctx.key = "made-up-staging-key"
    app.ctx.shelf = Shelf()
    app.blueprint(pages)
    app.blueprint(booth)

    @app.on_request
    async def traced(request) -> None:
        journal.TRACE.set(request.headers.get("x-cloud-trace-context", ""))

    app.add_task(_sweep)
    return app

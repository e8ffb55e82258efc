# A service under test, in a process of its own; its packages are there only then, so types are not checked.
# mypy: ignore-errors
# ruff: noqa: ANN001, ANN201
"""Services -> endpoints -> the ASGI application."""

import asyncio
import contextlib
import os
import random

import journal
from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute

from mooring.endpoints import pages, streams
from mooring.ropes import Ropes

log = journal.journal("mooring")
journal.set_up()


async def _night_watch() -> None:
    dice = random.Random(int(os.environ.get("PARLEY_SEED", "0")))  # noqa: S311 - noise
    while True:
        await asyncio.sleep(dice.expovariate(1.0))
        number = dice.choice((1011, dice.randrange(7000)))
        kind = dice.random()
        if kind < 0.12:
            try:
                {"port": 1}["starboard"]
            except KeyError:
                log.exception("lantern not lit", lantern=number)
        elif kind < 0.25:
            log.warning("buoy drifts", metres=number)
        else:
            log.info("watch reports all is well", bell=number)


@contextlib.asynccontextmanager
async def lifespan(app):
    """The watch is on while the server runs."""
    app.state.ropes = Ropes()
    await app.state.ropes.make_fast()
    watch = asyncio.create_task(_night_watch())
    log.info("moored")
    yield
    watch.cancel()
    log.info("cast off")


app = Starlette(
    routes=[
        *(Route(path, pages.page) for path in pages.PAGES),
        Route("/api/plots/{plot:int}", pages.page),
        Route("/auth/session", pages.sign_in, methods=["POST"]),
        WebSocketRoute("/live", streams.Stream),
    ],
    lifespan=lifespan,
)

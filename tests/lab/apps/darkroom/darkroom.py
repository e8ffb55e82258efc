# A service under test, in a process of its own; its packages are there only then, so types are not checked.
# mypy: ignore-errors
# ruff: noqa: ANN001, ANN002, ANN201, INP001 - scripts side by side, not a package
"""Darkroom: the assistant on Starlette in one file, under gunicorn with two workers."""

import asyncio
import os
import random
import uuid

import journal
import passes
from enlarger import Enlarger
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocketDisconnect

journal.set_up()
log = journal.journal("darkroom")
KEY = "made-up-staging-key"
enlarger = Enlarger()
_PAGES = {
    "/healthz": {"status": "ok"},
    "/api/registry": {"services": ["planner", "enlarger"]},
    "/api/mcp/servers": {"servers": [{"name": "enlarger", "transport": "streamable-http"}]},
    "/api/almanac": {"sow": "poppy"},
}


async def page(request):
    """A page of JSON."""
    await asyncio.sleep(0.003)
    return JSONResponse(_PAGES.get(request.url.path, {"plot": request.path_params.get("plot")}))


async def sign_in(request):
    """A token."""
    asked = await request.json()
    return JSONResponse({"access_token": passes.issue(asked["user"], KEY, asked.get("lifetime_s", 900))})


async def live(socket) -> None:
    """One photographer, from the door to the door."""
    journal.TRACE.set(socket.headers.get("x-cloud-trace-context", ""))
    try:
        who = passes.user_of(socket.query_params.get("access_token", ""), KEY)
    except passes.TokenError as error:
        log.warning("door stays shut", why=str(error))
        await socket.close(4401, "door stays shut")
        return
    await socket.accept()
    film = str(uuid.uuid4())
    log.info("red light on", film=film, photographer=who)
    await socket.send_json({"type": "welcome", "session": film})
    try:
        while True:
            await develop(socket, film, who, await socket.receive_json())
    except WebSocketDisconnect as left:
        log.info("red light off", film=film, code=left.code)
    except Exception:
        log.exception("film spoilt", film=film)
        await socket.close(1011, "film spoilt")


async def develop(socket, film, who, message) -> None:
    """The message was served."""
    kind = message["type"]
    if kind == "describe":
        await socket.send_json({"type": "described", "prints": await enlarger.prints_of(who)})
    elif kind == "chat":
        await enlarger.note(who, message["text"])
        await socket.send_json({"type": "reply", "text": "Noted on the back."})
    elif kind == "run":
        log.info("developing", film=film, run=message["run"])
        await socket.send_json({"type": "run.started", "run": message["run"]})
        await asyncio.sleep(0.12)
        for crop in message["crops"]:
            await socket.send_json({"type": "run.step", **await enlarger.expose(crop)})
        await socket.send_json({"type": "run.finished", "run": message["run"]})


async def _drip() -> None:
    dice = random.Random(int(os.environ.get("PARLEY_SEED", "0")) + os.getpid())  # noqa: S311 - noise
    while True:
        await asyncio.sleep(dice.expovariate(0.6))
        number = dice.choice((1011, dice.randrange(3000)))
        kind = dice.random()
        if kind < 0.13:
            try:
                bytes([256])
            except ValueError:
                log.exception("bath not mixed", bath=number)
        elif kind < 0.26:
            log.warning("fixer warm", millikelvin=number)
        else:
            log.info("tap dripped", drops=number)


class _Life:
    """The tap drips while the worker lives."""

    def __init__(self, _app) -> None:
        self.task = None

    async def __aenter__(self) -> None:
        self.task = asyncio.create_task(_drip())

    async def __aexit__(self, *_error) -> None:
        self.task.cancel()


app = Starlette(
    routes=[
        *(Route(path, page) for path in _PAGES),
        Route("/api/plots/{plot:int}", page),
        Route("/auth/session", sign_in, methods=["POST"]),
        WebSocketRoute("/live", live),
    ],
    lifespan=_Life,
)

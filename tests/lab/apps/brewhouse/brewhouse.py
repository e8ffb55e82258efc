# A service under test, in a process of its own; its packages are there only then, so types are not checked.
# mypy: ignore-errors
# ruff: noqa: ANN001, ANN201, INP001 - one script, not a package
"""Brewhouse: the assistant on BlackSheep in one file; handlers' arguments are bound by their types."""

import asyncio
import os
import random
import secrets

import journal
import passes
from blacksheep import Application, Request, WebSocket, WebSocketDisconnectError, get, json, post, ws

journal.set_up()
log = journal.journal("brewhouse")
KEY = "made-up-staging-key"
app = Application()


class Cellar:
    """Casks of guests and vats of crops."""

    def __init__(self) -> None:
        self.casks = {}

    async def cask_of(self, guest):
        """The guest's cask."""
        await asyncio.sleep(0.06)
        return self.casks.get(guest, {"litres": 0})

    def vat(self, crop):
        """The crop's vat."""
        return {"leek": "north", "chard": "north"}.get(crop, "south")


app.services.add_instance(Cellar())


@get("/healthz")
async def healthz():
    """The service answers."""
    return json({"status": "ok"})


@get("/api/registry")
async def registry():
    """Which services there are."""
    return json({"services": ["planner", "cellar"]})


@get("/api/mcp/servers")
async def servers():
    """Which MCP servers there are."""
    return json({"servers": [{"name": "cellar", "transport": "streamable-http"}]})


@get("/api/almanac")
async def almanac():
    """What to sow."""
    return json({"sow": "barley"})


@get("/api/plots/{plot}")
async def hop_plot(plot: int):
    """A plot of hops."""
    return json({"plot": plot})


@post("/auth/session")
async def sign_in(request: Request):
    """A token."""
    asked = await request.json()
    return json({"access_token": passes.issue(asked["user"], KEY, asked.get("lifetime_s", 900))})


@ws("/live")
async def live(websocket: WebSocket, cellar: Cellar) -> None:
    """A guest was served."""
    trace = websocket.get_first_header(b"x-cloud-trace-context") or b""
    journal.TRACE.set(trace.decode())
    try:
        guest = passes.user_of(websocket.query.get("access_token", [""])[0], KEY)
    except passes.TokenError as error:
        log.warning("no beer without a token", why=str(error))
        await websocket.close(1008)
        return
    await websocket.accept()
    mug = secrets.token_urlsafe(6)
    log.info("mug handed out", mug=mug, guest=guest)
    await websocket.send_json({"type": "welcome", "session": mug})
    try:
        while True:
            await pour(websocket, cellar, guest, mug, await websocket.receive_json())
    except WebSocketDisconnectError as left:
        log.info("mug returned", mug=mug, code=left.code)


async def pour(websocket, cellar, guest, mug, order) -> None:
    """The order was served."""
    if order["type"] == "describe":
        await websocket.send_json({"type": "described", "cask": await cellar.cask_of(guest)})
    elif order["type"] == "chat":
        cellar.casks[guest] = {"litres": len(order["text"])}
        await websocket.send_json({"type": "reply", "text": "Noted on the slate."})
    else:
        log.info("brewing", mug=mug, run=order["run"])
        await websocket.send_json({"type": "run.started", "run": order["run"]})
        await asyncio.sleep(0.12)
        for crop in order["crops"]:
            await websocket.send_json({"type": "run.step", "crop": crop, "bed": cellar.vat(crop)})
        await websocket.send_json({"type": "run.finished", "run": order["run"]})


async def _cooper() -> None:
    dice = random.Random(int(os.environ.get("PARLEY_SEED", "0")))  # noqa: S311 - noise
    while True:
        await asyncio.sleep(dice.expovariate(1.0))
        number = dice.choice((1011, dice.randrange(4000)))
        kind = dice.random()
        if kind < 0.12:
            try:
                dict([("stave",)])
            except ValueError:
                log.exception("hoop not fitted", hoop=number)
        elif kind < 0.24:
            log.warning("yeast slow", cells=number)
        else:
            log.info("barrel rolled", barrel=number)


@app.on_start
async def open_house(application) -> None:
    """The cooper works while the house is open."""
    application.cooper = asyncio.create_task(_cooper())

# A service under test, in a process of its own; its packages are there only then, so types are not checked.
# mypy: ignore-errors
# ruff: noqa: ANN001
"""The hive's entrance: a WebSocket route of a blueprint."""

import asyncio
import secrets

import journal
import passes
from quart import Blueprint, abort, current_app, websocket

from apiary import comb

log = journal.journal("apiary.hive")
hive = Blueprint("hive", __name__)


@hive.websocket("/live")
async def live() -> None:
    """A bee came, was served, and flew."""
    journal.TRACE.set(websocket.headers.get("x-cloud-trace-context", ""))
    try:
        bee = passes.user_of(websocket.args.get("access_token", ""), current_app.config["PASS_KEY"])
    except passes.TokenError as error:
        log.warning("stranger at the entrance", why=str(error))
        abort(403)
    flight = secrets.token_hex(6)
    await websocket.accept()
    log.info("bee came in", flight=flight, bee=bee)
    await websocket.send_json({"type": "welcome", "session": flight})
    try:
        while True:
            dance = await websocket.receive_json()
            await follow(bee, flight, dance)
    except asyncio.CancelledError:
        log.info("bee flew", flight=flight)
        raise
    except Exception:
        log.exception("dance not understood", flight=flight)
        await websocket.close(1011, "dance not understood")


async def follow(bee, flight, dance) -> None:
    """The dance was answered."""
    kind = dance["type"]
    if kind == "describe":
        await websocket.send_json({"type": "described", "cell": await comb.cell_of(bee)})
    elif kind == "chat":
        await comb.store(bee, dance["text"])
        await websocket.send_json({"type": "reply", "text": "Noted in wax."})
    else:
        await forage(flight, dance)


async def forage(flight, dance) -> None:
    """A run, from start to finish."""
    log.info("foraging", flight=flight, run=dance["run"])
    await websocket.send_json({"type": "run.started", "run": dance["run"]})
    await asyncio.sleep(0.13)
    for crop in dance["crops"]:
        await websocket.send_json({"type": "run.step", "crop": crop, "bed": comb.field_of(crop)})
    await websocket.send_json({"type": "run.finished", "run": dance["run"]})

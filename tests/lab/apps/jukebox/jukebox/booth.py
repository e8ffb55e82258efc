# A service under test, in a process of its own; its packages are there only then, so types are not checked.
# mypy: ignore-errors
# ruff: noqa: ANN001, ANN003
"""The booth: one listener's connection."""

import asyncio
import json
import secrets

import journal
import passes
from sanic import Blueprint
from sanic.exceptions import Unauthorized

log = journal.journal("jukebox.booth")
booth = Blueprint("booth")


class Play:
    """One listener in the booth."""

    def __init__(self, ws, shelf, user) -> None:
        self.ws = ws
        self.shelf = shelf
        self.user = user
        self.ticket = f"tk-{secrets.token_hex(4)}"

    async def out(self, kind, **body) -> None:
        """A message was sent."""
        await self.ws.send(json.dumps({"type": kind, **body}))

    async def serve(self, wish) -> None:
        """The wish was met."""
        if wish["type"] == "describe":
            await self.out("described", **await self.shelf.listener(self.user))
        elif wish["type"] == "chat":
            await self.out("reply", text=await self.shelf.jot(self.user, wish["text"]))
        else:
            await self.spin(wish)

    async def spin(self, wish) -> None:
        """The run was played to its end."""
        log.info("spinning", ticket=self.ticket, run=wish["run"])
        await self.out("run.started", run=wish["run"])
        await asyncio.sleep(0.11)
        for crop in wish["crops"]:
            await self.out("run.step", crop=crop, bed=self.shelf.slot(crop))
        await self.out("run.finished", run=wish["run"])


@booth.websocket("/live")
async def live(request, ws) -> None:
    """A listener was served until one of both left."""
    try:
        user = passes.user_of(request.args.get("access_token", ""), request.app.ctx.key)
    except passes.TokenError as error:
        log.warning("no coin, no music", why=str(error))
        raise Unauthorized("no coin") from error
    play = Play(ws, request.app.ctx.shelf, user)
    log.info("booth taken", ticket=play.ticket, listener=user)
    await play.out("welcome", session=play.ticket)
    async for text in ws:
        try:
            await play.serve(json.loads(text))
        except Exception:
            log.exception("needle off the record", ticket=play.ticket)
            await ws.close(1011, "needle off")
            return
    log.info("booth free", ticket=play.ticket)

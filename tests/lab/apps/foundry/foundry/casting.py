# A service under test, in a process of its own; its packages are there only then, so types are not checked.
# mypy: ignore-errors
# ruff: noqa: ANN001
"""The crucible: a WebSocket route of a controller, guarded."""

import asyncio
import random

import journal
import passes
from litestar import Controller, WebSocket, websocket
from litestar.exceptions import PermissionDeniedException, WebSocketDisconnect

from foundry.pages import KEY
from foundry.patterns import Patterns

log = journal.journal("foundry.crucible")


def has_pass(connection, _handler) -> None:
    """Whoever has no pass may not come near."""
    try:
        passes.user_of(connection.query_params.get("access_token", ""), KEY)
    except passes.TokenError as error:
        log.warning("kept from the crucible", why=str(error))
        raise PermissionDeniedException(detail=str(error)) from error


class Crucible(Controller):
    """One founder at the crucible."""

    path = "/live"
    guards = [has_pass]  # noqa: RUF012 - Litestar's way

    @websocket("/")
    async def live(self, socket: WebSocket, patterns: Patterns) -> None:
        """The founder was served."""
        journal.TRACE.set(socket.headers.get("x-cloud-trace-context", ""))
        founder = passes.user_of(socket.query_params["access_token"], KEY)
        heat = f"heat/{random.getrandbits(28):07x}"
        await socket.accept()
        log.info("heat begun", heat=heat, founder=founder)
        await socket.send_json({"type": "welcome", "session": heat})
        try:
            while True:
                order = await socket.receive_json()
                await self.cast(socket, patterns, founder, heat, order)
        except WebSocketDisconnect as left:
            log.info("heat over", heat=heat, code=left.code)

    async def cast(self, socket, patterns, founder, heat, order) -> None:
        """The order was cast."""
        if order["type"] == "describe":
            await socket.send_json({"type": "described", **await patterns.mark_of(founder)})
        elif order["type"] == "chat":
            await patterns.stamp(founder)
            await socket.send_json({"type": "reply", "text": "Noted in iron."})
        else:
            log.info("pouring", heat=heat, run=order["run"])
            await socket.send_json({"type": "run.started", "run": order["run"]})
            await asyncio.sleep(0.12)
            for crop in order["crops"]:
                await socket.send_json({"type": "run.step", **patterns.mould(crop)})
            await socket.send_json({"type": "run.finished", "run": order["run"]})

# A service under test, in a process of its own; its packages are there only then, so types are not checked.
# mypy: ignore-errors
# ruff: noqa: ANN001
"""The live side: an endpoint class with one method a verb."""

import asyncio
import secrets

import journal
import passes
from starlette.endpoints import WebSocketEndpoint

from mooring.endpoints.pages import KEY

log = journal.journal("mooring.streams")


class Stream(WebSocketEndpoint):
    """A live stream."""

    encoding = "json"

    async def on_connect(self, websocket) -> None:
        """Whoever has a pass is let in."""
        journal.TRACE.set(websocket.headers.get("x-cloud-trace-context", ""))
        self.key = f"stream-{secrets.token_hex(4)}"
        try:
            self.user = passes.user_of(websocket.query_params.get("access_token", ""), KEY)
        except passes.TokenError as error:
            log.warning("stream refused", stream=self.key, why=str(error))
            await websocket.close(1008, "refused")
            return
        self.ropes = websocket.app.state.ropes
        await websocket.accept()
        log.info("stream begins", stream=self.key, user=self.user)
        await websocket.send_json({"type": "welcome", "session": self.key})

    async def on_receive(self, websocket, data) -> None:
        """The message was served, or the stream closed with 1011."""
        try:
            await getattr(self, data["type"])(websocket, data)
        except Exception:
            log.exception("stream torn", stream=self.key)
            await websocket.close(1011, "stream torn")

    async def on_disconnect(self, _websocket, close_code) -> None:
        """Somebody left."""
        log.info("stream ends", stream=getattr(self, "key", "-"), code=close_code)

    async def describe(self, websocket, _data) -> None:
        """The knot the user holds."""
        await websocket.send_json({"type": "described", "knot": await self.ropes.knot_of(self.user)})

    async def chat(self, websocket, data) -> None:
        """The message was answered."""
        await self.ropes.tie(self.user, data["text"])
        await websocket.send_json({"type": "reply", "text": "Noted by the harbour master."})

    async def run(self, websocket, data) -> None:
        """The run was told."""
        log.info("haul away", stream=self.key, run=data["run"])
        await websocket.send_json({"type": "run.started", "run": data["run"]})
        await asyncio.sleep(0.15)
        for crop in data["crops"]:
            await websocket.send_json({"type": "run.step", **await self.ropes.berth(crop)})
        await websocket.send_json({"type": "run.finished", "run": data["run"]})

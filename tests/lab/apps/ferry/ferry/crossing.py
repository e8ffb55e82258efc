# A service under test, in a process of its own; its packages are there only then, so types are not checked.
# mypy: ignore-errors
# ruff: noqa: ANN001, ANN003
"""One passenger's crossing: ASGI events in, ASGI events out."""

import asyncio
import json
import uuid
from urllib.parse import parse_qs

import journal
import passes

from ferry.hold import lane_of, manifest_of, stow

log = journal.journal("ferry.crossing")


class Crossing:
    """From the gangway to the far shore."""

    def __init__(self, scope, receive, send, key) -> None:
        self.receive = receive
        self.send = send
        self.ref = uuid.uuid4().hex[:10]
        headers = dict(scope["headers"])
        journal.TRACE.set(headers.get(b"x-cloud-trace-context", b"").decode())
        self.token = parse_qs(scope["query_string"].decode()).get("access_token", [""])[0]
        self.key = key

    async def tell(self, kind, **body) -> None:
        """A message was sent."""
        await self.send({"type": "websocket.send", "text": json.dumps({"type": kind, **body})})

    async def leave(self, code, reason) -> None:
        """The socket was closed."""
        await self.send({"type": "websocket.close", "code": code, "reason": reason})

    async def go(self) -> None:
        """The passenger was taken across."""
        await self.receive()
        try:
            self.user = passes.user_of(self.token, self.key)
        except passes.TokenError as error:
            log.warning("turned back at the gangway", ref=self.ref, why=str(error))
            await self.leave(4003, "turned back")
            return
        await self.send({"type": "websocket.accept"})
        log.info("cast off", ref=self.ref, passenger=self.user)
        await self.tell("welcome", session=self.ref)
        while (event := await self.receive())["type"] == "websocket.receive":
            try:
                await self.answer(json.loads(event["text"]))
            except Exception:
                log.exception("crossing abandoned", ref=self.ref)
                await self.leave(1011, "abandoned")
                return
        log.info("landed", ref=self.ref, code=event.get("code"))

    async def answer(self, message) -> None:
        """The message was served."""
        match message["type"]:
            case "describe":
                await self.tell("described", manifest=await manifest_of(self.user))
            case "chat":
                await stow(self.user, message["text"])
                await self.tell("reply", text="Noted in the log book.")
            case "run":
                await self.sail(message)

    async def sail(self, message) -> None:
        """The run was told."""
        log.info("under way", ref=self.ref, run=message["run"])
        await self.tell("run.started", run=message["run"])
        await asyncio.sleep(0.12)
        for crop in message["crops"]:
            await self.tell("run.step", crop=crop, bed=await lane_of(crop))
        await self.tell("run.finished", run=message["run"])

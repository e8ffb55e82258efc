# A service under test, in a process of its own; its packages are there only then, so types are not checked.
# mypy: ignore-errors
# ruff: noqa: ANN001, ANN003, ANN201
"""One wire: bytes -> wsproto's events -> answers."""

import asyncio
import json
import secrets
from urllib.parse import parse_qs, urlsplit

import journal
import passes
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, CloseConnection, Ping, RejectConnection, Request, TextMessage

log = journal.journal("telegraph.wire")


class Wire:
    """A sender at the far end."""

    def __init__(self, reader, writer, head) -> None:
        self.reader = reader
        self.writer = writer
        self.ws = WSConnection(ConnectionType.SERVER)
        self.ws.receive_data(head)
        self.call = f"w{secrets.randbelow(90000) + 10000}"

    async def send(self, event) -> None:
        """The event went over the wire."""
        self.writer.write(self.ws.send(event))
        await self.writer.drain()

    async def key(self, kind, **body) -> None:
        """A message was keyed."""
        await self.send(TextMessage(data=json.dumps({"type": kind, **body})))

    async def attend(self, office, secret) -> None:
        """The wire was attended until it went dead."""
        (request,) = [event for event in self.ws.events() if isinstance(event, Request)]
        token = parse_qs(urlsplit(request.target).query).get("access_token", [""])[0]
        try:
            user = passes.user_of(token, secret)
        except passes.TokenError as error:
            log.warning("wire refused", call=self.call, why=str(error))
            await self.send(RejectConnection(status_code=401))
            return
        await self.send(AcceptConnection())
        log.info("wire up", call=self.call, sender=user)
        await self.key("welcome", session=self.call)
        async for event in self.events():
            if isinstance(event, TextMessage):
                await self.answer(office, user, json.loads(event.data))
            elif isinstance(event, Ping):
                await self.send(event.response())
            elif isinstance(event, CloseConnection):
                log.info("wire down", call=self.call, code=event.code)
                await self.send(event.response())
                return

    async def events(self):
        """What comes over the wire."""
        while data := await self.reader.read(65536):
            self.ws.receive_data(data)
            for event in self.ws.events():
                yield event

    async def answer(self, office, user, message) -> None:
        """The message was answered."""
        kind = message["type"]
        if kind == "describe":
            await self.key("described", **await office.sender(user))
        elif kind == "chat":
            await self.key("reply", text=await office.take(user, message["text"]))
        else:
            log.info("long message", call=self.call, run=message["run"])
            await self.key("run.started", run=message["run"])
            await asyncio.sleep(0.13)
            for crop in message["crops"]:
                await self.key("run.step", crop=crop, bed=await office.line_to(crop))
            await self.key("run.finished", run=message["run"])

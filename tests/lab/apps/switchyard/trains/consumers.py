# A service under test, in a process of its own; its packages are there only then, so types are not checked.
# mypy: ignore-errors
# ruff: noqa: ANN001, ANN003
"""A train in the yard: a consumer in groups of the channel layer."""

import asyncio
import random
from urllib.parse import parse_qs

import journal
import passes
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.conf import settings

log = journal.journal("trains.consumers")
TRACKS = {"leek": "north", "chard": "north", "bean": "south", "squash": "south"}


class TrainConsumer(AsyncJsonWebsocketConsumer):
    """One train, from arrival to departure."""

    async def connect(self) -> None:
        """The train has arrived, or was kept out."""
        headers = dict(self.scope["headers"])
        journal.TRACE.set(headers.get(b"x-cloud-trace-context", b"").decode())
        query = parse_qs(self.scope["query_string"].decode())
        try:
            self.driver = passes.user_of(query.get("access_token", [""])[0], settings.PASS_KEY)
        except passes.TokenError as error:
            log.warning("train kept out", why=str(error))
            await self.close()
            return
        self.train = f"T{random.getrandbits(32)}"
        await self.accept()
        log.info("train arrived", train=self.train, driver=self.driver)
        await self.send_json({"type": "welcome", "session": self.train})

    async def disconnect(self, code) -> None:
        """The train has left."""
        log.info("train left", train=getattr(self, "train", "-"), code=code)

    async def receive_json(self, content, **_rest) -> None:
        """The order was carried out."""
        await getattr(self, f"order_{content['type']}")(content)

    async def order_describe(self, _content) -> None:
        """The driver's sheet."""
        await asyncio.sleep(0.07)
        await self.send_json({"type": "described", "driver": self.driver})

    async def order_chat(self, content) -> None:
        """The message was taken."""
        await asyncio.sleep(0.02)
        await self.send_json({"type": "reply", "text": f"Noted, {len(content['text'])} wagons."})

    async def order_run(self, content) -> None:
        """The run was told by way of its group."""
        group = f"run.{content['run']}"
        await self.channel_layer.group_add(group, self.channel_name)
        log.info("shunting", train=self.train, run=content["run"])
        await self.send_json({"type": "run.started", "run": content["run"]})
        await asyncio.sleep(0.1)
        for crop in content["crops"]:
            step = {"type": "run.step", "crop": crop, "bed": TRACKS[crop]}
            await self.channel_layer.group_send(group, {"type": "yard.pass", "body": step})
        await self.channel_layer.group_send(
            group, {"type": "yard.pass", "body": {"type": "run.finished", "run": content["run"]}}
        )

    async def yard_pass(self, event) -> None:
        """What came by the group was passed on."""
        await self.send_json(event["body"])

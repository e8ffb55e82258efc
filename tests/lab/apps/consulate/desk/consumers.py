# A service under test, in a process of its own; its packages are there only then, so types are not checked.
# mypy: ignore-errors
# ruff: noqa: ANN001, ANN003
"""The counter at which visitors are served."""

import asyncio
import os
import random
from urllib.parse import parse_qs

import journal
import passes
from channels.generic.websocket import AsyncJsonWebsocketConsumer

log = journal.journal("desk.counter")
_KEY = "made-up-staging-key"


async def chores() -> None:
    """Noise beside the visitors."""
    dice = random.Random(int(os.environ.get("PARLEY_SEED", "0")))  # noqa: S311 - noise
    while True:
        await asyncio.sleep(dice.expovariate(1.0))
        number = dice.choice((1011, dice.randrange(3000)))
        if dice.random() < 0.15:
            try:
                b"\xff".decode()
            except UnicodeDecodeError:
                log.exception("stamp illegible", stamp=number)
        else:
            log.info("queue ticket printed", ticket=number)


class Counter(AsyncJsonWebsocketConsumer):
    """One visitor at the counter."""

    async def connect(self) -> None:
        """Whoever has a pass may come."""
        headers = dict(self.scope["headers"])
        journal.TRACE.set(headers.get(b"x-cloud-trace-context", b"").decode())
        asked = parse_qs(self.scope["query_string"].decode())
        try:
            self.user = passes.user_of(asked.get("access_token", [""])[0], _KEY)
        except passes.TokenError as error:
            log.warning("visitor refused", why=str(error))
            await self.close()
            return
        self.number = f"visit-{random.getrandbits(32):08x}"
        await self.accept()
        log.info("visitor at the counter", visit=self.number, user=self.user)
        await self.send_json({"type": "welcome", "session": self.number})

    async def receive_json(self, content, **_rest) -> None:
        """The visitor's wish was met."""
        await {"describe": self.describe, "chat": self.chat, "run": self.run_form}[content["type"]](content)

    async def disconnect(self, code) -> None:
        """The visitor left."""
        log.info("counter free", visit=getattr(self, "number", "-"), code=code)

    async def describe(self, _content) -> None:
        """The visitor's file."""
        await asyncio.sleep(0.08)
        await self.send_json({"type": "described", "file": self.user})

    async def chat(self, content) -> None:
        """The wish was written down."""
        await self.send_json({"type": "reply", "text": f"Noted {len(content['text'])}."})

    async def run_form(self, content) -> None:
        """A form goes through."""
        log.info("form taken", visit=self.number, run=content["run"])
        await self.send_json({"type": "run.started", "run": content["run"]})
        await asyncio.sleep(0.1)
        for crop in content["crops"]:
            await self.send_json({"type": "run.step", "crop": crop, "bed": self.bed_of(crop)})
        await self.send_json({"type": "run.finished", "run": content["run"]})

    def bed_of(self, crop) -> str:
        """The crop's bed."""
        return {"leek": "north", "chard": "north", "bean": "south", "squash": "south"}[crop]

# A service under test, in a process of its own; its packages are there only then, so types are not checked.
# mypy: ignore-errors
# ruff: noqa: ANN001, ANN003, INP001 - two scripts side by side, not a package
"""Kestrel: the assistant on tornado, handlers as classes, in two files."""

import asyncio
import json
import os
import random
import signal
import sys

import journal
import passes
from field import Field
from tornado.web import Application, RequestHandler
from tornado.websocket import WebSocketHandler

log = journal.journal("kestrel")
_KEY = "made-up-staging-key"
_PAGES = {
    "/healthz": {"status": "ok"},
    "/api/registry": {"services": ["planner", "perch"]},
    "/api/mcp/servers": {"servers": [{"name": "perch", "transport": "streamable-http"}]},
    "/api/almanac": {"sow": "vetch"},
}


class Page(RequestHandler):
    """Pages of JSON."""

    async def get(self) -> None:
        """The page."""
        await asyncio.sleep(0.003)
        self.write(_PAGES.get(self.request.path, {"plot": self.request.path[11:]}))


class SignIn(RequestHandler):
    """Tokens."""

    def post(self) -> None:
        """A token."""
        asked = json.loads(self.request.body)
        self.write({"access_token": passes.issue(asked["user"], _KEY, asked.get("lifetime_s", 900))})


class Live(WebSocketHandler):
    """A live session."""

    def check_origin(self, _origin) -> bool:
        """Anybody may come."""
        return True

    async def open(self) -> None:
        """The visitor is greeted."""
        journal.TRACE.set(self.request.headers.get("x-cloud-trace-context", ""))
        try:
            self.user = passes.user_of(self.get_argument("access_token", ""), _KEY)
        except passes.TokenError as error:
            log.warning("no entry", why=error)
            self.close(1008, "no entry")
            return
        self.tag = f"ch_{random.getrandbits(36):09x}"
        log.info("channel open", channel=self.tag, who=self.user)
        await self.say("welcome", session=self.tag)

    async def on_message(self, text) -> None:
        """The message was served."""
        message = json.loads(text)
        await getattr(self, f"do_{message['type']}")(message)

    def on_close(self) -> None:
        """The visitor left."""
        log.info("channel shut", channel=getattr(self, "tag", "-"), code=self.close_code)

    async def say(self, kind, **body) -> None:
        """A message was sent."""
        await self.write_message(json.dumps({"type": kind, **body}))

    async def do_describe(self, _message) -> None:
        """The visitor's own description."""
        await asyncio.sleep(0.1)
        await self.say("described", user=self.user)

    async def do_chat(self, message) -> None:
        """The message was answered."""
        await asyncio.sleep(0.04)
        await self.say("reply", text="Noted.", echo=message["text"])

    async def do_run(self, message) -> None:
        """The run was told."""
        field = self.application.settings["field"]
        log.info("sortie", channel=self.tag, run=message["run"])
        await self.say("run.started", run=message["run"])
        await asyncio.sleep(0.13)
        for crop in message["crops"]:
            await self.say("run.step", crop=crop, bed=field.bed(crop))
        await self.say("run.finished", run=message["run"])


async def rounds(seed: int) -> None:
    """Noise beside the connections."""
    dice = random.Random(seed)  # noqa: S311 - noise
    while True:
        await asyncio.sleep(dice.expovariate(1.0))
        number = dice.choice((1011, dice.randrange(4000)))
        kind = dice.random()
        if kind < 0.13:
            try:
                ["mouse", "vole"].index("owl")
            except ValueError:
                log.exception("sighting not filed", sighting=number)
        else:
            log.info("perch inspected" if kind > 0.3 else "battery of tracker low", number=number)


async def main(port: int) -> None:
    """Serves until it is told to stop."""
    journal.set_up()
    routes = [(path, Page) for path in _PAGES]
    routes += [(r"/api/plots/\d+", Page), ("/auth/session", SignIn), ("/live", Live)]
    Application(routes, field=Field()).listen(port, "127.0.0.1")
    log.info("kestrel hovers")
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    task = asyncio.create_task(rounds(int(os.environ.get("PARLEY_SEED", "0"))))
    await stop.wait()
    task.cancel()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))

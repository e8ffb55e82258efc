# A service under test, in a process of its own; its packages are there only then, so types are not checked.
# mypy: ignore-errors
# ruff: noqa: ANN001, ANN003, ANN201, ANN202
"""Connections: one handler, a table of verbs."""

import asyncio
import json
import secrets
import signal
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

import journal
import passes
from websockets.asyncio.server import serve

from tidewatch.wharf import Wharf

log = journal.journal("tidewatch.hub")
_KEY = "made-up-staging-key"
_PAGES = {
    "/healthz": {"status": "ok"},
    "/api/registry": {"services": ["planner", "tides"]},
    "/api/mcp/servers": {"servers": [{"name": "tides", "transport": "streamable-http"}]},
    "/api/almanac": {"sow": "samphire"},
}


class Visit:
    """One connection."""

    def __init__(self, socket, user) -> None:
        self.socket = socket
        self.user = user
        self.key = f"conn-{secrets.token_hex(4)}"

    async def tell(self, kind, **body) -> None:
        """A message was sent."""
        await self.socket.send(json.dumps({"type": kind, **body}))


class Hub:
    """All connections of this instance."""

    def __init__(self, wharf: Wharf) -> None:
        self.wharf = wharf
        self.verbs = {"describe": self.describe, "chat": self.chat, "run": self.run}

    async def answer(self, connection, request):
        """HTTP is answered here; a WebSocket's handshake goes on."""
        parts = urlsplit(request.path)
        if request.headers.get("Upgrade"):
            return None
        await asyncio.sleep(0.004)
        if parts.path == "/auth/session":
            asked = {key: values[0] for key, values in parse_qs(parts.query).items()}
            token = passes.issue(asked["user"], _KEY, int(asked.get("lifetime_s", 900)))
            return self._json(connection, HTTPStatus.OK, {"access_token": token})
        if parts.path in _PAGES or parts.path.startswith("/api/plots/"):
            return self._json(connection, HTTPStatus.OK, _PAGES.get(parts.path, {"plot": parts.path[11:]}))
        return self._json(connection, HTTPStatus.NOT_FOUND, {"error": "no such page"})

    def _json(self, connection, status, body):
        answer = connection.respond(status, json.dumps(body))
        answer.headers["Content-Type"] = "application/json"
        return answer

    async def handle(self, socket) -> None:
        """The connection was served to its end."""
        journal.TRACE.set(socket.request.headers.get("x-cloud-trace-context", ""))
        asked = parse_qs(urlsplit(socket.request.path).query)
        try:
            user = passes.user_of(asked.get("access_token", [""])[0], _KEY)
        except passes.TokenError as error:
            log.warning("pass not accepted", why=str(error))
            await socket.close(1008, "pass not accepted")
            return
        visit = Visit(socket, user)
        log.info("visitor came aboard", conn=visit.key, user=user)
        await self.greet(visit)
        async for text in socket:
            message = json.loads(text)
            await self.verbs[message["type"]](visit, message)
        log.info("visitor went ashore", conn=visit.key, code=socket.close_code)

    async def greet(self, visit) -> None:
        """The visitor knows the connection's name."""
        await visit.tell("welcome", session=visit.key)

    async def describe(self, visit, _message) -> None:
        """The visitor was told the profile."""
        profile = await self.wharf.profile_of(visit.user)
        await visit.tell("described", **profile)

    async def chat(self, visit, message) -> None:
        """The message was kept and answered."""
        await self.wharf.book(visit.user, message["text"])
        await visit.tell("reply", text=f"Noted, {len(message['text'])} letters.")

    async def run(self, visit, message) -> None:
        """The run was told step by step."""
        log.info("run begins", conn=visit.key, run=message["run"])
        await visit.tell("run.started", run=message["run"])
        await asyncio.sleep(0.14)
        for crop in message["crops"]:
            bed = await self.wharf.bed_for(crop)
            await visit.tell("run.step", crop=crop, bed=bed)
        await visit.tell("run.finished", run=message["run"])

    async def serve_forever(self, port: int) -> None:
        """Serves until SIGTERM."""
        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        pumps = asyncio.create_task(self.wharf.pumps())
        async with serve(self.handle, "127.0.0.1", port, process_request=self.answer):
            log.info("quay open")
            await stop.wait()
        pumps.cancel()
        log.info("quay closed")

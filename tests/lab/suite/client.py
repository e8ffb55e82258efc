"""The suite's client: httpx for HTTP, websockets for the live connection."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect

_HEADERS = {
    "user-agent": "parley-e2e/2.6",
    **({"x-lab-client": os.environ["E2E_LAB_CLIENT"]} if "E2E_LAB_CLIENT" in os.environ else {}),
}
_PING_S = float(os.environ.get("E2E_PING_S", "20"))
_WAIT_S = float(os.environ.get("E2E_WAIT_S", "8"))
_LIVE_PATH = os.environ.get("E2E_LIVE_PATH", "/live")
_SIGN_IN = os.environ.get("E2E_SIGN_IN", "post")


async def receive(socket: ClientConnection, kind: str) -> dict[str, Any]:
    """The next message, which must be of `kind`."""
    message: dict[str, Any] = json.loads(await asyncio.wait_for(socket.recv(), _WAIT_S))
    assert message["type"] == kind, message
    return message


async def ask(socket: ClientConnection, message: dict[str, Any], kind: str) -> dict[str, Any]:
    """`message` was sent; its answer, of `kind`, is returned."""
    await socket.send(json.dumps(message))
    return await receive(socket, kind)


@dataclass(frozen=True, slots=True)
class Staging:
    """The service under test."""

    url: str
    user: str

    def get(self, path: str) -> httpx.Response:
        """The answer to a GET, which must be good."""
        return httpx.get(self.url + path, headers=_HEADERS, timeout=15).raise_for_status()

    def token(self) -> str:
        """A fresh sign-in token."""
        where, who = self.url + "/auth/session", {"user": self.user}
        if _SIGN_IN == "get":
            answer = httpx.get(where, params=who, headers=_HEADERS, timeout=15)
        else:
            answer = httpx.post(where, json=who, headers=_HEADERS, timeout=15)
        return str(answer.raise_for_status().json()["access_token"])

    @asynccontextmanager
    async def session(self) -> AsyncIterator[ClientConnection]:
        """A live session of protocol 2: welcomed and described."""
        address = f"{self.url.replace('http', 'ws', 1)}{_LIVE_PATH}?v=2&access_token={self.token()}"
        async with connect(
            address,
            additional_headers={k: v for k, v in _HEADERS.items() if k != "user-agent"},
            user_agent_header=_HEADERS["user-agent"],
            ping_interval=_PING_S,
            ping_timeout=_PING_S,
            proxy=None,
        ) as socket:
            await receive(socket, "welcome")
            await asyncio.sleep(0.6)  # as long as the web client takes to draw its first page
            await ask(socket, {"type": "describe"}, "described")
            yield socket

"""Other clients of the service: people and monitors that know nothing of the test cycle."""

import asyncio
import contextlib
import json
import random

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from tests.lab.scenario import Traffic

_AGENTS = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "Mozilla/5.0 (iPad; CPU OS 19_1 like Mac OS X) AppleWebKit/605.1.15 Version/19.1 Safari/605.1.15",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/143.0.0.0 Safari/537.36",
    "ParleyAndroid/5.14 okhttp/5.1.0",
)
_MONITOR = "uptime-probe/1.9 (+https://status.example.net)"
_TEXTS = ("hello", "is it going to rain?", "my leeks have rust", "who has the key?", "thank you!")


class Crowd:
    """The clients of one recording, until they are told to go home."""

    def __init__(self, base: str, traffic: Traffic, dice: random.Random) -> None:
        self._base = base
        self._traffic = traffic
        self._dice = dice
        self._home = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Everybody is about."""
        jobs = [
            *(self._poll() for _ in range(self._traffic.pollers)),
            *(self._chat() for _ in range(self._traffic.chatters)),
            *(self._come_late() for _ in range(self._traffic.expired_tokens)),
        ]
        self._tasks = [asyncio.create_task(job) for job in jobs]

    async def send_home(self) -> None:
        """Everybody has finished and left in order."""
        self._home.set()
        await asyncio.gather(*self._tasks)

    async def _rest(self, mean_s: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._dice.expovariate(1 / mean_s)):
                await self._home.wait()

    def _ip(self) -> str:
        net = self._dice.choice(("192.0.2", "198.51.100", "203.0.113"))
        return f"{net}.{self._dice.randrange(2, 250)}"

    async def _get(self, agent: str, ip: str, path: str) -> None:
        headers = {"user-agent": agent, "x-lab-client": ip}
        # A failing answer is part of what is recorded; only the transport's own errors end here.
        with contextlib.suppress(httpx.TransportError):
            async with httpx.AsyncClient(headers=headers, timeout=10, trust_env=False) as http:
                await http.get(self._base + path)

    async def _poll(self) -> None:
        while not self._home.is_set():
            await self._rest(self._traffic.poll_pause_s)
            monitor = self._dice.random() < 0.4
            agent = _MONITOR if monitor else self._dice.choice(_AGENTS)
            path = "/healthz" if monitor else self._dice.choice(self._traffic.paths)
            await self._get(agent, self._ip(), path)

    async def _token(self, user: str, headers: dict[str, str], lifetime_s: int = 900) -> str:
        wish: dict[str, str | int] = {"user": user, "lifetime_s": lifetime_s}
        async with httpx.AsyncClient(headers=headers, timeout=10, trust_env=False) as http:
            if self._traffic.sign_in == "get":
                answer = await http.get(self._base + "/auth/session", params=wish)
            else:
                answer = await http.post(self._base + "/auth/session", json=wish)
        return str(answer.json()["access_token"]) if answer.is_success else "none"

    async def _visit(self, lifetime_s: int) -> None:
        user = (
            f"u_{self._dice.choice((1011, self._dice.randrange(40, 4000), self._dice.randrange(40, 4000)))}"
        )
        headers = {"user-agent": self._dice.choice(_AGENTS), "x-lab-client": self._ip()}
        token = await self._token(user, headers, lifetime_s)
        address = f"{self._base.replace('http', 'ws', 1)}{self._traffic.live_path}?v=1&access_token={token}"
        async with connect(
            address,
            additional_headers={"x-lab-client": headers["x-lab-client"]},
            user_agent_header=headers["user-agent"],
            proxy=None,
        ) as socket:
            await socket.recv()
            until = asyncio.get_running_loop().time() + self._dice.expovariate(1 / self._traffic.chat_s)
            while not self._home.is_set() and asyncio.get_running_loop().time() < until:
                await self._say_something(socket)
                await self._rest(self._traffic.chat_s / 4)

    async def _say_something(self, socket: ClientConnection) -> None:
        if self._traffic.runs and self._dice.random() < 0.6:
            run = f"run_{self._dice.getrandbits(32):08x}"
            await socket.send(json.dumps({"type": "run", "run": run, "crops": ["chard"]}))
            while json.loads(await socket.recv())["type"] != "run.finished":
                pass
            return
        await socket.send(json.dumps({"type": "chat", "text": self._dice.choice(_TEXTS)}))
        await socket.recv()

    async def _try_visit(self, lifetime_s: int = 900) -> None:
        # How a visit fails is the recording's business, not the visitor's.
        with contextlib.suppress(httpx.TransportError, ConnectionClosed, InvalidHandshake, OSError, EOFError):
            await self._visit(lifetime_s)

    async def _chat(self) -> None:
        while not self._home.is_set():
            await self._rest(self._traffic.poll_pause_s * 1.5)
            if not self._home.is_set():
                await self._try_visit()

    async def _come_late(self) -> None:
        await self._rest(6.0)
        await self._try_visit(lifetime_s=-self._dice.randrange(30, 90_000))

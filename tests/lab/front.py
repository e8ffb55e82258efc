"""Cloud Run's front end on the loopback: takes requests, hands them to instances, tells of each.

In: TCP connections of clients. Out: the same bytes to and from an instance with the trace headers added, and
one `Served` a request when it has ended (for a WebSocket: when the connection has), with the close frame seen.
"""

import asyncio
import contextlib
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.lab.closing import CloseFrame, CloseWatch
from tests.lab.entries import Served

MALFORMED = (
    "The request failed because either the HTTP response was malformed or connection to the instance had an"
    " error. Additional troubleshooting documentation can be found at: "
    "https://cloud.google.com/run/docs/troubleshooting#malformed-response-or-connection-error"
)
NO_INSTANCE = "The request failed because the instance could not start successfully."
NOT_READY = "The request failed because the instance failed the readiness check."
TIMED_OUT = "The request has been terminated because it has reached the maximum request timeout."

_HEAD_LIMIT = 64 * 1024
Client = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True, slots=True)
class Backend:
    """An instance that takes requests."""

    instance: str
    port: int


@dataclass(frozen=True, slots=True)
class WireClose:
    """How a WebSocket ended, as the front end saw the frames pass."""

    at_ns: int
    client: str
    trace: str
    by: str
    """server, client or nobody."""

    frame: CloseFrame
    path: str
    instance: str
    status: int


@dataclass(slots=True)
class Head:
    """The head of a request."""

    method: str
    target: str
    headers: list[tuple[str, str]]

    def get(self, name: str) -> str:
        """The header's value, empty where there is none."""
        return next((value for key, value in self.headers if key.lower() == name), "")

    def without(self, *names: str) -> list[tuple[str, str]]:
        """All other headers."""
        return [(key, value) for key, value in self.headers if key.lower() not in names]


def _parse_head(raw: bytes) -> Head:
    first, *lines = raw.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ", 2)
    pairs = (line.split(":", 1) for line in lines if ":" in line)
    return Head(method, target, [(key, value.strip()) for key, value in pairs])


def is_socket(head: Head) -> bool:
    """Whether the request asks for a WebSocket."""
    return head.get("upgrade").lower() == "websocket"


@dataclass(slots=True)
class Flow:
    """Bytes, close frames and the moment of the first close of one exchange."""

    sent: int = 0
    received: int = 0
    from_client: CloseWatch = field(default_factory=CloseWatch)
    from_server: CloseWatch = field(default_factory=CloseWatch)
    first: tuple[str, CloseFrame, int] | None = None
    answered: bool = False
    """Whether the instance's own 101, or other good answer, went through."""

    def note(self, side: str, watch: CloseWatch, data: bytes) -> None:
        """`data` went by from `side`."""
        watch.feed(data)
        if watch.seen and self.first is None:
            self.first = (side, watch.seen, time.time_ns())


class Front:
    """Round robin over the backends; `told` is called with each request when it has ended."""

    def __init__(self, dice: random.Random, told: Callable[[Served], None]) -> None:
        self._dice = dice
        self._told = told
        self._turn = 0
        self.backends: list[Backend] = []
        self.closes: list[WireClose] = []
        self.drop_traces = False
        self.refusal = (500, NO_INSTANCE)
        """Status and note of a request for which there is no instance."""

        self.timeout_s: float | None = None
        """The service's request timeout, a WebSocket's life included."""

        self._server: asyncio.Server | None = None
        self._serving: set[asyncio.Task[None]] = set()

    @property
    def port(self) -> int:
        """Where clients connect."""
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    async def open(self) -> None:
        """Clients can connect."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=_HEAD_LIMIT)

    async def close(self) -> None:
        """No clients are left, and no new ones can connect."""
        if self._server is not None:
            self._server.close()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = _parse_head((await reader.readuntil(b"\r\n\r\n"))[:-4])
            await self._exchange(head, reader, writer)
        with contextlib.suppress(ConnectionError):
            writer.close()
            await writer.wait_closed()

    def _choose(self) -> Backend | None:
        if not self.backends:
            return None
        self._turn += 1
        return self.backends[self._turn % len(self.backends)]

    async def _exchange(self, head: Head, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        start_ns = time.time_ns()
        trace, span = f"{self._dice.getrandbits(128):032x}", f"{self._dice.getrandbits(64):016x}"
        given = head.get("traceparent").split("-")
        if len(given) == 4:
            trace = given[1]
        remote_ip, _, client = head.get("x-lab-client").partition(";")
        backend = self._choose()
        flow = Flow()
        status, note = (
            self.refusal
            if backend is None
            else await self._pass_on(head, backend, (trace, span, remote_ip), flow, (reader, writer))
        )
        if note and not flow.answered:
            answer = f"HTTP/1.1 {status} Error\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode()
            flow.received += len(answer)
            with contextlib.suppress(ConnectionError):
                writer.write(answer)
                await writer.drain()
        end_ns = time.time_ns()
        instance = backend.instance if backend else ""
        if flow.answered and is_socket(head):
            side, frame, at_ns = flow.first or ("nobody", CloseFrame(1006, ""), end_ns)
            path = head.target.partition("?")[0]
            self.closes.append(
                WireClose(at_ns, client or "noise", trace, side, frame, path, instance, status)
            )
        self._told(
            Served(
                start_ns=start_ns,
                end_ns=end_ns,
                method=head.method,
                target=head.target,
                status=status,
                request_bytes=flow.sent,
                response_bytes=flow.received,
                user_agent=head.get("user-agent"),
                remote_ip=remote_ip or "198.51.100.9",
                trace=trace,
                span=span,
                instance=instance,
                note=note,
            )
        )

    async def _pass_on(
        self, head: Head, backend: Backend, marks: tuple[str, str, str], flow: Flow, client: Client
    ) -> tuple[int, str]:
        """Returns the status, and the platform's note where the instance gave no answer."""
        try:
            up_reader, up_writer = await asyncio.open_connection("127.0.0.1", backend.port)
        except OSError:
            return 503, MALFORMED
        reader, writer = client
        trace, span, remote_ip = marks
        socket = is_socket(head)
        headers = head.without("connection", "x-lab-client", "traceparent", "x-cloud-trace-context")
        headers += [
            ("x-forwarded-for", remote_ip or "198.51.100.9"),
            ("x-forwarded-proto", "https"),
            ("traceparent", f"00-{trace}-{span}-01"),
            ("x-cloud-trace-context", f"{trace}/{int(span, 16)};o=1"),
            ("connection", "Upgrade" if socket else "close"),
        ]
        lines = [f"{head.method} {head.target} HTTP/1.1", *(f"{key}: {value}" for key, value in headers)]
        raw = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        flow.sent += len(raw)
        try:
            up_writer.write(raw)
            upward = asyncio.create_task(self._pump(reader, up_writer, flow, "client"))
            answer = await up_reader.readuntil(b"\r\n\r\n")
            status = int(answer.split(b" ", 2)[1])
            flow.received += len(answer)
            writer.write(answer if socket else answer.replace(b"keep-alive", b"close"))
            flow.answered = status == 101
            async with asyncio.timeout(self.timeout_s):
                await self._pump(up_reader, writer, flow, "server")
            upward.cancel()
        except TimeoutError:
            return 504, TIMED_OUT
        except (ConnectionError, asyncio.IncompleteReadError):
            return 503, MALFORMED
        else:
            return status, ""
        finally:
            up_writer.close()

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, flow: Flow, side: str
    ) -> None:
        watch = flow.from_client if side == "client" else flow.from_server
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(_HEAD_LIMIT):
                flow.note(side, watch, data)
                if side == "client":
                    flow.sent += len(data)
                else:
                    flow.received += len(data)
                writer.write(data)
                await writer.drain()
            if side == "client":
                writer.write_eof()

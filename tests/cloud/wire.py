"""What happens to TCP connections on the loopback: passed on, cut, left without an answer, refused."""

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Iterator

LOOPBACK = "127.0.0.1"


@contextlib.contextmanager
def closed_port() -> Iterator[str]:
    """An address at which nobody listens: connections are refused, and nobody else gets the port meanwhile."""
    with socket.socket() as taken:
        taken.bind((LOOPBACK, 0))
        yield f"{LOOPBACK}:{taken.getsockname()[1]}"


@contextlib.contextmanager
def silent_port() -> Iterator[str]:
    """An address that takes connections and requests, and never answers."""
    with socket.create_server((LOOPBACK, 0), backlog=64) as listening:
        yield f"{LOOPBACK}:{listening.getsockname()[1]}"


class Relay:
    """Connections to its own port, passed on to another, and cut on demand: a gRPC server cannot drop just one."""

    def __init__(self, target: int, port: int = 0) -> None:
        self._target = target
        self._allowed: dict[int, int] = {}
        """Of a connection that is to be cut, by its port at the target: how many more bytes its client gets."""
        self._ends: set[_End] = set()
        self._joining: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="relay")
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._listen(port), self._loop).result()
        self.port: int = self._server.sockets[0].getsockname()[1]

    def cut(self, port: int, after: int) -> None:
        """The connection that the target knows by this port is reset after so many more bytes to its client."""
        self._allowed[port] = after

    def stop(self) -> None:
        """All connections are gone, and the port is free."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _listen(self, port: int) -> asyncio.Server:
        return await self._loop.create_server(self._taken, LOOPBACK, port)

    def _taken(self) -> "_End":
        end = _End(self._ends)
        task = self._loop.create_task(self._join(end))  # runs when the end has its connection
        self._joining.add(task)
        task.add_done_callback(self._joining.discard)
        return end

    async def _join(self, client: "_End") -> None:
        _, target = await self._loop.create_connection(
            lambda: _TargetEnd(self._ends, client, self._allowed), LOOPBACK, self._target
        )
        client.joined(target)

    async def _close(self) -> None:
        self._server.close()
        await asyncio.gather(*self._joining, return_exceptions=True)
        while self._ends:
            for end in self._ends:
                end.transport.abort()
            await asyncio.sleep(0)


class _End(asyncio.Protocol):
    """One end of a relayed connection: what comes in here goes out at the other."""

    transport: asyncio.Transport

    def __init__(self, ends: "set[_End]", other: "_End | None" = None) -> None:
        self._ends = ends
        self._other = other
        self._early: list[bytes] = []

    def joined(self, other: "_End") -> None:
        """The other end is there, and gets what came before it."""
        self._other = other
        other.transport.writelines(self._early)
        if self not in self._ends:
            other.transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The end is open."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._ends.add(self)

    def data_received(self, data: bytes) -> None:
        """What came in goes out."""
        if self._other is None:
            self._early.append(data)
        elif not self._other.transport.is_closing():
            self._other.transport.write(data)

    def pause_writing(self) -> None:
        """Nothing more is read until the other end has room."""
        if self._other is not None:
            self._other.transport.pause_reading()

    def resume_writing(self) -> None:
        """It has room again."""
        if self._other is not None:
            self._other.transport.resume_reading()

    def connection_lost(self, _: Exception | None) -> None:
        """The other end goes, too."""
        self._ends.discard(self)
        if self._other is not None:
            self._other.transport.close()


class _TargetEnd(_End):
    """The end at the target: what it sends may be counted, and the client's end reset."""

    def __init__(self, ends: set[_End], client: _End, allowed: dict[int, int]) -> None:
        super().__init__(ends, client)
        self._client = client
        self._allowed = allowed

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The end is open, and known by its port."""
        super().connection_made(transport)
        self._port: int = transport.get_extra_info("sockname")[1]

    def data_received(self, data: bytes) -> None:
        """What came in goes out, as far as it is allowed to."""
        left = self._allowed.get(self._port)
        super().data_received(data[:left])
        if left is None:
            return
        self._allowed[self._port] = left - len(data)
        if left <= len(data):
            # Closed with nothing to linger for, a connection is reset, not ended in order.
            client = self._client.transport
            client.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
            )
            client.abort()

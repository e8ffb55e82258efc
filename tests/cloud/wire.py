"""What happens to TCP connections on the loopback: passed on, cut, left without an answer, refused."""

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Iterator

LOOPBACK = "127.0.0.1"
_CHUNK = 1 << 18


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
    """Connections to its own port, passed on to another, and cut on demand: a server cannot drop just one."""

    def __init__(self, port: int = 0) -> None:
        self._listening = socket.create_server((LOOPBACK, port))
        self.port: int = self._listening.getsockname()[1]
        self._target = 0
        self._allowed: dict[int, int] = {}
        """Of a connection that is to be cut, by its port at the target: how many more bytes its client gets."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="relay")

    def start(self, target: int) -> None:
        """Connections are passed on to the port `target`."""
        self._target = target
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()

    def cut(self, port: int, after: int) -> None:
        """The connection that the target knows by this port is reset after so many more bytes to the client."""
        self._allowed[port] = after

    def stop(self) -> None:
        """All connections are gone, and the port is free."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _listen(self) -> asyncio.Server:
        return await asyncio.start_server(self._pass_on, sock=self._listening)

    async def _close(self) -> None:
        self._server.close()
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _pass_on(self, from_client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        from_target, to_target = await asyncio.open_connection(LOOPBACK, self._target)
        port = to_target.get_extra_info("sockname")[1]
        ways = {
            asyncio.create_task(self._pump(from_client, to_target)),
            asyncio.create_task(self._pump(from_target, to_client, port)),
        }
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            if self._allowed.pop(port, None) is not None:
                # Closed with nothing to linger for, a connection is reset, not ended in order.
                client = to_client.get_extra_info("socket")
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            to_client.transport.abort()
            to_target.transport.abort()
            self._tasks.discard(task)

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int | None = None
    ) -> None:
        while chunk := await reader.read(_CHUNK):
            allowed = self._allowed.get(port) if port is not None else None
            writer.write(chunk[:allowed])
            await writer.drain()
            if allowed is not None and port is not None:
                if allowed <= len(chunk):
                    return
                self._allowed[port] = allowed - len(chunk)

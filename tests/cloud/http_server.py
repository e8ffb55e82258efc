"""An HTTP server that speaks the REST form of the Cloud Logging API, as far as reading entries goes.

with HttpServer(Logs(entries, project="demo"), Plan(on_page(2, UNAVAILABLE))) as server:
    httpx.post(f"{server.endpoint}/v2/entries:list", json={"resourceNames": ["projects/demo"]})
"""

import math
import select
import socket
import threading
import time
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any, Self
from urllib.parse import urlsplit

import msgspec
import orjson
from google.protobuf import json_format

from tests.cloud.calls import Request
from tests.cloud.effects import CUT, GARBLED, INVALID_ARGUMENT, NOT_FOUND, SILENT, Status
from tests.cloud.listing import Listing, Page, Server
from tests.cloud.wire import LOOPBACK

_PATH = "/v2/entries:list"
_LONGEST_BODY = 1 << 20
_GLANCE_S = 0.02
"""How long a slow call waits before it looks whether its client is still there."""


class _Asked(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """The body of a request."""

    resource_names: list[str] = []
    filter: str = ""
    order_by: str = ""
    page_size: int = 0
    page_token: str = ""


class HttpServer(Server):
    """A server that runs while the context lasts."""

    transport = "http"

    @property
    def endpoint(self) -> str:
        """Where it listens: http://127.0.0.1:PORT."""
        return f"http://{LOOPBACK}:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._server = _Server((LOOPBACK, self._wanted_port), _Handler)
        self._server.listing = self._listing
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": _GLANCE_S}, name="http"
        )
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.hang_up()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    """Knows its connections, so that none of them keeps a thread waiting at the end."""

    daemon_threads = False
    listing: Listing

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self.stopping = threading.Event()
        self._open: set[socket.socket] = set()
        super().__init__(address, handler)

    def server_bind(self) -> None:
        """As TCPServer does; HTTPServer would ask the resolver for a name of the loopback, and may wait for it."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = LOOPBACK, self.socket.getsockname()[1]

    def get_request(self) -> tuple[socket.socket, Any]:
        """The next connection, which is remembered."""
        connection, address = super().get_request()
        self._open.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401 - as the base class has it
        """The connection is closed and forgotten."""
        self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """Nobody waits for a connection any more."""
        self.stopping.set()
        for connection in tuple(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:  # the client or its handler was quicker
                continue


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave together when the request has been handled, not in a packet each
    server: _Server

    def do_POST(self) -> None:
        """The request is answered, or its connection treated as the plan has it."""
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > _LONGEST_BODY:
            self.close_connection = True  # where the next request begins is not known
            self._refuse(INVALID_ARGUMENT)
            return
        body = self.rfile.read(int(length))
        if urlsplit(self.path).path != _PATH:
            self._refuse(NOT_FOUND)
            return
        try:
            asked = msgspec.json.decode(body or b"{}", type=_Asked, strict=False)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            self._refuse(replace(INVALID_ARGUMENT, message=f"Invalid JSON payload received. {error}"))
            return
        self._answer(
            Request(
                resource_names=tuple(asked.resource_names),
                filter=asked.filter,
                order_by=asked.order_by,
                page_size=asked.page_size,
                page_token=asked.page_token,
            )
        )

    def do_GET(self) -> None:
        """There is nothing to be had by GET."""
        self._refuse(NOT_FOUND)

    def _answer(self, request: Request) -> None:
        answer = self.server.listing.answer(request, HttpServer.transport, None, self._left_within)
        if isinstance(answer.ending, Status):
            self._refuse(answer.ending)
        elif answer.ending is SILENT:
            self.close_connection = self._left_within(math.inf)
        else:
            body = _body(answer.page)
            half = body[: len(body) // 2]
            self._send(200, half if answer.ending is GARBLED else body, cut=answer.ending is CUT)

    def _left_within(self, seconds: float) -> bool:
        """So many seconds have passed, or, and then it is true, the client has gone or the server stops."""
        until = time.monotonic() + seconds
        while (left_s := until - time.monotonic()) > 0:
            if self.server.stopping.wait(min(left_s, _GLANCE_S)):
                return True
            readable, _, _ = select.select([self.connection], [], [], 0)
            if readable and not self.connection.recv(1, socket.MSG_PEEK):
                return True
        return False

    def _refuse(self, status: Status) -> None:
        error: dict[str, Any] = {"code": status.http, "message": status.message, "status": status.name}
        if details := [json_format.MessageToDict(detail) for detail in status.details]:
            error["details"] = details
        self._send(status.http, orjson.dumps({"error": error}), retry_after_s=status.retry_after_s)

    def _send(self, code: int, body: bytes, *, cut: bool = False, retry_after_s: float | None = None) -> None:
        self.send_response(code)
        self.send_header("Content-Type", "application/json; charset=UTF-8")
        self.send_header("Content-Length", str(len(body)))
        if retry_after_s is not None:
            self.send_header("Retry-After", str(math.ceil(retry_after_s)))
        self.end_headers()
        self.close_connection = self.close_connection or cut
        self.wfile.write(body[: len(body) // 2] if cut else body)

    def log_message(self, *_: object) -> None:
        """Nothing is printed: the calls are on record."""


def _body(page: Page) -> bytes:
    """The answer as JSON; entries keep the bytes that they were encoded to once."""
    fields = []
    if page.records:
        fields.append(b'"entries":[' + b",".join(record.json for record in page.records) + b"]")
    if page.next_page_token:
        fields.append(b'"nextPageToken":' + orjson.dumps(page.next_page_token))
    return b"{" + b",".join(fields) + b"}"

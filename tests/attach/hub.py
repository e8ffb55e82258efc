"""A GitHub on the loopback, as far as `rca attach` calls it: it keeps issues and comments, and fails as it is told to.

with Hub(Fault("create", CUT, done=True)) as hub:
    ...  # hub.url, hub.comments, hub.issues, hub.requests

Every request is held to GitHub's own description of its API, and so is every answer that the hub gives by itself.
"""

import json
import re
import select
import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from tests.attach.description import Request, Response, description, wrong_with
from tests.attach.shapes import FACTS_OF_USERS, Kept, comment, issue, user

LOOPBACK = "127.0.0.1"
TOKEN = "ghp_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"  # noqa: S105 - invented
ME, OTHER = "harbour-bot", "mallory"
BODY_LIMIT = 65_536


@dataclass(frozen=True, slots=True)
class Effect:
    """What becomes of a request instead of its answer: another answer, or none (`status` 0)."""

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    message: str = ""
    raw: bytes | None = None
    """What is sent instead of JSON."""

    is_silent: bool = False
    """No answer at all while the client waits; else, without a status, the connection is cut."""

    declared: int | None = None
    """A length that is more than what comes."""


CUT = Effect()
SILENT = Effect(is_silent=True)
GARBLED = Effect(201, raw=b"<html>not GitHub</html>")
HALF = Effect(201, raw=b'{"id": 1, "body": "', declared=5_000)


@dataclass(frozen=True, slots=True)
class Fault:
    """The first `times` requests of a kind (after `skip`) meet an effect; `done`: after they were carried out."""

    kind: str
    effect: Effect
    done: bool = False
    times: int = 1
    skip: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    """A request as it came."""

    kind: str
    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes


_ROUTES = (
    ("whoami", "GET", re.compile(r"/user")),
    ("viewer", "POST", re.compile(r"/graphql")),
    ("find", "GET", re.compile(r"/repos/tide/harbour/issues/12/comments")),
    ("create", "POST", re.compile(r"/repos/tide/harbour/issues/12/comments")),
    ("update", "PATCH", re.compile(r"/repos/tide/harbour/issues/comments/(\d+)")),
    ("find", "GET", re.compile(r"/repos/tide/harbour/issues")),
    ("create", "POST", re.compile(r"/repos/tide/harbour/issues")),
    ("update", "PATCH", re.compile(r"/repos/tide/harbour/issues/(\d+)")),
)


class Hub:
    """A server that runs while the context lasts. Not frozen: it counts."""

    def __init__(self, *faults: Fault, prefix: str = "", is_workflow: bool = False) -> None:
        self.comments: list[Kept] = []
        self.issues: list[Kept] = []
        self.calls: list[Call] = []
        self.wrong: list[str] = []
        self.me = "github-actions[bot]" if is_workflow else ME
        self.is_workflow = is_workflow
        self.prefix = prefix
        self._faults = faults
        self._met = [0] * len(faults)
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        """The API's address."""
        return f"http://{LOOPBACK}:{self._server.server_address[1]}{self.prefix}"

    def made(self, kind: str) -> int:
        """How many requests of a kind came."""
        return sum(call.kind == kind for call in self.calls)

    def forget_faults(self) -> None:
        """From now on nothing fails."""
        self._faults = ()

    def __enter__(self) -> Self:
        description()  # read before anybody waits for it
        self._server = _Server((LOOPBACK, 0), _Handler)
        self._server.hub = self
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stopping.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer(self, call: Call, found: re.Match[str] | None) -> tuple[Effect, bool]:
        """What a call gets, and whether the hub says so by itself. It is carried out, unless a fault forestalls it."""
        with self._lock:
            self.calls.append(call)
            fault = self._fault(call.kind)
            if fault is not None and not fault.done:
                return fault.effect, False
            effect = self._carried_out(call, found)
            return (effect, True) if fault is None else (fault.effect, False)

    def _fault(self, kind: str) -> Fault | None:
        for i, fault in enumerate(self._faults):
            if fault.kind == kind:
                self._met[i] += 1
                if fault.skip < self._met[i] <= fault.skip + fault.times:
                    return fault
        return None

    def _carried_out(self, call: Call, found: re.Match[str] | None) -> Effect:
        if call.headers.get("authorization") not in {f"token {TOKEN}", f"Bearer {TOKEN}"}:
            return Effect(401, message="Bad credentials")
        if found is None:
            return Effect(404, message="Not Found")
        if call.kind in {"whoami", "viewer"}:
            return self._whoami(call)
        kept = self.comments if "comments" in call.path else self.issues
        if call.kind == "find":
            return _json(200, [self._told(one) for one in self._page(call, kept)])
        return self._written(call, kept, found)

    def _whoami(self, call: Call) -> Effect:
        if call.kind == "viewer":
            return _json(200, {"data": {"viewer": {"login": self.me}}})
        if self.is_workflow:
            return Effect(403, message="Resource not accessible by integration")
        return _json(200, user(self.me) | FACTS_OF_USERS)

    def _written(self, call: Call, kept: list[Kept], found: re.Match[str]) -> Effect:
        body = json.loads(call.body)
        if len(body["body"]) > BODY_LIMIT:
            return Effect(422, message="Validation Failed")
        if call.kind == "create":
            number = (1_000 if kept is self.comments else 100) + len(kept)
            kept.append(
                Kept(number, self.me, body["body"], body.get("title", ""), tuple(body.get("labels", ())))
            )
            return _json(201, self._told(kept[-1]))
        one = next((one for one in kept if one.number == int(found[1])), None)
        if one is None:
            return Effect(404, message="Not Found")
        one.body = body["body"]
        return _json(200, self._told(one))

    def _page(self, call: Call, kept: list[Kept]) -> list[Kept]:
        size, number = (
            int(call.query.get(name, [usual])[0]) for name, usual in (("per_page", "30"), ("page", "1"))
        )
        creator = call.query.get("creator", [""])[0]
        shown = [one for one in kept if one.state == "open" and (not creator or one.user == creator)]
        return shown[(number - 1) * size : number * size]

    def _told(self, one: Kept) -> dict[str, Any]:
        return comment(self.url, one) if one in self.comments else issue(self.url, one)


def _json(status: int, value: object) -> Effect:
    return Effect(status, raw=json.dumps(value).encode())


class _Server(ThreadingHTTPServer):
    hub: Hub
    daemon_threads = True

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self.stopping = threading.Event()
        super().__init__(address, handler)

    def handle_error(self, *_: object) -> None:
        """A client that has gone is no error; any other leaves its request without an answer, which a test sees."""

    def server_bind(self) -> None:
        """As the base class; without asking a resolver for the loopback's name."""
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = LOOPBACK, self.server_address[1]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        hub = self.server.hub
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = parts.path.removeprefix(hub.prefix) if hub.prefix else parts.path
        path = "/graphql" if path.endswith("/graphql") else path
        query = parse_qs(parts.query)
        kind, found = next(
            (
                (kind, match)
                for kind, method, route in _ROUTES
                if method == self.command and (match := route.fullmatch(path))
            ),
            ("unknown", None),
        )
        headers = {name.lower(): value for name, value in self.headers.items()}
        call = Call(kind, self.command, path, query, headers, body)
        asked = Request(self.command, path, query, body, headers.get("content-type", ""))
        wrong = "" if kind == "viewer" else wrong_with(asked)
        effect, is_own = hub.answer(call, found)
        if is_own and not wrong and kind != "viewer" and effect.status in {200, 201}:
            wrong = wrong_with(asked, Response(effect.status, effect.raw or b""))
        if wrong:
            hub.wrong.append(f"{self.command} {self.path}: {wrong}")
        self._give(effect)

    def _give(self, effect: Effect) -> None:
        if effect.is_silent:
            while not self.server.stopping.is_set():
                ready, _, _ = select.select([self.connection], [], [], 0.02)
                if ready and not self.connection.recv(1, socket.MSG_PEEK):
                    break  # the client has gone
        if not effect.status:
            self.close_connection = True
            return
        raw = json.dumps({"message": effect.message}).encode() if effect.raw is None else effect.raw
        self.send_response(effect.status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(effect.declared or len(raw)))
        for name, value in effect.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(raw)
        self.close_connection = self.close_connection or effect.declared is not None

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _serve  # noqa: N815 - names that the base class asks for

    def log_message(self, *_: object) -> None:
        """Nothing is printed."""

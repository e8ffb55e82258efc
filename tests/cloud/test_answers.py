"""What an HTTP endpoint may answer besides pages: rca/sources/cloud/http_wire.py."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from rca import questions
from rca.errors import SourceError
from rca.model import Window
from rca.questions import everything
from rca.sources.cloud import wire
from rca.sources.cloud.source import CloudLogging, Wanted
from rca.sources.origin import Origin
from tests.cloud.world import World
from tests.sources.exporting import START

_ENTRY = '{"timestamp": "2026-03-04T05:00:01Z", "insertId": "a", "logName": "projects/demo/logs/x"'
WINDOW = Window(START, START + questions.LONGEST_REQUEST, "the test's")


class Answering(HTTPServer):
    """A server that gives the same body to every request."""

    body = b""


class _Handler(BaseHTTPRequestHandler):
    server: Answering

    def do_POST(self) -> None:
        """The body, whatever is asked."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, *_: object) -> None:
        """Nothing: a test's output is its own."""


@pytest.fixture(name="server")
def _server() -> Iterator[Answering]:
    with Answering(("127.0.0.1", 0), _Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def pulling(server: Answering) -> CloudLogging:
    """The source that reads from it, in a world where waiting takes no time."""
    endpoint = f"http://127.0.0.1:{server.server_port}"
    origin = Origin(("demo",), endpoint, services=("cart",))
    return CloudLogging(wire.opened(endpoint), Wanted(origin), World().outside)


@pytest.mark.parametrize(
    "body",
    [
        b'{"error": {"code": 429, "message": "Quota"}}',
        b'{"foo": 1}',
        b'{"entries": {"a": 1}}',
        b"[]",
        b"null",
        b"",
        b"<html>sign in</html>",
        b'{"entries": [',
    ],
)
def test_what_is_no_page_is_no_empty_page(server: Answering, body: bytes) -> None:
    """An error in a 200, a sign-in page, another service's JSON: said so, and never taken for "no entries"."""
    server.body = body
    with pytest.raises(SourceError, match="gives no usable answer") as refused:
        pulling(server).pull(everything(WINDOW))
    assert "--endpoint" in refused.value.hint


def test_an_empty_page_may_lack_both_of_its_keys(server: Answering) -> None:
    """That is how Cloud Logging says that nothing was found."""
    server.body = b"{}"
    pulled = pulling(server).pull(everything(WINDOW))
    assert (pulled.entries, pulled.complete) == ((), True)


def test_what_is_no_entry_is_counted_where_an_entry_belongs(server: Answering) -> None:
    """Numbers and nulls among the entries are unreadable, quoted once, and cost nothing else."""
    good = f'{_ENTRY}, "textPayload": "x"}}'
    server.body = f'{{"entries": [1, {good}, null, "x"]}}'.encode()
    pulled = pulling(server).pull(everything(WINDOW))
    assert ([entry.text for entry in pulled.entries], pulled.unreadable) == (["x"], 3)
    assert "could not be read" in pulled.warnings[0]


@pytest.mark.parametrize("odd", ["NaN", "Infinity", '"\\ud83d"'])
def test_an_odd_value_costs_no_page(server: Answering, odd: str) -> None:
    """What a strict reader refuses, a server written in Python may send: the page is read all the same."""
    entry = f'{_ENTRY}, "jsonPayload": {{"message": "x", "odd": {odd}}}}}'
    server.body = f'{{"entries": [{entry}]}}'.encode()
    pulled = pulling(server).pull(everything(WINDOW))
    assert [entry.text for entry in pulled.entries] == ["x"]

# Part of a service under test, in a process of its own, so types are not checked.
# mypy: ignore-errors
# ruff: noqa: INP001 - laid beside an app, which imports it
"""An HTTP dependency that gives one answer: `STAND_IN_HTTP` is `SETTING STATUS BODY`; `SETTING` becomes its URL."""

import os
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_setting, _status, _body = os.environ["STAND_IN_HTTP"].split(" ", 2)
_DELAY_S = float(os.environ.get("STAND_IN_DELAY_S", "0.02"))


class _Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        time.sleep(_DELAY_S)
        self.send_response(int(_status))
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(_body.encode())))
        if _status in ("429", "503"):
            self.send_header("retry-after", "30")
        self.end_headers()
        self.wfile.write(_body.encode())

    do_GET = do_POST = _answer  # noqa: N815 - http.server's names

    def log_message(self, *_arguments: object) -> None:
        """A dependency does not log into the service's own streams."""


_server = ThreadingHTTPServer(("127.0.0.1", 0), _Answer)
threading.Thread(target=_server.serve_forever, daemon=True).start()
os.environ[_setting] = f"http://127.0.0.1:{_server.server_address[1]}"

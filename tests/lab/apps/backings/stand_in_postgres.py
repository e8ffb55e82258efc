# Part of a service under test, in a process of its own, so types are not checked.
# mypy: ignore-errors
# ruff: noqa: INP001 - laid beside an app, which imports it
"""A PostgreSQL that has one thing to say: `STAND_IN_POSTGRES` is `SETTING WHEN CODE MESSAGE`.

`WHEN` is `start` (the session is refused) or `query` (the session opens, each statement fails). `SETTING` becomes
its `host=... port=...`.
"""

import os
import socketserver
import struct
import threading

_setting, _when, _code, _message = os.environ["STAND_IN_POSTGRES"].split(" ", 3)
_SSL, _GSS = 80877103, 80877104


def _packet(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!I", len(body) + 4) + body


def _error(severity: str) -> bytes:
    fields = (("S", severity), ("V", severity), ("C", _code), ("M", _message))
    return _packet(b"E", b"".join(key.encode() + value.encode() + b"\0" for key, value in fields) + b"\0")


_READY = _packet(b"Z", b"I")


class _Session(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        """One session, from the start-up packet on."""
        while True:
            head = self.rfile.read(8)
            if len(head) < 8:
                return
            length, code = struct.unpack("!II", head)
            self.rfile.read(length - 8)
            if code not in (_SSL, _GSS):
                break
            self.wfile.write(b"N")
        if _when == "start":
            self.wfile.write(_error("FATAL"))
            return
        told = {"server_version": "16.4", "client_encoding": "UTF8", "standard_conforming_strings": "on"}
        self.wfile.write(_packet(b"R", struct.pack("!I", 0)))
        for key, value in told.items():
            self.wfile.write(_packet(b"S", f"{key}\0{value}\0".encode()))
        self.wfile.write(_packet(b"K", struct.pack("!II", 4242, 7)) + _READY)
        self._queries()

    def _queries(self) -> None:
        failed = False
        while kind := self.rfile.read(1):
            (length,) = struct.unpack("!I", self.rfile.read(4))
            self.rfile.read(length - 4)
            if kind == b"X":
                return
            if kind in (b"Q", b"P") and not failed:
                self.wfile.write(_error("ERROR"))
                failed = True
            if kind in (b"Q", b"S"):
                self.wfile.write(_READY)
                failed = False


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True


_server = _Server(("127.0.0.1", 0), _Session)
threading.Thread(target=_server.serve_forever, daemon=True).start()
os.environ[_setting] = f"host=127.0.0.1 port={_server.server_address[1]}"

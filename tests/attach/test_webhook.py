"""A webhook: the report as JSON, sent once, to an address that is in no output."""

import json
import logging
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Self

import pytest
from click.testing import Result

from rca.attach import WebhookTarget, as_json, deliver
from rca.attach.webhook import Webhook
from rca.errors import Exit, RcaError
from tests import build
from tests.attach.bystander import Bystander
from tests.render.reports import FOUND

Rca = Callable[..., Result]
SECRET = "T0PS3CRET"  # noqa: S105 - invented
DRAFT = as_json(FOUND)


class Hook:
    """A server that takes reports; its first answers are `answers`: a status with headers, or None to cut. Then 204."""

    def __init__(self, *answers: tuple[int, Mapping[str, str]] | None, is_slow: bool = False) -> None:
        self.got: list[tuple[str, Mapping[str, str], bytes]] = []
        self._answers = list(answers)
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                """The report is kept, and answered as planned."""
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hook.got.append((self.path, dict(self.headers.items()), body))
                answer = hook._answers.pop(0) if hook._answers else (204, {})
                if is_slow:
                    self.connection.settimeout(10)
                    self.connection.recv(1)  # until the client has gone
                    return
                if answer is None:
                    self.close_connection = True
                    return
                self.send_response(answer[0])
                for name, value in answer[1].items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nothing is printed."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        """Its address: the path, the user and the query are secrets."""
        return f"http://me:{SECRET}@127.0.0.1:{self._server.server_port}/hooks/{SECRET}?key={SECRET}"

    def __enter__(self) -> Self:
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


TABLE = {
    "taken": ((), 1, ""),
    "202": (((202, {}),), 1, ""),
    "429, then taken": (((429, {"Retry-After": "3"}),), 2, ""),
    "429 for too long": (((429, {"Retry-After": "3600"}),), 1, "asks to wait 3600 s"),
    "500": (((500, {}),), 1, "not known whether the report arrived"),
    "503": (((503, {"Retry-After": "1"}),), 1, "not known whether the report arrived"),
    "cut": ((None,), 1, "not known whether the report arrived"),
    "400": (((400, {}),), 1, "refuses the report (400)"),
    "404": (((404, {}),), 1, "refuses the report (404)"),
    "elsewhere": (((302, {"Location": "https://evil.example/"}),), 1, "refuses the report (302)"),
}


@pytest.mark.parametrize(("answers", "sent", "says"), TABLE.values(), ids=TABLE)
def test_a_report_is_sent_once_or_surely_not_taken(
    answers: tuple[tuple[int, Mapping[str, str]] | None, ...],
    sent: int,
    says: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Only what was refused unread is sent again; what may have arrived is not. No message holds the address."""
    caplog.set_level(logging.DEBUG, "rca")
    bystander = Bystander()
    told = ""
    with Hook(*answers) as hook:
        try:
            deliver(Webhook(WebhookTarget(hook.url), bystander.outside), DRAFT, bystander.outside)
        except RcaError as error:
            told = f"{error.message}; {error.hint}"
    assert says in told if says else told == ""
    assert len(hook.got) == sent
    assert SECRET not in told + "".join(bystander.told) + caplog.text


def test_no_answer_is_not_sent_again() -> None:
    """Whoever is slow may have taken it."""
    bystander = Bystander()
    with Hook(is_slow=True) as hook:
        where = Webhook(WebhookTarget(hook.url), bystander.outside, timeout_s=0.3)
        with pytest.raises(RcaError, match="did not answer in time"):
            deliver(where, DRAFT, bystander.outside)
    assert len(hook.got) == 1


def test_the_report_comes_whole_with_a_key_of_its_own(rca: Rca, tmp_path: Path) -> None:
    """The body is that of `rca why --format json`; the same report has the same key; the file is kept as JSON."""
    folder = tmp_path / "incident"
    folder.mkdir()
    build.write_incident(folder)
    asked = ("attach", "--cycle", 1, "--cycles-dir", folder)
    with Hook() as hook:
        results = [rca(*asked, "--to", f"webhook:{hook.url}") for _ in range(2)]
    assert [result.exit_code for result in results] == [Exit.OK] * 2
    assert SECRET not in "".join(result.output for result in results)
    assert f"rca: created: {hook.url.partition('me:')[0]}127.0.0.1:" in results[0].stderr
    why = json.loads(rca("why", "--cycle", 1, "--cycles-dir", folder, "--format", "json").stdout)
    (_, first, body), (_, second, _) = hook.got
    assert json.loads(body) == why
    assert first["Idempotency-Key"] == second["Idempotency-Key"]
    assert first["Content-Type"] == "application/json"
    assert json.loads(Path(".rca/reports/cycle-1-2026-03-04.json").read_text(encoding="utf-8")) == why


def test_nobody_at_the_address_is_said_without_it(
    rca: Rca, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error names the host alone, and the report is kept."""
    monkeypatch.setattr("rca.attach.sending._FIRST_PAUSE_S", 0.001)
    build.write_incident(tmp_path)
    with Hook() as hook:
        url = hook.url
    result = rca("attach", "--cycle", 1, "--cycles-dir", tmp_path, "--to", f"webhook:{url}")
    assert result.exit_code == Exit.FAILED
    assert "cannot be reached (ConnectionError)" in result.stderr
    assert SECRET not in result.output
    assert Path(".rca/reports/cycle-1-2026-03-04.json").exists()

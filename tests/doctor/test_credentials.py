"""Google credentials: none, unusable, expired, good; each by what is said, and the command that mends it."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth import exceptions as auth

from rca.doctor import Finding, Mark, examine
from rca.doctor.clock import SET
from rca.doctor.examination import Means
from rca.doctor.login import Login, sign_in
from rca.sources.cloud.wire import Page
from tests.cloud.wire import LOOPBACK, closed_port, silent_port
from tests.doctor.patient import Told, entry, found, outside, subject, wrong

pytestmark = pytest.mark.slow

LOGIN_AGAIN = "gcloud auth application-default login"
WITHOUT_FILE = f"unset GOOGLE_APPLICATION_CREDENTIALS; {LOGIN_AGAIN}"
FILE = "GOOGLE_APPLICATION_CREDENTIALS"
EMAIL = "baker@demo.iam.gserviceaccount.com"


@pytest.fixture(name="key", scope="session")
def _key() -> str:
    """The private key of a service account that does not exist."""
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return made.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


Keyed = Callable[[str], Path]


@pytest.fixture(name="keyed")
def _keyed(key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Keyed:
    """The environment names a key file, whose tokens come from this address."""

    def put(token_uri: str) -> Path:
        path = tmp_path / "key.json"
        told = {"type": "service_account", "client_email": EMAIL, "private_key": key, "token_uri": token_uri}
        path.write_text(json.dumps(told), encoding="utf-8")
        monkeypatch.setenv(FILE, str(path))
        return path

    return put


@dataclass(frozen=True)
class Answer:
    """What the token server gives."""

    status: int
    body: object


@pytest.fixture(name="tokens")
def _tokens() -> Iterator[tuple[list[Answer], str]]:
    """A token server that gives the answer in the list, and its address."""
    answers: list[Answer] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            body = json.dumps(answers[0].body).encode()
            self.send_response(answers[0].status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing is printed."""

    with HTTPServer((LOOPBACK, 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield answers, f"http://{LOOPBACK}:{server.server_port}/token"
        server.shutdown()
        thread.join()


GOOD = Answer(200, {"access_token": "a-token", "expires_in": 3600, "token_type": "Bearer"})


def findings_with(wire: Told, environ: dict[str, str] | None = None) -> dict[str, Finding]:
    """What is found at Google's own endpoint by this wire, with the credentials of the environment."""
    means = Means(opened=lambda _: wire, environ=environ)
    return found(examine(subject(None), outside(), means))


def raising(error: Exception) -> dict[str, Finding]:
    """What is found where signing in raises this, without a credentials file in the environment."""

    def fail(_: object) -> Login:
        raise error

    means = Means(opened=lambda _: Told(error), sign_in=fail, environ={})
    return found(examine(subject(None), outside(), means))


# --- good ------------------------------------------------------------------------------------------------


def test_good_credentials_are_named(keyed: Keyed, tokens: tuple[list[Answer], str]) -> None:
    """A token is given: the line says whose it is, and the token server's clock is compared."""
    answers, address = tokens
    answers.append(GOOD)
    keyed(address)
    findings = findings_with(Told(Page((entry(3),), "")))
    assert findings["credentials"].what == f"service account {EMAIL}: a token was given"
    assert findings["clock"].mark is Mark.OK


def test_whoever_may_not_read_is_named_in_the_command(keyed: Keyed, tokens: tuple[list[Answer], str]) -> None:
    """The role is given to the service account that was refused."""
    answers, address = tokens
    answers.append(GOOD)
    keyed(address)
    assert sign_in(outside()).member == f"serviceAccount:{EMAIL}"


def test_a_token_is_never_shown(keyed: Keyed, tokens: tuple[list[Answer], str]) -> None:
    """Neither the token nor the key stands in any line."""
    answers, address = tokens
    answers.append(GOOD)
    path = keyed(address)
    told = repr(findings_with(Told(Page((entry(3),), ""))))
    assert "a-token" not in told
    assert json.loads(path.read_text(encoding="utf-8"))["private_key"][40:80] not in told


# --- not good --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("description", "remedy"),
    [
        ("Token has been expired or revoked.", WITHOUT_FILE),
        ("Invalid JWT Signature.", WITHOUT_FILE),
        ("Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.", SET),
    ],
)
def test_refused_credentials_are_renewed(
    description: str, remedy: str, keyed: Keyed, tokens: tuple[list[Answer], str]
) -> None:
    """No token: the command renews the credentials, or sets the clock where that is what the refusal speaks of."""
    answers, address = tokens
    answers.append(Answer(400, {"error": "invalid_grant", "error_description": description}))
    keyed(address)
    wire = Told(Page((), ""))
    findings = findings_with(wire)
    assert wrong(findings) == ["credentials"]
    assert description[:20] in findings["credentials"].what
    assert findings["credentials"].remedies == (remedy,)
    assert wire.calls == []


@pytest.mark.parametrize(
    "body",
    [{}, {"access_token": 5, "expires_in": "soon"}, [], "no", {"access_token": "t", "expires_in": "soon"}],
)
def test_an_odd_token_answer_is_a_refusal(
    body: object, keyed: Keyed, tokens: tuple[list[Answer], str]
) -> None:
    """What is no token is none; nothing breaks."""
    answers, address = tokens
    answers.append(Answer(200, body))
    keyed(address)
    with pytest.raises(auth.RefreshError):
        sign_in(outside())


@pytest.mark.parametrize("port", [closed_port, silent_port], ids=["closed", "silent"])
def test_a_token_server_that_does_not_answer_leaves_it_open(
    port: Callable[..., object], keyed: Keyed
) -> None:
    """Not all credentials need it: the check is unknown, in less than half a minute, and the call decides."""
    began = time.monotonic()
    with port() as address:  # type: ignore[attr-defined] # both are context managers
        keyed(f"http://{address}/token")
        findings = findings_with(Told(Page((entry(3),), "")))
    assert time.monotonic() - began < 30
    assert wrong(findings) == []
    assert findings["credentials"].mark is Mark.UNKNOWN
    assert findings["credentials"].remedies[0].endswith("https://oauth2.googleapis.com")
    assert findings["permission"].mark is Mark.OK


def test_expired_credentials_of_a_user_are_renewed() -> None:
    """Without a credentials file in the environment, logging in again is enough."""
    error = auth.RefreshError("invalid_grant: Token has been expired or revoked.")  # type: ignore[no-untyped-call] # google-auth is typed in part
    findings = raising(error)
    assert wrong(findings) == ["credentials"]
    assert "expired or were revoked" in findings["credentials"].what
    assert findings["credentials"].remedies == (LOGIN_AGAIN,)


# --- none ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"{}",
        b"[]",
        b'"word"',
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'{"type": "service_account"}',
        b'{"type": "service_account", "client_email": "a@b", "token_uri": "https://x", "private_key": "zz"}',
        b'{"type": "authorized_user"}',
        b'{"type": "external_account", "audience": 5, "subject_token_type": 3, "token_url": "x"}',
        b'{"type": "impersonated_service_account"}',
        None,
    ],
    ids=lambda text: repr(text)[:40],
)
def test_a_file_that_holds_no_credentials_is_said(
    text: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the named file is, or if there is none, the command does without it."""
    path = tmp_path / "credentials.json"
    if text is not None:
        path.write_bytes(text)
    monkeypatch.setenv(FILE, str(path))
    findings = findings_with(Told(Page((), "")))
    assert wrong(findings) == ["credentials"]
    assert findings["credentials"].remedies == (WITHOUT_FILE,)


def test_a_folder_holds_no_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor does what cannot be opened as a file."""
    monkeypatch.setenv(FILE, str(tmp_path))
    assert wrong(findings_with(Told(Page((), "")))) == ["credentials"]


SCRIPT = """
import sys, time
from datetime import UTC, datetime
from rca.doctor import Subject, as_text, examine, well
from rca.sources.origin import Origin
from rca.sources.outside import Outside
outside = Outside(lambda: datetime.now(UTC), time.monotonic, time.sleep, lambda: 0.5, lambda _: None)
findings = examine(Subject(Origin(("demo",))), outside)
sys.stdout.write(as_text(findings))
sys.exit(not well(findings))
"""


def test_without_any_credentials_the_login_is_named(tmp_path: Path) -> None:
    """On a machine where nobody ever logged in, the first line says so, with the login; nothing else is asked."""
    environ = {"HOME": str(tmp_path), "NO_GCE_CHECK": "true", "PATH": os.environ["PATH"]}
    made = subprocess.run(  # noqa: S603 - the script above
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False, env=environ, timeout=60
    )
    assert made.returncode == 1, made.stderr
    lines = made.stdout.splitlines()
    assert lines[0].startswith("not ok  credentials   there are no usable Google credentials")
    assert lines[1].split("try: ")[1] == LOGIN_AGAIN
    assert lines[2].split()[:2] == ["ok", "project"]
    assert sum("not asked: see credentials" in line for line in lines) == 9
    assert made.stderr == ""

"""How wordings tell the end of a connection: rca/closes.py and closes.toml."""

import re
import tomllib
from importlib import resources
from typing import Any

import pytest
from hypothesis import given, strategies as st

from rca import closes
from rca.model import Initiator
from tests import build

TABLE: dict[str, list[dict[str, Any]]] = tomllib.loads(
    resources.files("rca").joinpath("closes.toml").read_text(encoding="utf-8")
)
SAMPLES = [(kind, spec["id"], spec["sample"]) for kind, specs in TABLE.items() for spec in specs]


@pytest.mark.parametrize(("kind", "name", "sample"), SAMPLES)
def test_no_sample_is_ruled_out_unread(kind: str, name: str, sample: str) -> None:
    """What rules out most lines at once lets every wording through that is known."""
    found = closes._first(kind, sample)  # noqa: SLF001 - what all of the module's questions go through
    assert found is not None, name


@pytest.mark.parametrize(("kind", "name", "sample"), SAMPLES)
def test_every_sample_is_matched_by_its_own_pattern_first(kind: str, name: str, sample: str) -> None:
    """No earlier pattern of its kind takes a pattern's sample away."""
    first = next(spec["id"] for spec in TABLE[kind] if re.search(spec["pattern"], sample))
    assert first == name


def test_every_pattern_has_a_name_of_its_own() -> None:
    """Within a kind no id comes twice."""
    for specs in TABLE.values():
        assert len({spec["id"] for spec in specs}) == len(specs)


@pytest.mark.parametrize(
    ("error", "code", "reason", "initiator"),
    [
        (build.SERVER_CLOSED, 1011, "Internal error", Initiator.SERVER),
        (build.CLIENT_CLOSED, 1011, "keepalive ping timeout", Initiator.CLIENT),
        (build.LOST, 1006, None, Initiator.NOBODY),
        ("received 1011 (internal error); then sent 1011 (internal error)", 1011, None, Initiator.SERVER),
        ("sent 1000 (OK); then received 1000 (OK)", 1000, None, Initiator.CLIENT),
        ("connection closed with code=4401", 4401, None, Initiator.UNKNOWN),
    ],
)
def test_the_order_of_the_words_tells_who_closed(
    error: str, code: int, reason: str | None, initiator: Initiator
) -> None:
    """`received X; then sent Y` is the server's close, `sent X; …` the client's, no frame at all nobody's."""
    wording = closes.read_client(f"websockets.exceptions.ConnectionClosedError: {error}")
    assert wording is not None
    assert (wording.code, wording.reason, wording.initiator) == (code, reason, initiator)


def test_a_rejected_handshake_gives_a_status_and_no_close_code() -> None:
    """An HTTP status is never taken for a close code."""
    wording = closes.read_client("InvalidStatus: server rejected WebSocket connection: HTTP 403")
    assert wording == closes.Wording(None, None, Initiator.SERVER, 403)


@pytest.mark.parametrize(
    "text",
    [
        "baked 1011 loaves",
        "order usr_1011 done in 1011 ms",
        "listening on 10.0.0.3:1011",
        "trace c2615310-1011-475c-9a3e-000000000000",
        "sent 1011 bytes",
        "oven 1011 is hot; received 1011 rolls",
        None,
        "",
    ],
)
def test_a_number_alone_is_no_close_code(text: str | None) -> None:
    """1011 as a count, an id, a port or a size of bytes tells nothing of a connection."""
    assert closes.read_client(text) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("websocket disconnected user=u_7 code=1000", 1000),
        ("connection closed with 1011", 1011),
        ("order closed after 1011 ms", None),
        ("oven 7 closed", None),
        ("baked 1011 loaves", None),
    ],
)
def test_a_service_tells_a_close_code_in_words(text: str, code: int | None) -> None:
    """A code is read where the line tells of a close and names it as its code."""
    assert closes.read_server(build.line(text)) == code


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("code", 1011, 1011),
        ("close_code", "4408", 4408),
        ("code", 17, None),
        ("code", "E_DOOR", None),
        ("size", 1011, None),
    ],
)
def test_a_service_tells_a_close_code_in_a_field(field: str, value: object, code: int | None) -> None:
    """A payload field that is named like a code counts where the message tells of a close."""
    assert closes.read_server(build.line({"message": "socket closed", field: value})) == code


@pytest.mark.parametrize(
    ("err", "code"),
    [
        ("websocket: close 1011 (internal server error)", 1011),
        ("websocket: close 1011 (internal server error): mill is shut", None),
        ("broken pipe", None),
    ],
)
def test_a_library_s_word_of_a_close_may_stand_in_the_error_s_field(err: str, code: int | None) -> None:
    """Go's loggers put it there; with a reason it may be of a connection to somebody upstream."""
    assert closes.read_server(build.line({"msg": "rider gone", "err": err})) == code


def test_a_code_in_an_object_of_the_payload_counts_as_well() -> None:
    """Loggers put what they are told under `labels`, `extra` or the like."""
    assert closes.read_server(build.line({"message": "charge over", "labels": {"code": 1011}})) == 1011


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("connection rejected (403 Forbidden)", True),
        ("INFO:     connection rejected (401 Unauthorized)", True),
        ("connection rejected (403 Forbidden): audience is parley", False),
        ("sign-in refused: audience is parley", False),
    ],
)
def test_a_bare_refusal_tells_no_reason(text: str, *, bare: bool) -> None:
    """The server's echo of a refused handshake; a line with a reason is more."""
    assert closes.tells_refusal(text) is bare


def test_a_field_named_code_counts_only_beside_a_close() -> None:
    """`code: 1011` under a message about something else is no close."""
    assert closes.read_server(build.line({"message": "voucher redeemed", "code": 1011})) is None


def test_an_opening_gives_rank_and_path() -> None:
    """A server's access line is a more exact wording of one opening than the application's own."""
    access = closes.opened('203.0.113.9:0 - "WebSocket /ws/oven?x=1" [accepted]')
    own = closes.opened("websocket connected session=ses_0a1b2c3d4e")
    assert access is not None
    assert own is not None
    assert access == (0, "/ws/oven")
    assert own[0] > access[0]
    assert closes.opened("oven door opened") is None


def test_a_refusal_gives_path_and_status() -> None:
    """A refused handshake without a number was refused with 403, uvicorn's default."""
    assert closes.refused('203.0.113.9:0 - "WebSocket /ws" 401') == ("/ws", 401)
    assert closes.refused('203.0.113.9:0 - "WebSocket /ws" [rejected]') == ("/ws", 403)
    assert closes.refused('203.0.113.9:0 - "GET /ws HTTP/1.1" 401') is None


@pytest.mark.parametrize(
    ("reason", "author"),
    [
        ("keepalive ping timeout", "library"),
        ("Internal error", "application"),
        ("out of flour", "application"),
        ("Deepgram did not receive audio data or a text mes", "upstream"),
        ("", "framework"),
        ("\n", "framework"),
        (None, "framework"),
    ],
)
def test_a_reason_has_an_author(reason: str | None, author: str) -> None:
    """Library and upstream texts are known by their beginnings; any other text is the application's own."""
    assert closes.author_of(reason).author == author


@given(text=st.text(max_size=300))
def test_any_text_is_read_without_an_error(text: str) -> None:
    """Whatever a line says, the answer is a code in RFC 6455's range or none."""
    wording = closes.read_client(text)
    code = closes.read_server(build.line(text))
    assert wording is None or wording.code is None or 1000 <= wording.code < 5000
    assert code is None or 1000 <= code < 5000


@pytest.mark.parametrize("piece", ["received 1011 (", "closed ", "sent 1011 (x) ", "websocket ", "("])
def test_a_giant_line_costs_no_more_than_its_beginning(piece: str) -> None:
    """A line of a megabyte, made of what patterns begin with, is read at once."""
    text = piece * (1_000_000 // len(piece))
    closes.read_client(text)
    assert closes.read_server(build.line(text)) is None
    assert closes.ended(text) is False

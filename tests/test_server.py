"""Which server a service runs on, and what it cannot do: rca/server.py and servers.toml."""

import json
from collections.abc import Sequence

import pytest
from hypothesis import given, strategies as st

from rca import server
from rca.model import Close, Entry, Event, Initiator
from rca.server import Fingerprint, contradiction, fingerprint
from tests import build
from tests.build import line, raised, said


def lines(*texts: str) -> list[Entry]:
    """Entries of these lines; a line that is a JSON object is one."""
    return [
        line(json.loads(text) if text.startswith("{") else text, number, severity=None)
        for number, text in enumerate(texts)
    ]


def close(code: int | None, reason: str | None = None, initiator: Initiator = Initiator.SERVER) -> Close:
    """How a client says that its connection ended."""
    return Close(code, reason, initiator, build.after(1), None)


@pytest.mark.parametrize("mark", server.marks(), ids=lambda mark: mark.sample[:40])
def test_every_mark_s_sample_tells_what_it_marks(mark: server.Mark) -> None:
    """A line that shows a mark names its server, back end or framework."""
    with_server = (
        [mark.sample, "INFO:     Uvicorn running on http://0.0.0.0:8080"] if mark.backend else [mark.sample]
    )
    print_ = fingerprint(lines(*with_server))
    wanted = mark.server or mark.backend or mark.framework
    assert wanted in {print_.server, print_.backend, print_.framework}
    assert print_.told_by


@pytest.mark.parametrize(("name", "row"), server.mechanics().items(), ids=lambda one: str(one)[:12])
def test_every_header_s_sample_is_told_by_its_own_layer_only(name: str, row: server.Mechanics) -> None:
    """The line under which a server logs an uncaught exception is that server's and no other's."""
    if row.header:
        assert server.uncaught_by(raised(header=row.sample)) == name
    else:
        assert server.uncaught_by(raised(header=row.sample)) is None


@pytest.mark.parametrize(
    ("texts", "text"),
    [
        ([], ""),
        (["oven door is jammed", "see /uvicorn/ and hypercorn.org"], ""),
        (["GET https://ovens.example/site-packages-list/fastapi/routing.py"], ""),
        (["INFO:     Uvicorn running on http://0.0.0.0:8080"], "uvicorn"),
        (
            [
                "[2026-03-04 05:00:00 +0000] [1] [INFO] Booting worker with pid: 7",
                "INFO:     Started server process [7]",
            ],
            "uvicorn under gunicorn",
        ),
        (
            [
                "INFO:     Started server process [7]",
                "INFO:     connection open",
                "INFO:     connection closed",
            ],
            "uvicorn (websockets-legacy)",
        ),
        (['INFO:     203.0.113.9:0 - "WebSocket /ws" [accepted]'] * 3, "uvicorn (wsproto)"),
        (
            ['INFO:     203.0.113.9:0 - "WebSocket /ws" [accepted]', "INFO:     connection open"] * 3,
            "uvicorn",
        ),
        (
            [
                "INFO:     Started server process [7]",
                '  File "/srv/site-packages/websockets/asyncio/server.py", line 1, in x',
            ],
            "uvicorn",
        ),
        (
            [
                "INFO:     Started server process [7]",
                '  File "/srv/site-packages/fastapi/routing.py", line 384, in app',
                '  File "/srv/site-packages/starlette/routing.py", line 364, in handle',
            ],
            "uvicorn, with fastapi",
        ),
        (
            [
                "INFO:     Started server process [7]",
                "[2026-03-04 05:00:00 +0000] [1] [INFO] Running on http://0.0.0.0:8080 (CTRL + C to quit)",
            ],
            "several servers: hypercorn, uvicorn",
        ),
        (['{"level": 30, "time": 1795643043691, "msg": "relay listens"}'], "node"),
        (['{"level": "info", "time": "now", "msg": "relay listens"}'], ""),
        (["05:00:04.695 INFO [tornado.access] 200 POST /auth (203.0.113.9) 4.45ms"], "tornado"),
    ],
)
def test_a_fingerprint_says_what_the_logs_tell(texts: Sequence[str], text: str) -> None:
    """Server, back end, manager and framework, each only where something of its own tells it."""
    assert fingerprint(lines(*texts)).text == text


@given(st.permutations(lines("INFO:     Started server process [7]", "INFO:     connection open", "warm")))
def test_the_order_of_the_lines_does_not_matter(entries: list[Entry]) -> None:
    """Shuffled entries give the same names."""
    assert fingerprint(entries).names == {"uvicorn"}


UVICORN, HYPERCORN = Fingerprint(server="uvicorn"), Fingerprint(server="hypercorn")
ON_UVICORN = raised(header="Exception in ASGI application")
ON_HYPERCORN = raised(header="Error in ASGI Framework")


@pytest.mark.parametrize(
    ("print_", "event", "ended", "forbidden"),
    [
        (UVICORN, ON_UVICORN, close(1011, "Internal error"), True),
        (UVICORN, ON_UVICORN, close(1011), True),
        (UVICORN, ON_UVICORN, close(1006, None, Initiator.NOBODY), False),
        (UVICORN, ON_UVICORN, None, False),
        (UVICORN, ON_UVICORN, close(None), False),
        (UVICORN, ON_UVICORN, close(1011, "keepalive ping timeout"), False),
        (UVICORN, ON_UVICORN, close(1011, None, Initiator.CLIENT), False),
        (UVICORN, ON_UVICORN, close(1011, None, Initiator.UNKNOWN), False),
        (UVICORN, raised(header="order failed"), close(1011, "Internal error"), False),
        (UVICORN, said("Exception in ASGI application"), close(1011), True),
        (UVICORN, build.silence(0, 20), close(1011), False),
        (HYPERCORN, ON_HYPERCORN, close(1011), False),
        (HYPERCORN, ON_HYPERCORN, close(1011, "Internal error"), True),
        (HYPERCORN, ON_HYPERCORN, close(1008), True),
        (HYPERCORN, ON_UVICORN, close(1011, "Internal error"), False),
        (server.UNKNOWN, ON_UVICORN, close(1011, "Internal error"), False),
        (Fingerprint(several=("hypercorn", "uvicorn")), ON_UVICORN, close(1011, "Internal error"), False),
        (
            Fingerprint(server="daphne"),
            raised(header="Exception inside application: 'leek'"),
            close(1011, "x"),
            True,
        ),
        (
            Fingerprint(server="aiohttp"),
            raised(header="Error handling request from 203.0.113.9"),
            close(1011),
            True,
        ),
        (
            Fingerprint(server="uvicorn", framework="blacksheep"),
            raised(header="Exception while handling WebSocket"),
            close(1011, "too hot"),
            False,
        ),
    ],
)
def test_a_server_forbids_what_it_never_does(
    print_: Fingerprint, event: Event, ended: Close | None, *, forbidden: bool
) -> None:
    """An uncaught exception is held against a close only on the one known server that cannot have sent it."""
    said_so = contradiction(print_, event, ended)
    assert (said_so is not None) is forbidden
    assert said_so is None or "unless" in said_so


@given(st.text(), st.text())
def test_no_text_breaks_the_fingerprint(text: str, message: str) -> None:
    """Any line, and any JSON, is looked at without an error."""
    odd = fingerprint([line(text), line({"message": message, "level": text, "msg": None, "time": []})])
    assert isinstance(odd.text, str)


def test_a_giant_line_costs_no_more_than_its_beginning() -> None:
    """A line of frames that lead nowhere, a megabyte long, is looked at in its beginning only."""
    assert fingerprint([line("/uvicorn/" * 120_000)]) == server.UNKNOWN

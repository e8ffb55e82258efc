"""A single log line can name an exception, or give it away by a library's words."""

import time

import pytest

from rca.traces import one_liner
from rca.traces.one_line import LibraryText, library_texts


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        ("KeyError: 'x'", "KeyError", "'x'"),
        ("mail not sorted: shop.errors.StockError: no pears left", "shop.errors.StockError", "no pears left"),
        ("failed: ValueError('bad value')", "ValueError", "bad value"),
        ("future: <Task finished name='T' coro=<f()> exception=KeyError('x')>", "KeyError", "x"),
        (
            "ping: ConnectionRefusedError(111, 'Connection refused')",
            "ConnectionRefusedError",
            "[Errno 111] Connection refused",
        ),
        ("gave up: redis.exceptions.TimeoutError", "redis.exceptions.TimeoutError", ""),
        ("WebSocket error: TimeoutError", "TimeoutError", ""),
        ("failed: asyncio.exceptions.CancelledError()", "asyncio.exceptions.CancelledError", ""),
        ("RuntimeError: no tool: KeyError: 'x'", "RuntimeError", "no tool: KeyError: 'x'"),
        ("lookup: socket.gaierror: [Errno -2] unknown", "socket.gaierror", "[Errno -2] unknown"),
        ("Exception: out of pears", "Exception", "out of pears"),
        (
            "till 4: ** (DBConnection.ConnectionError) tcp recv: closed",
            "DBConnection.ConnectionError",
            "tcp recv: closed",
        ),
        (
            r"""add failed {"exception":"[object] (Shop\\TillError(code: 7): no till at /app/src/Till.php:12)"} []""",
            r"Shop\TillError",
            "no till",
        ),
    ],
)
def test_named(text: str, kind: str, message: str) -> None:
    """An exception named at the end of a line, or by its repr, gives type and message."""
    found = one_liner(text)
    assert found is not None
    assert (found.type, found.message, found.inferred, found.frames) == (kind, message, False, ())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "INFO: started",
        "ERROR: something",
        "Error: something",
        "Warning: low disk",
        "DeprecationWarning: old",
        "Reason: Worker failed to boot.",
        "WebSocket error: something broke",
        "see https://docs.example/errors/ValueError: it tells",
        "GET /errors/TimeoutError: 200",
        "retrying after ConnectionError",
        "registered ValidationError handler",
        "** (two) stars in brackets",
        "Exception in ASGI application",
        "till t-7 closes with code 1011",
        "Traceback (most recent call last):",
        "a\x00b",
    ],
)
def test_names_none(text: str) -> None:
    """Levels, warnings, paths, URLs and sentences name no exception."""
    assert one_liner(text) is None


@pytest.mark.parametrize("known", library_texts(), ids=lambda known: known.source[:40])
def test_each_library_text_tells_its_type(known: LibraryText) -> None:
    """Each sample gives its type, marked as inferred, and a message that begins with the library's own words."""
    for sample in known.samples:
        found = one_liner(sample)
        assert found is not None
        assert (found.type, found.inferred) == (known.type, True)
        assert known.pattern.match(found.message)


def test_library_words_behind_others() -> None:
    """What the application wrote before the library's words is not the exception's message."""
    found = one_liner("WebSocket error: Object of type Decimal is not JSON serializable")
    assert found is not None
    assert (found.type, found.message) == ("TypeError", "Object of type Decimal is not JSON serializable")


def test_library_words_that_quote_others() -> None:
    """Of two libraries' words the one that quotes the other tells the type."""
    found = one_liner("cache: Error 111 connecting to 10.0.0.3:6379. [Errno 111] Connection refused")
    assert found is not None
    assert found.type == "redis.exceptions.ConnectionError"


@pytest.mark.parametrize(
    "text", ["Error" * 200_000, "a." * 500_000, "x: " * 300_000, "(psycopg2." * 100_000, "'" * 10**6]
)
def test_hostile_lines_cost_little(text: str) -> None:
    """A megabyte in one line is looked at in no time."""
    started = time.process_time()
    one_liner(text)
    assert time.process_time() - started < 5

"""One raw log entry becomes one `Entry`, whatever wrote and exported it."""

import random
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from rca.model import Entry, EntryRef, Severity
from rca.normalize import Unreadable, normalize
from rca.normalize.dialects import DIALECTS, read_line
from rca.normalize.plain import plain
from rca.normalize.times import in_ns, moment, nanoseconds, seconds
from tests.examples import examples

REF = EntryRef(insert_id=None, file="logs.json", line=3)
AT = "2026-03-04T05:06:07.089123456Z"

TRACE = """Traceback (most recent call last):
  File "/srv/shop/cart.py", line 41, in add_item
    basket = baskets[number]
KeyError: 12"""


def entry(**fields: Any) -> Entry:  # noqa: ANN401 - any JSON
    """A raw entry of these fields, normalized."""
    return normalize({"timestamp": AT, **fields}, REF)


# --- Times ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "spelled",
    [
        "2026-03-04T05:06:07.5Z",
        "2026-03-04T05:06:07.500000000Z",
        "2026-03-04T05:06:07.500+00:00",
        "2026-03-04T10:36:07.5+05:30",
        "2026-03-03T22:06:07.5-0700",
        "2026-03-04 05:06:07.500",
        {"seconds": "1772600767", "nanos": 500_000_000},
        1_772_600_767_500,
        "1772600767500",
        1_772_600_767.5,
    ],
)
def test_a_moment_is_the_same_however_it_is_spelled(spelled: object) -> None:
    """Offsets, trailing zeros, epoch numbers and protobuf's struct name one instant."""
    assert nanoseconds(spelled) == 1_772_600_767_500_000_000


def test_nanoseconds_compare_where_text_would_not() -> None:
    """As text "…00.5Z" sorts before "…00Z"; as integers it does not."""
    earlier, later = nanoseconds("2026-03-04T05:06:00Z"), nanoseconds("2026-03-04T05:06:00.000000001Z")
    assert earlier is not None
    assert later == earlier + 1


@pytest.mark.parametrize(
    "spelled",
    [
        "",
        "yesterday",
        "2026-13-45T99:99:99Z",
        "2026-03-04",
        True,
        None,
        float("nan"),
        -5,
        1e300,
        [],
        {},
        {"seconds": "x"},
    ],
)
def test_what_is_no_time_is_none(spelled: object) -> None:
    """Nothing is guessed from what cannot be understood."""
    assert nanoseconds(spelled) is None


@given(st.datetimes(timezones=st.just(UTC)), st.integers(0, 999))
def test_a_printed_time_reads_back(at: datetime, nanos: int) -> None:
    """RFC 3339 with nine digits goes to nanoseconds and back."""
    printed = at.isoformat(timespec="microseconds").removesuffix("+00:00") + f"{nanos:03d}Z"
    read = nanoseconds(printed)
    assert read == in_ns(at) + nanos
    assert read is not None
    assert moment(read) == at


@pytest.mark.parametrize(
    ("spelled", "expected"),
    [
        ("60.369159188s", 60.369159188),
        ("0s", 0.0),
        ("15ms", 0.015),
        (2.5, 2.5),
        ("3.5", 3.5),
        ("0:01:00.5", 60.5),
        ({"seconds": "3", "nanos": 500_000_000}, 3.5),
        ("soon", None),
        (None, None),
        (True, None),
        (float("inf"), None),
    ],
)
def test_a_latency_is_seconds(spelled: object, expected: float | None) -> None:
    """However a latency is spelled, it is a number of seconds, or None."""
    assert seconds(spelled) == expected


# --- Dialects ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
def test_each_dialect_reads_its_sample(dialect: Any) -> None:  # noqa: ANN401 - the table's rows
    """The sample line beside each pattern gives the level, logger and message beside it."""
    assert read_line(dialect.sample) == dialect.expected


@pytest.mark.parametrize(
    ("line", "level", "message"),
    [
        ("INFO:     Started server process [7]", Severity.INFO, "Started server process [7]"),
        ("2026-03-04 05:06:07 - shop.cart - WARNING - low", Severity.WARNING, "low"),
        ("2026-03-04 05:06:07,089 ERROR KeyError: 12", Severity.ERROR, "KeyError: 12"),
        (
            "2026-03-04 05:06:07,089 ERROR shop.errors.CartError: gone",
            Severity.ERROR,
            "shop.errors.CartError: gone",
        ),
        ("2026-03-04T05:06:07Z [error    ] cart gone   [shop.cart] basket=12", Severity.ERROR, None),
        (
            "[2026-03-04 05:06:07 +0000] [7] [CRITICAL] WORKER TIMEOUT (pid:9)",
            Severity.CRITICAL,
            "WORKER TIMEOUT (pid:9)",
        ),
        ("2026/03/04 05:06:07 [error] 7#7: *1 upstream timed out", Severity.ERROR, "upstream timed out"),
        ("2026/03/04 05:06:07 http: panic serving", None, "http: panic serving"),
    ],
)
def test_lines_as_libraries_print_them(line: str, level: Severity | None, message: str | None) -> None:
    """A prefix gives the level and is taken off the message; an exception's name is no prefix."""
    read = read_line(line)
    assert read.level == level
    assert message is None or read.message == message


@pytest.mark.parametrize(
    "line",
    [
        "Error: connect ECONNREFUSED 10.0.0.9:6379",
        "ValueError: no basket",
        "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
        '  File "/srv/shop/cart.py", line 41, in add_item',
        "    at addItem (/srv/shop/cart.js:41:9)",
        "INFO desk is open",
        "[7] processes",
        "",
        "Traceback (most recent call last):",
        "12 baskets",
        "During handling of the above exception, another exception occurred:",
    ],
)
def test_what_is_no_prefix_stays(line: str) -> None:
    """Exceptions, frames and plain sentences are all message."""
    assert read_line(line).message == line


@pytest.mark.slow
@pytest.mark.parametrize(
    "unit", ["a.", "[", "- ", "2026-03-04 05:06:07 - ", "ERROR ", "\\", "\\n", "<red", "\x1b[", " |"]
)
def test_no_line_is_slow_to_read(unit: str) -> None:
    """A hostile line of half a million characters takes time in proportion, not seconds."""
    for line in (unit * (500_000 // len(unit)), "2026-03-04 05:06:07 " + unit * (500_000 // len(unit))):
        begin = time.process_time()
        entry(jsonPayload={"message": "m", "exception": line})
        entry(textPayload=line)
        assert time.process_time() - begin < 10


# --- Text ----------------------------------------------------------------------------------------------------


def test_colours_and_markup_go_and_the_raw_line_stays() -> None:
    """ANSI codes and loguru's tags are gone from the text; what was logged is kept for quoting."""
    raw = (
        "\x1b[32m2026-03-04 05:06:07.089\x1b[0m | \x1b[31m\x1b[1mERROR   \x1b[0m | a.b:c:1 - <red>gone</red>"
    )
    seen = entry(textPayload=raw)
    assert seen.raw == raw
    assert seen.text == "2026-03-04 05:06:07.089 | ERROR    | a.b:c:1 - gone"
    assert (seen.message, seen.logger, seen.severity) == ("gone", "a.b", Severity.ERROR)


@pytest.mark.parametrize(
    "kept",
    ["<module>", "<function run at 0x7f00>", "rate(x[5m])", "a < b > c", "<b>bold</b>", "    indented"],
)
def test_what_looks_like_decoration_and_is_not_stays(kept: str) -> None:
    """Only known tags and codes are taken away."""
    assert plain(kept) == kept


def test_control_characters_leave_the_text() -> None:
    """NUL, bells, links and carriage returns are no text; line breaks and tabs are."""
    assert plain("a\x00b\x07\x1b]8;;http://x.example\x1b\\link\x1b]8;;\x1b\\\r\n\tc\ud800") == "ablink\n\tc"


def test_a_trace_logged_on_one_line_gets_its_lines_back() -> None:
    r"""Literal "\n" and escaped quotes are undone in a trace, whether it was escaped once or twice."""
    once = TRACE.replace('"', '\\"').replace("\n", "\\n")
    assert entry(jsonPayload={"message": once}).message == TRACE
    assert entry(jsonPayload={"message": TRACE.replace("\n", "\\\\n")}).message == TRACE
    java = "java.lang.IllegalStateException: gone\\n\\tat com.example.Cart.add(Cart.java:41)\\nCaused by: x"
    assert plain(java).splitlines()[1] == "\tat com.example.Cart.add(Cart.java:41)"


def test_a_literal_backslash_n_outside_of_a_trace_stays() -> None:
    """It may be the very finding: a setting that ends in a line break."""
    assert plain("setting 'shop\\n' has a blank") == "setting 'shop\\n' has a blank"


# --- Severity ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "expected", "stated"),
    [
        ({"severity": "ERROR", "textPayload": "INFO:     x"}, Severity.ERROR, True),
        ({"severity": 500, "textPayload": "x"}, Severity.ERROR, True),
        ({"severity": "DEFAULT", "textPayload": "ERROR:    x"}, Severity.ERROR, False),
        ({"textPayload": "x"}, Severity.DEFAULT, False),
        ({"jsonPayload": {"level": 50, "msg": "x"}}, Severity.ERROR, False),
        ({"jsonPayload": {"level": 30, "msg": "x"}}, Severity.INFO, False),
        ({"jsonPayload": {"levelno": 30, "msg": "x"}}, Severity.WARNING, False),
        ({"jsonPayload": {"level": "warn", "msg": "x"}}, Severity.WARNING, False),
        ({"jsonPayload": {"levelname": "CRITICAL", "message": "x"}}, Severity.CRITICAL, False),
        ({"jsonPayload": {"log": {"level": "error"}, "message": "x"}}, Severity.ERROR, False),
        ({"jsonPayload": {"log.level": "error", "message": "x"}}, Severity.ERROR, False),
        ({"jsonPayload": {"level": 3, "message": "x"}}, Severity.DEFAULT, False),
        ({"jsonPayload": {"message": "[ERROR] x"}}, Severity.ERROR, False),
    ],
)
def test_severity_is_stated_or_read(fields: dict[str, Any], expected: Severity, stated: bool) -> None:  # noqa: FBT001 - a column of the table
    """The field decides; without it the payload's level; without that the text."""
    seen = entry(**fields)
    assert (seen.severity, seen.severity_stated) == (expected, stated)


# --- Payloads ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["message", "msg", "event", "textPayload", "log", "text"])
def test_the_message_is_found_under_any_loggers_key(key: str) -> None:
    """zap, pino, structlog and the rest call it differently."""
    assert entry(jsonPayload={key: "basket gone", "basket": 12}).text == "basket gone"


def test_a_payload_without_a_message_says_itself() -> None:
    """What has no message is quoted as JSON rather than lost."""
    assert entry(jsonPayload={"basket": 12}).text == '{"basket":12}'


@pytest.mark.parametrize(
    "payload",
    [
        {"exception": TRACE},
        {"exc_info": TRACE},
        {"stack_trace": TRACE},
        {"traceback": TRACE.replace("\n", "\\n")},
        {"error": {"type": "KeyError", "message": "12", "stack": TRACE}},
        {"err": {"stack": TRACE}},
        {"error.stack": TRACE},
        {"error": {"traceback": TRACE.splitlines()}},
        {"details": {"inner": [{"stack": TRACE}]}},
    ],
)
def test_a_stack_trace_is_found_in_any_field(payload: dict[str, Any]) -> None:
    """Whatever the field is called and however deep it lies, with its line breaks restored."""
    assert entry(jsonPayload={"message": "failed", **payload}).stacks == (TRACE,)


def test_a_trace_is_not_told_twice() -> None:
    """The message itself, and a second field of the same trace, are left out."""
    seen = entry(jsonPayload={"message": TRACE, "textPayload": TRACE, "exception": TRACE, "exc_text": TRACE})
    assert seen.stacks == ()
    assert entry(jsonPayload={"message": "failed", "exception": TRACE, "exc_text": TRACE}).stacks == (TRACE,)


@pytest.mark.parametrize(
    "value", [True, "no", None, 1, "", [], {}, "a sentence that speaks of an error", [1, 2]]
)
def test_what_is_no_trace_is_no_stack(value: object) -> None:
    """`exc_info: true` and other fillers are no stack trace."""
    assert entry(jsonPayload={"message": "failed", "exc_info": value}).stacks == ()


def test_a_named_exception_without_frames_is_a_stack() -> None:
    """The one line that names the fault is worth more than none."""
    assert entry(jsonPayload={"message": "failed", "exception": "KeyError: 12"}).stacks == ("KeyError: 12",)


def test_structured_frames_read_as_python_prints_them() -> None:
    """Structured tracebacks become text, the cause first."""
    frame = {"filename": "/srv/shop/cart.py", "lineno": 41, "name": "add_item"}
    chain = [
        {"exc_type": "CartError", "exc_value": "no basket", "is_cause": False, "frames": [frame]},
        {"exc_type": "KeyError", "exc_value": "12", "is_cause": True, "frames": [frame]},
    ]
    (told,) = entry(jsonPayload={"event": "failed", "exception": chain}).stacks
    assert told.index("KeyError: 12") < told.index("direct cause") < told.index("CartError: no basket")
    assert 'File "/srv/shop/cart.py", line 41, in add_item' in told


def test_a_nodes_error_keeps_type_and_message_reachable() -> None:
    """The `err` of pino stays in the payload beside its stack."""
    err = {
        "type": "TypeError",
        "message": "x is not a function",
        "stack": "TypeError: x is not a function\n    at f (/srv/a.js:1:2)",
    }
    seen = entry(jsonPayload={"level": 50, "msg": "failed", "err": err})
    assert seen.stacks == (err["stack"],)
    assert seen.payload["err"]["type"] == "TypeError"


# --- Shapes --------------------------------------------------------------------------------------------------

REQUEST = {
    "requestMethod": "GET",
    "requestUrl": "https://shop.example/ws/live?token=abc#x",
    "status": 101,
    "latency": "60.369159188s",
    "remoteIp": "192.0.2.7",
    "userAgent": "python-websockets/14",
}
FULL = {
    "insertId": "5f00a",
    "timestamp": AT,
    "receiveTimestamp": "2026-03-04T05:07:07.5Z",
    "severity": "INFO",
    "logName": "projects/shop-stg/logs/run.googleapis.com%2Frequests",
    "resource": {
        "type": "cloud_run_revision",
        "labels": {
            "project_id": "shop-stg",
            "service_name": "cart",
            "revision_name": "cart-00007-abc",
            "location": "us-east1",
        },
    },
    "labels": {"instanceId": "00ab"},
    "trace": "projects/shop-stg/traces/0af7651916cd43dd8448eb211c80319c",
    "spanId": "b7ad6b7169203331",
    "httpRequest": REQUEST,
}


def test_every_field_of_a_request_entry_is_read() -> None:
    """A request entry as `gcloud logging read` prints it."""
    seen = normalize(FULL, REF)
    assert seen.ref == EntryRef(insert_id="5f00a", file="logs.json", line=3)
    assert seen.at == datetime(2026, 3, 4, 5, 6, 7, 89123, tzinfo=UTC)
    assert seen.at_ns % 1000 == 456
    assert seen.log == "run.googleapis.com/requests"
    assert (seen.project, seen.service, seen.revision) == ("shop-stg", "cart", "cart-00007-abc")
    assert (seen.instance, seen.location) == ("00ab", "us-east1")
    assert (seen.trace_id, seen.span_id) == ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331")
    assert seen.request is not None
    assert (seen.request.path, seen.request.status, seen.request.latency_s) == ("/ws/live", 101, 60.369159188)
    assert (seen.request.remote_ip, seen.request.user_agent) == ("192.0.2.7", "python-websockets/14")


def test_snake_case_says_the_same() -> None:
    """The Python client's dump and Google's JSON give equal entries."""
    snake = {
        "insert_id": FULL["insertId"],
        "timestamp": FULL["timestamp"],
        "received_timestamp": FULL["receiveTimestamp"],
        "severity": FULL["severity"],
        "log_name": FULL["logName"],
        "resource": FULL["resource"],
        "labels": FULL["labels"],
        "trace": FULL["trace"],
        "span_id": FULL["spanId"],
        "http_request": {
            "request_method": "GET",
            "request_url": REQUEST["requestUrl"],
            "status": "101",
            "latency": 60.369159188,
            "remote_ip": "192.0.2.7",
            "user_agent": "python-websockets/14",
        },
        "text_payload": None,
        "json_payload": None,
    }
    assert normalize(snake, REF) == normalize(FULL, REF)


def test_short_request_names_are_read() -> None:
    """A script's dump may call them method, url and status."""
    seen = entry(
        http_request={"method": "GET", "url": "https://shop.example", "status": 503, "latency": "1.5s"}
    )
    assert seen.request is not None
    assert (seen.request.method, seen.request.path, seen.request.status) == ("GET", "/", 503)


@pytest.mark.parametrize("where", ["protoPayload", "jsonPayload", "proto_payload"])
def test_an_audit_entry_names_its_method(where: str) -> None:
    """Its text is the status message, else the method; a dump may keep it under jsonPayload."""
    audit = {
        "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
        "methodName": "google.cloud.run.v1.Services.ReplaceService",
        "response": {"message": "Traceback (most recent call last):\n"},
    }
    seen = entry(**{where: audit})
    assert seen.method_name == seen.text == audit["methodName"]
    assert seen.stacks == ()
    assert entry(**{where: {**audit, "status": {"message": "Ready"}}}).text == "Ready"


def test_empty_ids_are_none() -> None:
    """Audit entries carry an empty revision; an empty id is no id."""
    seen = entry(
        textPayload="x",
        resource={"labels": {"revision_name": "", "service_name": ""}},
        labels={"instanceId": ""},
        trace="",
    )
    assert (seen.revision, seen.service, seen.instance, seen.trace_id, seen.span_id) == (None,) * 5


def test_a_trace_counts_only_where_logging_would_take_it_from() -> None:
    """`logging.googleapis.com/trace` in the payload is the trace; an application's own `trace_id` is not."""
    assert (
        entry(jsonPayload={"message": "x", "logging.googleapis.com/trace": "projects/p/traces/ab"}).trace_id
        == "ab"
    )
    assert entry(jsonPayload={"message": "x", "trace_id": "ab", "request_id": "ab"}).trace_id is None
    assert entry(textPayload="x", trace="ab").trace_id == "ab"


def test_the_project_is_read_from_the_log_name_when_nothing_else_tells() -> None:
    """A logName is `projects/P/logs/L`."""
    assert entry(textPayload="x", logName="projects/shop/logs/run.googleapis.com%2Fstderr").project == "shop"


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ({"payload": "basket gone"}, "basket gone"),
        ({"payload": {"message": "basket gone"}}, "basket gone"),
        ({"json_payload": '{"message": "basket gone"}'}, "basket gone"),
        ({"level": "info", "msg": "basket gone"}, "basket gone"),
        (
            {"textPayload": None, "jsonPayload": {"message": "basket gone"}, "httpRequest": None},
            "basket gone",
        ),
    ],
)
def test_other_payload_shapes(raw: dict[str, Any], text: str) -> None:
    """The client's `payload`, a JSON column as text, a logger's bare line, nulls beside the payload."""
    assert entry(**raw).text == text


# --- Hostile input -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "raw", [{}, {"timestamp": "soon"}, {"textPayload": "x"}, {"timestamp": None, "severity": "ERROR"}]
)
def test_an_entry_without_a_time_is_unreadable(raw: dict[str, Any]) -> None:
    """It says why, in words."""
    with pytest.raises(Unreadable, match="timestamp"):
        normalize(raw, REF)


def test_a_text_that_logging_would_not_have_taken_is_unreadable() -> None:
    """No log entry is megabytes long."""
    with pytest.raises(Unreadable, match="longer"):
        entry(textPayload="x" * 3_000_000)


def test_deep_payloads_are_cut() -> None:
    """Nothing that walks a payload later can run out of stack."""
    deep: Any = "bottom"
    for _ in range(900):
        deep = {"a": [deep]}
    seen = entry(jsonPayload={"message": "x", "deep": deep, "flat": [1]})
    assert "…" in str(seen.payload)
    assert seen.payload["flat"] == [1]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
FIELDS = (
    *("severity", "textPayload", "jsonPayload", "protoPayload", "httpRequest", "resource", "labels", "trace"),
    *("spanId", "insertId", "logName", "payload", "receiveTimestamp", "json_payload"),
)


@given(st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=5))
@settings(max_examples=examples(60))
def test_no_shape_of_field_crashes(raw: dict[str, Any]) -> None:
    """Any JSON under any field gives an entry."""
    seen = entry(**raw)
    assert seen.at_ns == nanoseconds(AT)
    assert all(isinstance(value, str) for value in seen.labels.values())


@given(st.text(max_size=200), st.randoms())
def test_text_is_cleaned_once_and_for_all(raw: str, chance: random.Random) -> None:
    """Cleaning a clean text changes nothing, and leaves no escape character."""
    pieces = ["\x1b[31m", "</red>", "\\n", "\x00", raw, "ERROR: "]
    chance.shuffle(pieces)
    once = plain("".join(pieces))
    assert "\x1b" not in once
    assert "\x00" not in once
    assert entry(textPayload=raw).text.endswith(entry(textPayload=raw).message)

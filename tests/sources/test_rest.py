"""Entries of any spelling in REST JSON, which the query language speaks of: rca/normalize/rest.py."""

import io
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import orjson
import pytest
from hypothesis import given, settings, strategies as st

from rca.lql import parse
from rca.normalize import Unreadable, as_rest
from rca.normalize.times import nanoseconds, seconds
from rca.sources.exports import read
from rca.sources.items import Found
from rca.sources.packing import Unpacked
from tests.examples import examples
from tests.sources.exporting import WRAPPINGS, Raw, line, request

AUDIT = "type.googleapis.com/google.cloud.audit.AuditLog"
REPORTED = "type.googleapis.com/google.devtools.clouderrorreporting.v1beta1.ReportedErrorEvent"


def logged(number: int, body: Mapping[str, Any]) -> Raw:
    """An entry of a JSON line."""
    raw = line(number) | {"jsonPayload": dict(body)}
    del raw["textPayload"]
    return raw


FULL: Raw = line(
    4,
    severity="ERROR",
    trace="projects/shop-stg/traces/0a",
    spanId="0b",
    operation={"id": "o"},
    split={"uid": "u", "index": 1, "totalSplits": 2},
)
RAWS = [
    line(0),
    FULL,
    logged(2, {"message": "oven 3 is off", "level": "error", "tags": ["a"]}),
    logged(3, {"@type": REPORTED, "message": "KeyError: 'crust'"}),
    request(5, url="https://cart.example/ws", status=101, latency="3.5s"),
]


def measured(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The entry with its times and durations as numbers: `.5Z` and `.500000Z` are one time."""
    told = dict(raw)
    for name in {"timestamp", "receiveTimestamp"} & set(raw):
        told[name] = nanoseconds(raw[name])
    if "httpRequest" in raw:
        told["httpRequest"] = {**raw["httpRequest"], "latency": seconds(raw["httpRequest"].get("latency"))}
    return told


@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_every_export_is_rest_json(wrapping: str) -> None:
    """However a tool wraps and spells the entries, they become what REST would have given."""
    export: Callable[[Sequence[Raw]], bytes] = WRAPPINGS[wrapping]
    stream: Any = io.BufferedReader(Unpacked(io.BytesIO(export(RAWS))))
    found = [as_rest(item.raw) for item in read(stream, bare=True) if isinstance(item, Found)]
    in_order = sorted(found, key=lambda raw: str(raw["insertId"]))
    assert [measured(raw) for raw in in_order] == sorted(
        map(measured, RAWS), key=lambda raw: str(raw["insertId"])
    )


@pytest.mark.parametrize("raw", RAWS)
def test_rest_json_is_given_back_as_it_is(raw: Raw) -> None:
    """It is not even copied."""
    assert as_rest(raw) is raw


@pytest.mark.parametrize("raw", RAWS)
def test_twice_is_once(raw: Raw) -> None:
    """What was made into REST JSON is REST JSON."""
    snake = dict(raw)
    snake["log_name"] = snake.pop("logName")
    once = as_rest(snake)
    assert as_rest(once) is once


# --- rows of Log Analytics -------------------------------------------------------------------------------

ROW: Raw = {
    "insert_id": "a",
    "log_id": "run.googleapis.com/stderr",
    "timestamp": "2026-03-04 05:00:00.500000 UTC",
    "receive_timestamp": "2026-03-04 05:00:01 UTC",
    "severity": "ERROR",
    "resource": {"type": "cloud_run_revision", "labels": '{"service_name":"cart"}'},
    "labels": '{"instanceId":"00ab"}',
    "text_payload": None,
    "json_payload": f'{{"message":"no flour left","@type":"{REPORTED}"}}',
    "proto_payload": None,
    "http_request": None,
}


def test_a_row_whose_json_columns_are_text_is_rest_json() -> None:
    """Labels and payload are mappings, times as RFC 3339 has them, the log's name is escaped, absent stays absent."""
    assert as_rest(ROW) == {
        "insertId": "a",
        "logName": "projects/-/logs/run.googleapis.com%2Fstderr",
        "timestamp": "2026-03-04T05:00:00.5Z",
        "receiveTimestamp": "2026-03-04T05:00:01Z",
        "severity": "ERROR",
        "resource": {"type": "cloud_run_revision", "labels": {"service_name": "cart"}},
        "labels": {"instanceId": "00ab"},
        "jsonPayload": {"message": "no flour left", "@type": REPORTED},
    }


@pytest.mark.parametrize(
    "query",
    [
        'log_id("run.googleapis.com/stderr")',
        'resource.labels.service_name="cart"',
        'labels.instanceId="00ab"',
        'jsonPayload.message:"flour"',
        'timestamp>="2026-03-04T05:00:00.5Z" timestamp<"2026-03-04T05:00:00.6Z"',
        'receiveTimestamp>="2026-03-04T05:00:01Z"',
        "severity>=ERROR",
        "NOT textPayload:*",
    ],
)
def test_a_row_meets_the_queries_that_its_entry_would_meet(query: str) -> None:
    """What the API would find, a file of rows finds."""
    assert parse(query).matches(as_rest(ROW))


def test_a_row_of_an_audit_entry_is_a_proto_payload() -> None:
    """Log Analytics puts the audit entry one level down, and names no type."""
    row = ROW | {"json_payload": None, "proto_payload": {"audit_log": {"method_name": "UpdateService"}}}
    assert as_rest(row)["protoPayload"] == {"method_name": "UpdateService"}


def test_a_row_of_a_request_keeps_what_queries_ask_for() -> None:
    """Sizes, protocol and addresses are there, not only what a report needs."""
    fields = {
        "request_method": "GET",
        "request_url": "https://cart.example/ws",
        "status": 101,
        "latency": {"seconds": "3", "nanos": 500_000_000},
        "response_size": "754",
        "server_ip": "192.0.2.1",
        "protocol": "HTTP/1.1",
        "remote_ip": None,
    }
    told = as_rest(ROW | {"json_payload": None, "http_request": fields})
    assert told["httpRequest"] == {
        "requestMethod": "GET",
        "requestUrl": "https://cart.example/ws",
        "status": 101,
        "latency": "3.500000000s",
        "responseSize": "754",
        "serverIp": "192.0.2.1",
        "protocol": "HTTP/1.1",
    }
    assert "textPayload" not in told


# --- the client's objects, and bare lines ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("payload", "name"),
    [
        ("oven 3 is off", "textPayload"),
        ({"message": "oven 3 is off"}, "jsonPayload"),
        ({"message": "oven 3 is off", "@type": REPORTED}, "jsonPayload"),
        ({"methodName": "UpdateService", "@type": AUDIT}, "protoPayload"),
    ],
)
def test_the_client_s_one_payload_is_put_where_it_belongs(payload: object, name: str) -> None:
    """Text, JSON, an error that an application reported, an audit entry."""
    raw = line(0)
    del raw["textPayload"]
    told = as_rest(raw | {"payload": payload})
    assert told[name] == payload
    assert "payload" not in told


def test_a_logger_s_own_line_is_a_json_payload() -> None:
    """Cloud Run would have logged it so."""
    raw = {"time": "2026-03-04T05:00:00Z", "level": "error", "message": "oven 3 is off"}
    assert as_rest(raw) == {"timestamp": "2026-03-04T05:00:00Z", "jsonPayload": raw}


def test_an_entry_that_lost_its_time_counts_from_its_receipt() -> None:
    """As everywhere else in the reading."""
    raw = line(0)
    del raw["timestamp"]
    assert nanoseconds(as_rest(raw)["timestamp"]) == nanoseconds(raw["receiveTimestamp"])


def test_without_any_time_there_is_no_entry() -> None:
    """There is nothing to place it by."""
    with pytest.raises(Unreadable):
        as_rest({"log_name": "projects/shop-stg/logs/x", "text_payload": "x"})


# --- whatever it is --------------------------------------------------------------------------------------

NAMES = st.sampled_from(sorted({*ROW, *FULL, "payload", "httpRequest", "jsonPayload", "time", "span_id"}))
values: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["{", "{}"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=4,
)
ANYTHING = parse(
    '"x" OR httpRequest.latency>"1s" OR resource.labels.service_name="x" OR jsonPayload.payload:*'
)


@given(raw=st.dictionaries(NAMES, values, max_size=4))
@settings(max_examples=examples(40))
def test_any_mapping_can_be_asked_or_is_unreadable(raw: Raw) -> None:
    """Nothing else comes of it, whatever stands in a field of any spelling."""
    with suppress(Unreadable):  # which is counted
        told = as_rest({"timestamp": "2026-03-04T05:00:00.25Z", **raw})
        assert ANYTHING.matches(told) in {True, False}


@given(text=st.text(max_size=30))
def test_text_that_looks_like_json_stays_text(text: str) -> None:
    """Only JSON columns are opened: what was logged as text is left as it is."""
    told = as_rest(line(0) | {"log_name": "x", "textPayload": text, "payload": None, "labels": "{" + text})
    assert told.get("textPayload", "") == text
    orjson.dumps(told)

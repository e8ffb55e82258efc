"""Types: how a value is read for each type of field, and what does not convert."""

from typing import Any

import pytest

from tests.lql.entries import Entry, entry, http, json, matches, proto


def holding(table: list[tuple[str, Entry]]) -> pytest.MarkDecorator:
    """Filters that hold for their entries."""
    return pytest.mark.parametrize(("query", "asked"), table)


@holding(
    [
        ("severity=ERROR", entry(severity="ERROR")),
        ("severity=error", entry(severity="ERROR")),
        ('severity="Error"', entry(severity="ERROR")),
        ("severity=500", entry(severity="ERROR")),
        ("severity>=400", entry(severity="WARNING")),
        ("severity>450", entry(severity="ERROR")),
        ("severity:error", entry(severity="ERROR")),
        ("severity>NOTICE", entry(severity="WARNING")),
        ("severity<EMERGENCY severity>CRITICAL", entry(severity="ALERT")),
        ("severity!=INFO", entry(severity="NOTICE")),
        ("severity=DEFAULT", entry()),
        ("severity<=DEFAULT", entry()),
        ("severity!=ERROR", entry()),
        ("severity=(ERROR OR ALERT)", entry(severity="ALERT")),
        ("severity=ERROR", entry(severity=500)),
    ],
)
def test_severities_have_names_and_an_order(query: str, asked: Entry) -> None:
    """By name in any letter case or by number; ordered by number; absent is DEFAULT."""
    assert matches(query, asked)


@pytest.mark.parametrize(
    "query", ["severity=WARN", "severity!=WARN", "severity>=LOUD", "severity<''", 'severity=~"E"']
)
def test_what_is_no_severity_never_holds(query: str) -> None:
    """A conversion that fails makes the comparison fail, and NOT turns that around."""
    assert not matches(query, entry(severity="WARNING"))
    assert matches(f"NOT {query}", entry(severity="WARNING"))


@holding(
    [
        ('timestamp="2026-05-04T10:20:30.125Z"', entry()),
        ('timestamp="2026-05-04T10:20:30.125000000Z"', entry()),
        ('timestamp="2026-05-04t10:20:30.125z"', entry()),
        ('timestamp="2026-05-04T12:20:30.125+02:00"', entry()),
        ('timestamp="2026-05-04T05:50:30.125-04:30"', entry()),
        ('timestamp="2026-05-04T12:20:30.125+0200"', entry()),
        ('timestamp="2026-05-04T10:20:30.125"', entry()),
        ('timestamp>"2026-05-04"', entry()),
        ("timestamp>2026-05-04", entry()),
        ('timestamp="2026-05-04"', entry(timestamp="2026-05-04T00:00:00Z")),
        ('timestamp<"2026-05-05"', entry()),
        ('timestamp>="2026-05-04T10:20Z"', entry()),
        ('timestamp!="2026-05-04T10:20:30Z"', entry()),
        ('receiveTimestamp="2026-05-04T10:20:30.200000009Z"', entry()),
        ('receiveTimestamp>"2026-05-04T10:20:30.200000008Z"', entry()),
        ('receiveTimestamp<"2026-05-04T10:20:30.2000000091Z" OR insertId:"6"', entry()),
        ('timestamp="2016-12-31T23:59:60Z"', entry(timestamp="2017-01-01T00:00:00Z")),
        ('timestamp<"1970-01-02"', entry(timestamp=None)),
        ('receive_timestamp>"2026-01-01"', entry()),
    ],
)
def test_times_compare_as_instants(query: str, asked: Entry) -> None:
    """Zones, fractions down to nanoseconds and dates without a time are one line of instants."""
    assert matches(query, asked)


@pytest.mark.parametrize(
    "value",
    [
        "yesterday",
        "2026-13-01",
        "2026-02-30T00:00:00Z",
        "10:20:30",
        "2026-05-04 10:20:30Z",
        "1777888999",
        "",
        "2026-05-04T25:00:00Z",
    ],
)
def test_what_is_no_time_never_holds(value: str) -> None:
    """Neither before, nor after, nor different from."""
    for operator in ["=", "!=", "<", ">", "<=", ">=", ":"]:
        assert not matches(f'timestamp{operator}"{value}"', entry())


@holding(
    [
        ('httpRequest.latency="1.5s"', http(latency="1.500s")),
        ('httpRequest.latency="1500ms"', http(latency="1.5s")),
        ("httpRequest.latency>999ms", http(latency="1s")),
        ("httpRequest.latency>1.4s", http(latency="1.5s")),
        ('httpRequest.latency<"1m"', http(latency="59.999999999s")),
        ('httpRequest.latency>="1h"', http(latency="3600s")),
        ('httpRequest.latency="250us"', http(latency="0.000250s")),
        ('httpRequest.latency="7ns"', http(latency="0.000000007s")),
        ('httpRequest.latency>"-1s"', http(latency="0s")),
        ("httpRequest.latency=0s", entry()),
        ('httpRequest.latency<"0.1s"', entry()),
        ('httpRequest.latency!="2s"', http(latency="1s")),
    ],
)
def test_durations_compare_by_length(query: str, asked: Entry) -> None:
    """In any unit, to the nanosecond; absent is no time at all."""
    assert matches(query, asked)


@pytest.mark.parametrize("value", ["5", "1.5", "1d", "1 s", "s", "1s2ms", "", "fast"])
def test_a_duration_needs_a_unit(value: str) -> None:
    """What is no duration never holds."""
    assert not matches(f'httpRequest.latency>"{value}"', http(latency="100s"))
    assert not matches(f'httpRequest.latency!="{value}"', http(latency="100s"))


@holding(
    [
        ("httpRequest.status=503", http(status=503)),
        ('httpRequest.status="503"', http(status=503)),
        ("httpRequest.status:503", http(status=503)),
        ("httpRequest.status>=500 httpRequest.status<600", http(status=503)),
        ("http_request.status=503", http(status=503)),
        ("HTTPREQUEST.STATUS=503", http(status=503)),
        ("httpRequest.requestSize<1000", http(requestSize="754")),
        ("httpRequest.responseSize>9", http(responseSize="10")),
        ('httpRequest.responseSize="9007199254740993"', http(responseSize="9007199254740993")),
        ("NOT httpRequest.responseSize=9007199254740992", http(responseSize="9007199254740993")),
        ("sourceLocation.line>99", entry(sourceLocation={"line": "142"})),
        ("split.index=0", entry()),
        ("httpRequest.status>-1", http(status=0)),
    ],
)
def test_integers_compare_as_integers(query: str, asked: Entry) -> None:
    """Numbers, also those that JSON writes as strings, exact to 64 bits."""
    assert matches(query, asked)


@pytest.mark.parametrize(
    "value", ["abc", "5.5", "1e2", "", "0x1F7", "99999999999", "\u0665\u0660\u0663", "5_0_3"]
)
def test_what_is_no_integer_of_the_size_never_holds(value: str) -> None:
    """Fractions, other notations and numbers beyond 32 bits fail to convert."""
    assert not matches(f'httpRequest.status!="{value}"', http(status=503))
    assert not matches(f'httpRequest.status<"{value}"', http(status=503))


@holding(
    [
        ("operation.first=true", entry(operation={"first": True})),
        ("operation.first=TRUE", entry(operation={"first": True})),
        ("operation.first>False", entry(operation={"first": True})),
        ("operation.last=false", entry(operation={"first": True})),
        ("traceSampled=false", entry()),
        ("trace_sampled!=true", entry()),
        ("jsonPayload.ok=true", json(ok=True)),
        ("jsonPayload.ok!=true", json(ok=False)),
        ("jsonPayload.ok<true", json(ok=False)),
        ("jsonPayload.ok:true", json(ok=True)),
        ("NOT jsonPayload.ok=1", json(ok=True)),
        ("NOT jsonPayload.ok!=yes", json(ok=True)),
        ("NOT jsonPayload.n=true", json(n=1)),
        ("jsonPayload.s=true", json(s="TRUE")),
    ],
)
def test_booleans_are_true_or_false(query: str, asked: Entry) -> None:
    """In any letter case, true above false; 1 and yes are none."""
    assert matches(query, asked)


@holding(
    [
        ("jsonPayload.n=5", json(n=5)),
        ("jsonPayload.n=5", json(n=5.0)),
        ('jsonPayload.n="5.0"', json(n=5)),
        ("jsonPayload.n=5e0", json(n=5)),
        ("jsonPayload.n>-1", json(n=0)),
        ("jsonPayload.n=-3.5", json(n=-3.5)),
        ('jsonPayload.n="+5"', json(n=5)),
        ("jsonPayload.n<10", json(n=9)),
        ("jsonPayload.n:5", json(n=5)),
        ("jsonPayload.n<Infinity", json(n=10**400 - 10**400)),
        ("jsonPayload.n=infinity", json(n=10**400)),
        ("jsonPayload.n!=NaN", json(n=5)),
        ("NOT jsonPayload.n=nan", json(n=5)),
        ("jsonPayload.n=9007199254740992", json(n=9007199254740993)),
    ],
)
def test_numbers_of_a_payload_are_doubles(query: str, asked: Entry) -> None:
    """Any notation of a number; integers beyond 2^53 lose their last digits, as they do in the service."""
    assert matches(query, asked)


@pytest.mark.parametrize("value", ["five", "", "1_000", "0x5", "5 ", "\u0665", "inf"])
def test_what_is_no_number_never_holds(value: str) -> None:
    """Not even as different."""
    for operator in ["=", "!=", "<", ">", "<=", ">=", ":"]:
        assert not matches(f'jsonPayload.n{operator}"{value}"', json(n=5))


@holding(
    [
        ("jsonPayload.s=5", json(s="5")),
        ("NOT jsonPayload.s=5.0", json(s="5")),
        ('jsonPayload.s>"10"', json(s="9")),
        ('jsonPayload.s<"2s"', json(s="10s")),
        ('NOT jsonPayload.s="2026-05-04T12:00:00+02:00"', json(s="2026-05-04T10:00:00Z")),
        ("jsonPayload.s=9223372036854775807", json(s="9223372036854775807")),
    ],
)
def test_texts_of_a_payload_stay_texts(query: str, asked: Entry) -> None:
    """Numbers, times and durations inside quotes are ordered as text."""
    assert matches(query, asked)


@holding(
    [
        ("jsonPayload.f=NULL_VALUE", json(f=None)),
        ("jsonPayload.f:NULL_VALUE", json(f=None)),
        ("jsonPayload.f:*", json(f=None)),
        ("jsonPayload.f=NULL_VALUE", json(f=["x", None])),
        ("NOT jsonPayload.f=NULL_VALUE", json(g=None)),
        ("NOT jsonPayload.f=NULL_VALUE", json(f="NULL_VALUE")),
        ('NOT jsonPayload.f="NULL_VALUE"', json(f=None)),
        ("jsonPayload.f!=NULL_VALUE", json(f="x")),
        ("jsonPayload.f!=NULL_VALUE", json(f={})),
        ("NOT jsonPayload.f!=NULL_VALUE", json(f=None)),
        ("NOT jsonPayload.f!=NULL_VALUE", json(g=1)),
        ("NOT jsonPayload.f=null", json(f=None)),
        ('NOT jsonPayload.f!="x"', json(f=None)),
        ("jsonPayload.f=(NULL_VALUE OR x)", json(f="x")),
        ("jsonPayload.f=(NULL_VALUE OR x)", json(f=None)),
        ("NOT trace=NULL_VALUE", entry()),
    ],
)
def test_null_is_a_value_of_its_own(query: str, asked: Entry) -> None:
    """NULL_VALUE is the null of JSON: neither missing nor any text."""
    assert matches(query, asked)


@holding(
    [
        ("protoPayload.numResponseItems>5", proto(numResponseItems="12")),
        ("protoPayload.numResponseItems=12", proto(numResponseItems="12")),
        ("protoPayload.status.code>=7", proto(status={"code": 10})),
        ('protoPayload.latency>"999ms"', proto(latency="1s")),
        ('protoPayload.time<"2026-05-04T12:00:00+01:00"', proto(time="2026-05-04T10:59:59Z")),
        ('protoPayload.methodName:"Replace"', proto(methodName="ReplaceService")),
        ('protoPayload.methodName=~"^Replace"', proto(methodName="ReplaceService")),
        ('protoPayload.resourceName>"9"', proto(resourceName="a")),
        ('NOT protoPayload.request.size>"9"', proto(request={"size": "12"})),
    ],
)
def test_strings_of_a_protocol_buffer_may_stand_for_more(query: str, asked: Entry) -> None:
    """64-bit integers, times and durations below protoPayload compare as such; below its JSON parts they do not."""
    assert matches(query, asked)


@pytest.mark.parametrize("raw", [{}, [], "x", True, 1.5, {"a": 1}, [[]], "", -1])
@pytest.mark.parametrize(
    "query",
    [
        "severity=ERROR",
        'timestamp>"1960-01-01"',
        "httpRequest.status>-1",
        'httpRequest.latency>"-1s"',
        "operation.first=true",
        "labels.a=b",
        "textPayload:zzz",
        'log_id("a")',
        "resource.labels.x:*",
    ],
)
def test_a_field_of_the_wrong_shape_is_no_match(raw: Any, query: str) -> None:  # noqa: ANN401 - JSON
    """A field of LogEntry that holds what it cannot hold matches nothing, and breaks nothing."""
    names = ["severity", "timestamp", "operation", "labels", "textPayload", "logName", "resource"]
    odd = {**dict.fromkeys(names, raw), "httpRequest": {"status": "many", "latency": raw}}
    assert not matches(query, odd)


def test_endless_digits_make_no_time_and_no_duration() -> None:
    """What is longer than any time is none, in a filter and in an entry."""
    zeros = "0" * 5_000
    assert not matches(f'timestamp>="2026-05-04T10:20:30.{zeros}Z"', entry())
    assert not matches('timestamp>"2026-05-04"', entry(timestamp=f"2026-05-04T10:20:30.{zeros}Z"))
    assert not matches('httpRequest.latency>="0s"', http(latency=f"1.{zeros}s"))
    assert not matches(f'httpRequest.status="{zeros}"', http(status=0))
    assert matches(f'jsonPayload.n="0.{zeros}"', json(n=0))

"""What is not there: missing, defaulted, undefined; and whether something is."""

import pytest

from tests.lql.entries import Entry, entry, http, json, matches, proto, refused, text

OPERATORS = ["=", "!=", "<", ">", "<=", ">=", ":", "=~", "!~"]


@pytest.mark.parametrize(
    "field",
    [
        "jsonPayload.gone",
        "jsonPayload.here.gone",
        "jsonPayload.here.deeper.gone",
        "protoPayload.gone",
        "labels.gone",
        "resource.labels.gone",
        "metadata.userLabels.gone",
        "metadata.systemLabels.gone",
        "otel.gone",
        "errorGroups.id",
    ],
)
@pytest.mark.parametrize("operator", OPERATORS)
def test_a_comparison_with_something_missing_is_false(field: str, operator: str) -> None:
    """Below payloads, labels and lists each operator fails, `!=` and `!~` as well; NOT makes it true."""
    asked = json(here="x")
    assert not matches(f'{field}{operator}"x"', asked)
    assert matches(f'NOT {field}{operator}"x"', asked)
    assert not matches(f"{field}:*", asked)
    assert matches(f'NOT {field}{operator}"x"', text("no payload at all"))


@pytest.mark.parametrize(
    "query",
    [
        'trace=""',
        'trace!="projects/p/traces/1"',
        'trace!~"p"',
        'NOT trace:"p"',
        'spanId<"a"',
        "httpRequest.status<400",
        "httpRequest.status=0",
        "httpRequest.requestSize<1",
        'httpRequest.userAgent=""',
        "httpRequest.cacheHit=false",
        'httpRequest.latency="0s"',
        'operation.producer=""',
        "operation.last!=true",
        "sourceLocation.line=0",
        "split.totalSplits<=0",
        "severity<INFO",
        'textPayload=""',
        'textPayload!="x"',
        'textPayload!~"x"',
        'apphub.application.id=""',
    ],
)
def test_a_field_of_logentry_counts_as_its_default(query: str) -> None:
    """Empty, zero, false, DEFAULT: comparisons hold "as if the field were present"."""
    assert matches(query, json(a=1))
    assert matches(query, http(protocol="HTTP/1.1"))


@pytest.mark.parametrize(
    ("query", "asked", "expected"),
    [
        ("operation.id:*", entry(operation={"id": "op"}), True),
        ("operation.id:*", entry(operation={"first": True}), False),
        ("operation:*", entry(operation={"first": True}), True),
        ("operation:*", entry(), False),
        ("severity:*", entry(), False),
        ("severity:*", entry(severity="INFO"), True),
        ("httpRequest:*", http(), True),
        ("labels:*", entry(labels={"a": "b"}), True),
        ("labels:*", entry(labels={}), False),
        ("labels.a:*", entry(labels={"a": ""}), True),
        ("labels.b:*", entry(labels={"a": "b"}), False),
        ("jsonPayload:*", json(), True),
        ("jsonPayload:*", text("x"), False),
        ("jsonPayload.a:*", json(a=""), True),
        ("jsonPayload.a:*", json(a=None), True),
        ("jsonPayload.a:*", json(a=[]), True),
        ("jsonPayload.a.b:*", json(a=[{"c": 1}, {"b": 0}]), True),
        ("jsonPayload.a.b:*", json(a=[{"c": 1}]), False),
        ("protoPayload:*", proto(), True),
        ("protoPayload.status.code:*", proto(status={}), False),
        ("errorGroups:*", entry(errorGroups=[{"id": "g"}]), True),
        ("errorGroups:*", entry(errorGroups=[]), False),
        ("errorGroups.id:*", entry(errorGroups=[{"id": "g"}]), True),
        ("trace:(*)", entry(trace="t"), True),
        ("NOT trace:*", entry(), True),
        ("-trace:*", entry(), True),
        ('labels.a:"*"', entry(labels={"a": "b"}), False),
    ],
)
def test_presence_asks_what_is_explicitly_there(query: str, asked: Entry, expected: bool) -> None:  # noqa: FBT001 - a table's column
    """`:*` holds for any value, null and empty included, and for no default."""
    assert matches(query, asked) is expected


@pytest.mark.parametrize(
    ("query", "hint"),
    [
        ("thud=1", "jsonPayload.thud"),
        ("Severty=ERROR", "severity"),
        ("texPayload:x", "textPayload"),
        ("operation.thud=1", "id, producer, first, last"),
        ("httpRequest.statusCode=500", "httpRequest.status"),
        ("httpRequest.url:x", "httpRequest.requestUrl"),
        ("resource.label.x=1", "resource.labels"),
        ("status>=500", "httpRequest.status"),
        ("remoteIp:1", "httpRequest.remoteIp"),
        ("service_name=x", "resource.labels.service_name"),
        ("message:x", "jsonPayload.message"),
        ("level=error", "severity"),
        ("textPayload.thud=1", "jsonPayload"),
        ("logName.x=1", "jsonPayload"),
        ("severity.x=1", "jsonPayload"),
        ('labels.run.googleapis.com/job="x"', 'labels."run.googleapis.com/job"'),
        ("resource.labels.a.b:*", 'resource.labels."a.b"'),
        ("5=5", "jsonPayload.5"),
        ("sample(thud, 0.5)", "jsonPayload.thud"),
        ('SEARCH(thud, "x")', "jsonPayload.thud"),
        ('ip_in_net(thud, "10.0.0.0/8")', "jsonPayload.thud"),
        ("cast(thud, STRING)=x", "jsonPayload.thud"),
    ],
)
def test_an_undefined_field_is_a_mistake(query: str, hint: str) -> None:
    """A field that no entry has is found before any entry is asked, with the nearest that exists."""
    error = refused(f"insertId:*\n{query}")
    assert error.line == 2
    assert hint in error.hint


@pytest.mark.parametrize(
    "query", ['resource="x"', "labels!=x", 'jsonPayload=~"x"', "httpRequest>5", "protoPayload=NULL_VALUE"]
)
def test_an_object_of_logentry_has_no_value(query: str) -> None:
    """Only `:` makes sense of an object; everything else asks for one of its fields."""
    assert "name one of its fields" in refused(query).hint

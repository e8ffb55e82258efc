"""An entry of the wire in REST JSON: rca/sources/cloud/entries.py."""

import gzip
import math
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
import pytest
from google.cloud.audit.audit_log_pb2 import AuditLog  # type: ignore[import-untyped] # Google's package has no types
from google.cloud.logging_v2.types import LogEntry
from google.protobuf import json_format
from hypothesis import given, settings, strategies as st

from rca.model import EntryRef
from rca.normalize import Unreadable, normalize
from rca.normalize.times import nanoseconds, seconds
from rca.sources.cloud.entries import as_rest
from tests.examples import examples

FIXTURES = sorted((Path(__file__).parents[2] / "fixtures").glob("cycle-*/logs.ndjson.gz"))
_Message: Any = LogEntry.pb()
AUDIT = "type.googleapis.com/google.cloud.audit.AuditLog"
IAM = "type.googleapis.com/google.iam.admin.v1.Unregistered"


def on_the_wire(raw: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a protobuf message: its class is made at run time
    """The entry as it arrives: encoded, and decoded again."""
    message = json_format.ParseDict(dict(raw), _Message(), ignore_unknown_fields=True)
    return _Message.FromString(message.SerializeToString())


def there_and_back(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """The entry's REST JSON after the wire, as a recording would keep it."""
    told: Mapping[str, Any] = orjson.loads(orjson.dumps(as_rest(on_the_wire(raw))))
    return told


def measured(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The entry with its times and durations as numbers: `.5Z` and `.500Z` are one time."""
    told = dict(raw)
    for name in {"timestamp", "receiveTimestamp"} & set(raw):
        told[name] = nanoseconds(raw[name])
    if "httpRequest" in raw:
        told["httpRequest"] = {**raw["httpRequest"], "latency": seconds(raw["httpRequest"].get("latency"))}
    return told


# --- entries that services wrote -------------------------------------------------------------------------

UNSENT = {"errorGroups", "apphub", "apphubDestination", "apphubSource", "metadata"}
"""Fields of REST that the wire has no place for. Source: LogEntry of google-cloud-logging 3.17."""


@cache
def bundled(path: Path) -> tuple[Mapping[str, Any], ...]:
    """Every 61st entry of a bundled cycle's logs, without empty fields."""
    with gzip.open(path) as lines:
        raws = [orjson.loads(line) for line in islice(lines, 0, None, 61)]
    return tuple({k: v for k, v in raw.items() if k not in UNSENT and v != {}} for raw in raws)


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.parent.name)
def test_the_entries_of_a_bundled_cycle_come_back_as_they_were(path: Path) -> None:
    """REST JSON, put on the wire and read from it, says the same."""
    raws = bundled(path)
    assert len(raws) > 100
    assert [measured(there_and_back(raw)) for raw in raws] == [measured(raw) for raw in raws]


# --- entries of any shape --------------------------------------------------------------------------------

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
labels = st.dictionaries(texts, texts, min_size=1, max_size=3)
flags = st.just(True)
sizes = st.integers(1, 2**63 - 1).map(str)
fractions = st.integers(0, 999_999_999).map(lambda nanos: f".{nanos:09d}".rstrip("0") if nanos else "")
times = st.builds(
    "{:%Y-%m-%dT%H:%M:%S}{}Z".format,
    st.datetimes(min_value=datetime(1000, 1, 1)),  # noqa: DTZ001 - the text above says its zone
    fractions,
)
durations = st.builds("{}{}s".format, st.integers(0, 10**9), fractions)
numbers = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53), 2**53)
json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | numbers | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=12,
)
structs = st.dictionaries(texts, json_values, max_size=4)


def some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """A mapping in which each of these may be absent."""
    return st.fixed_dictionaries({}, optional=fields)


common = some(
    insertId=texts,
    logName=texts,
    trace=texts,
    spanId=texts,
    traceSampled=flags,
    timestamp=times,
    receiveTimestamp=times,
    severity=st.sampled_from(
        ["DEBUG", "INFO", "NOTICE", "WARNING", "ERROR", "CRITICAL", "ALERT", "EMERGENCY"]
    ),
    labels=labels,
    resource=st.fixed_dictionaries({"type": texts, "labels": labels}),
    operation=some(id=texts, producer=texts, first=flags, last=flags),
    sourceLocation=some(file=texts, line=sizes, function=texts),
    split=some(uid=texts, index=st.integers(1, 2**31 - 1), totalSplits=st.integers(1, 2**31 - 1)),
    httpRequest=some(
        requestMethod=texts,
        requestUrl=texts,
        requestSize=sizes,
        status=st.integers(1, 2**31 - 1),
        responseSize=sizes,
        userAgent=texts,
        remoteIp=texts,
        serverIp=texts,
        referer=texts,
        latency=durations,
        cacheLookup=flags,
        cacheHit=flags,
        cacheValidatedWithOriginServer=flags,
        cacheFillBytes=sizes,
        protocol=texts,
    ),
)
audits = st.fixed_dictionaries(
    {"@type": st.just(AUDIT)},
    optional={
        "methodName": texts,
        "serviceName": texts,
        "status": some(code=st.integers(1, 99), message=texts),
        "authenticationInfo": some(principalEmail=texts),
        "request": structs,
    },
)
payloads = st.one_of(
    st.just({}),
    st.fixed_dictionaries({"textPayload": st.text(st.characters(exclude_categories=["Cs"]), max_size=80)}),
    st.fixed_dictionaries({"jsonPayload": structs}),
    st.fixed_dictionaries({"protoPayload": audits}),
)
entries = st.builds(lambda one, payload: one | payload, common, payloads)


@given(raw=entries)
@settings(max_examples=examples(40))
def test_any_entry_comes_back_as_it_was(raw: dict[str, Any]) -> None:
    """Nanoseconds, receipt, split, operation, source, payload: what REST tells, the wire tells the same way."""
    assert there_and_back(raw) == raw


@given(raw=entries)
@settings(max_examples=examples(20))
def test_it_is_what_protobuf_s_own_conversion_gives(raw: dict[str, Any]) -> None:
    """But for the zeros at the end of a fraction of a second."""
    message = on_the_wire(raw)
    assert measured(as_rest(message)) == measured(json_format.MessageToDict(message))


def test_an_unknown_severity_stays_a_number() -> None:
    """As protobuf's mapping has it for values of an enum that have no name."""
    assert as_rest(_Message(severity=650)) == {"severity": 650}


def test_an_empty_entry_is_empty() -> None:
    """What is at its default is absent."""
    assert as_rest(_Message()) == {}


# --- payloads of types that are not known ----------------------------------------------------------------


def test_a_payload_of_an_unknown_type_keeps_its_type() -> None:
    """The entry is kept, and says of which type its payload was."""
    message = _Message(insert_id="a")
    message.proto_payload.type_url = IAM
    message.proto_payload.value = b"\x0a\x01x"
    assert as_rest(message) == {"insertId": "a", "protoPayload": {"@type": IAM}}


def test_an_audit_entry_survives_a_part_that_is_not_known() -> None:
    """Who did what stands, although another service's data in the entry cannot be read."""
    audit = AuditLog(method_name="SetIamPolicy")
    audit.service_data.type_url = IAM
    audit.status.code = 7
    audit.status.details.add().type_url = IAM
    message = _Message()
    message.proto_payload.Pack(audit)
    told = {"@type": AUDIT, "methodName": "SetIamPolicy", "status": {"code": 7}}
    assert as_rest(message) == {"protoPayload": told}


@given(
    url=st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from([AUDIT, IAM]), value=st.binary()
)
@settings(max_examples=examples(50))
def test_no_payload_stops_the_reading(url: str, value: bytes) -> None:
    """Whatever an Any says it is, and whatever bytes it holds, the entry comes with its id."""
    message = _Message(insert_id="a")
    message.proto_payload.type_url, message.proto_payload.value = url, value
    assert as_rest(message)["insertId"] == "a"


# --- numbers and times that no entry should have ---------------------------------------------------------


@given(number=st.floats())
def test_any_number_can_be_written_down_again(number: float) -> None:
    """A number as large as a double is kept as one: JSON's writer takes no integer beyond 64 bits."""
    message = _Message()
    message.json_payload["n"] = number
    written = orjson.loads(orjson.dumps(as_rest(message)))
    assert written["jsonPayload"]["n"] == (number if math.isfinite(number) else None)


def test_whole_numbers_are_integers() -> None:
    """A count of a JSON line is no fraction, as the console shows it."""
    message = _Message()
    message.json_payload["n"] = 30.0
    assert orjson.dumps(as_rest(message)) == b'{"jsonPayload":{"n":30}}'


INT64 = st.integers(-(2**63), 2**63 - 1)
INT32 = st.integers(-(2**31), 2**31 - 1)


@given(second=INT64, nanos=INT32, latency=st.tuples(INT64, INT32))
def test_a_time_of_no_calendar_is_an_entry_that_cannot_be_read(
    second: int, nanos: int, latency: tuple[int, int]
) -> None:
    """Whatever seconds and nanoseconds the wire carries, the entry is read, or counted as unreadable."""
    message = _Message(insert_id="a", text_payload="x")
    message.timestamp.seconds, message.timestamp.nanos = second, nanos
    message.http_request.latency.seconds, message.http_request.latency.nanos = latency
    with suppress(Unreadable):  # which is counted, and quoted in the report
        assert normalize(as_rest(message), EntryRef(None, "Cloud Logging", None)).ref.insert_id == "a"


def test_the_first_millennium_has_four_digits_in_its_years() -> None:
    """A time that the wire can carry is spelled as RFC 3339 has it."""
    assert there_and_back({"timestamp": "0999-12-31T23:59:59.5Z"}) == {"timestamp": "0999-12-31T23:59:59.5Z"}

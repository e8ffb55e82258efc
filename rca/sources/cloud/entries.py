"""A LogEntry of the wire -> the same in REST JSON.

In: the protobuf message. Out: a mapping as `gcloud logging read --format=json` would print it: camelCase, absent
where default, int64 as text. By hand: protobuf's own conversion refuses a whole entry for one number that is none or
one payload of a type that it does not know, and makes 40.0 of 40.
Source: LogEntry reference; the protobuf JSON mapping.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from sys import intern
from typing import Any

from google.api.monitored_resource_pb2 import (  # type: ignore[import-untyped] # as below
    MonitoredResource,
)
from google.cloud.audit import audit_log_pb2  # type: ignore[import-untyped] # Google's package carries no types
from google.protobuf import json_format
from google.protobuf.message import DecodeError

from rca.model import Severity

_SEVERITIES = {severity.value: severity.name for severity in Severity}
_NANOS = 1_000_000_000
_EXACT = 2.0**53
_UNKNOWN = (TypeError, ValueError, json_format.Error, DecodeError)
"""What protobuf raises for a type that nobody here knows, and for bytes or times that are not of their type."""

# Singular text fields: name of the wire, name in JSON.
_TEXTS = (
    ("insert_id", "insertId"),
    ("trace", "trace"),
    ("span_id", "spanId"),
)
_REQUEST_TEXTS = (
    ("request_method", "requestMethod"),
    ("request_url", "requestUrl"),
    ("user_agent", "userAgent"),
    ("remote_ip", "remoteIp"),
    ("server_ip", "serverIp"),
    ("referer", "referer"),
    ("protocol", "protocol"),
)
_REQUEST_SIZES = (
    ("request_size", "requestSize"),
    ("response_size", "responseSize"),
    ("cache_fill_bytes", "cacheFillBytes"),
)
_REQUEST_FLAGS = (
    ("cache_lookup", "cacheLookup"),
    ("cache_hit", "cacheHit"),
    ("cache_validated_with_origin_server", "cacheValidatedWithOriginServer"),
)


def as_rest(entry: Any) -> Mapping[str, Any]:  # noqa: ANN401 - a protobuf message: its class is made at run time
    """The entry in REST JSON; of a payload of a type that nobody here knows, the `@type` alone."""
    raw: dict[str, Any] = {key: value for name, key in _TEXTS if (value := getattr(entry, name))}
    if entry.log_name:
        raw["logName"] = intern(entry.log_name)
    has = entry.HasField
    if entry.severity:
        raw["severity"] = _SEVERITIES.get(entry.severity, entry.severity)
    if entry.labels:
        raw["labels"] = _labels(tuple(entry.labels.items()))
    if entry.trace_sampled:
        raw["traceSampled"] = True
    for name, key, spell in _MESSAGES:
        if has(name):
            raw[key] = spell(getattr(entry, name))
    payload = entry.WhichOneof("payload")
    if payload is not None:
        key, spell = _PAYLOADS[payload]
        raw[key] = spell(getattr(entry, payload))
    return raw


# Entries of a service share a few resources and labels: each is read once, and there once for all of them.


@lru_cache(maxsize=1 << 12)
def _labels(told: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    return dict(told)


def _resource(resource: Any) -> Mapping[str, Any]:  # noqa: ANN401 - a protobuf message
    return _resource_in(resource.SerializeToString())


@lru_cache(maxsize=1 << 12)
def _resource_in(packed: bytes) -> Mapping[str, Any]:
    resource = MonitoredResource.FromString(packed)
    return {"type": resource.type, "labels": dict(resource.labels)}


def _request(request: Any) -> Mapping[str, Any]:  # noqa: ANN401 - a protobuf message
    told: dict[str, Any] = {}
    for name, key in _REQUEST_TEXTS:
        value = getattr(request, name)
        if value:
            told[key] = value
    if request.status:
        told["status"] = request.status
    for name, key in _REQUEST_SIZES:
        size = getattr(request, name)
        if size:
            told[key] = str(size)
    for name, key in _REQUEST_FLAGS:
        if getattr(request, name):
            told[key] = True
    if request.HasField("latency"):
        told["latency"] = _lasted(request.latency)
    return told


def _spelled(at: Any) -> str:  # noqa: ANN401 - a protobuf message
    second = _second(at.seconds)
    return f"{second}{_fraction(at.nanos)}Z" if second is not None else f"{at.seconds} s"


@lru_cache(maxsize=1 << 12)  # entries of a window share their seconds
def _second(epoch_s: int) -> str | None:
    """None for no time of any calendar: such an entry is counted as unreadable, and quoted."""
    try:
        return datetime.fromtimestamp(epoch_s, UTC).isoformat()[:19]
    except (ValueError, OverflowError, OSError):
        return None


def _lasted(duration: Any) -> str:  # noqa: ANN401 - a protobuf message
    nanos = duration.seconds * _NANOS + duration.nanos
    sign = "-" if nanos < 0 else ""
    seconds, rest = divmod(abs(nanos), _NANOS)
    return f"{sign}{seconds}{_fraction(rest)}s"


def _fraction(nanos: int) -> str:
    return f".{nanos:09d}".rstrip("0") if nanos else ""


def _struct(struct: Any) -> dict[str, Any]:  # noqa: ANN401 - a protobuf message
    return {name: _value(value) for name, value in struct.fields.items()}


def _value(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return value.string_value
    if kind == "number_value":
        number = value.number_value
        # Beyond 2^53 a double holds no exact integer, and JSON's writer takes none beyond 64 bits.
        return int(number) if number.is_integer() and abs(number) <= _EXACT else number
    if kind == "bool_value":
        return value.bool_value
    if kind == "struct_value":
        return _struct(value.struct_value)
    if kind == "list_value":
        return [_value(one) for one in value.list_value.values]
    return None


def _any(payload: Any) -> Mapping[str, Any]:  # noqa: ANN401 - a protobuf message
    try:
        return json_format.MessageToDict(payload)
    except _UNKNOWN:
        return {"@type": payload.type_url, **_known_part(payload)}


def _known_part(payload: Any) -> Mapping[str, Any]:  # noqa: ANN401 - a protobuf message
    """An audit entry without its parts of other services' types; of any other payload, nothing."""
    audit = audit_log_pb2.AuditLog()
    try:
        if not payload.Unpack(audit):
            return {}
        audit.ClearField("service_data")
        if audit.HasField("status"):
            audit.status.ClearField("details")
        return json_format.MessageToDict(audit)
    except _UNKNOWN:
        return {}


_PAYLOADS: Mapping[str, tuple[str, Callable[[Any], Any]]] = {
    "text_payload": ("textPayload", str),
    "json_payload": ("jsonPayload", _struct),
    "proto_payload": ("protoPayload", _any),
}

_MESSAGES: tuple[tuple[str, str, Callable[[Any], Any]], ...] = (
    ("resource", "resource", _resource),
    ("timestamp", "timestamp", _spelled),
    ("receive_timestamp", "receiveTimestamp", _spelled),
    ("http_request", "httpRequest", _request),
    ("operation", "operation", json_format.MessageToDict),
    ("source_location", "sourceLocation", json_format.MessageToDict),
    ("split", "split", json_format.MessageToDict),
)

"""One raw log entry of any spelling -> the same in REST JSON, which the query language speaks of.

In: a LogEntry in REST JSON, in the Python client's snake_case, as a Log Analytics row, or a logger's own JSON line.
Out: a mapping in camelCase; an entry that is in REST JSON already is given back as it is.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import orjson

from rca.model import Request
from rca.normalize.entry import content_of, request_of, stamped_ns
from rca.normalize.times import nanoseconds
from rca.resources import rfc3339_ns

_SNAKE = {
    "insert_id": "insertId",
    "log_name": "logName",
    "receive_timestamp": "receiveTimestamp",
    "received_timestamp": "receiveTimestamp",
    "span_id": "spanId",
    "trace_sampled": "traceSampled",
    "source_location": "sourceLocation",
}
_REST_PAYLOADS = frozenset(("payload", "protopayload_auditlog"))
"""Payloads that are not where REST JSON has them."""

_SAME = ("resource", "labels", "severity", "trace", "operation", "split", *_SNAKE.values())
_REQUEST = {
    "request_size": "requestSize",
    "response_size": "responseSize",
    "server_ip": "serverIp",
    "referer": "referer",
    "cache_lookup": "cacheLookup",
    "cache_hit": "cacheHit",
    "cache_validated_with_origin_server": "cacheValidatedWithOriginServer",
    "cache_fill_bytes": "cacheFillBytes",
    "protocol": "protocol",
}
"""Fields of a request that only a query looks at."""


def as_rest(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """The entry in REST JSON. Raises `Unreadable` where there is no time to place it by."""
    is_rest = "logName" in raw and isinstance(raw.get("timestamp"), str) and _REST_PAYLOADS.isdisjoint(raw)
    if is_rest and not isinstance(raw.get("jsonPayload"), str):
        return raw
    told = _fields(raw)
    request = request_of(raw)
    if request is not None:
        told["httpRequest"] = _request(request, raw.get("httpRequest") or raw["http_request"])
    body, text = content_of(raw)
    if text:
        told["textPayload"] = text
    elif body:
        told[_payload(raw, body)] = body
    return told


def _fields(raw: Mapping[str, Any]) -> dict[str, Any]:
    """What the entry says of itself, beside its payload."""
    told: dict[str, Any] = {name: raw[name] for name in _SAME if raw.get(name) is not None}
    for snake, camel in _SNAKE.items():
        if raw.get(snake) is not None:
            told.setdefault(camel, raw[snake])
    if "logName" not in told and isinstance(raw.get("log_id"), str):
        told["logName"] = f"projects/-/logs/{quote(raw['log_id'], safe='')}"
    if "labels" in told:
        told["labels"] = _opened(told["labels"])
    if isinstance(told.get("resource"), Mapping):
        told["resource"] = {name: _opened(value) for name, value in told["resource"].items()}
    received = nanoseconds(told.get("receiveTimestamp"))
    if received is not None:
        told["receiveTimestamp"] = rfc3339_ns(received)
    return told | {"timestamp": rfc3339_ns(stamped_ns(raw))}


def _payload(raw: Mapping[str, Any], body: Mapping[str, Any]) -> str:
    """Where the payload belongs. An error that an application reports has an `@type`, too, and is JSON."""
    if raw.get("jsonPayload") is not None or raw.get("json_payload") is not None:
        return "jsonPayload"
    is_proto = any(
        raw.get(name) is not None for name in ("protoPayload", "proto_payload", "protopayload_auditlog")
    )
    return "protoPayload" if is_proto or str(body.get("@type")).endswith(".AuditLog") else "jsonPayload"


def _opened(value: Any) -> Any:  # noqa: ANN401 - any JSON value in, the same out
    """A JSON column of a table, which came as text."""
    if not isinstance(value, str) or not value.startswith("{"):
        return value
    try:
        return orjson.loads(value)
    except ValueError:
        return value


def _request(request: Request, fields: Mapping[str, Any]) -> Mapping[str, Any]:
    said = {
        **{camel: fields.get(camel) or fields.get(snake) for snake, camel in _REQUEST.items()},
        "requestMethod": request.method,
        "requestUrl": request.url,
        "status": request.status,
        "latency": None if request.latency_s is None else f"{request.latency_s:.9f}s",
        "remoteIp": request.remote_ip,
        "userAgent": request.user_agent,
    }
    return {name: value for name, value in said.items() if value}

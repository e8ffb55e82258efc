"""One raw log entry of any spelling -> the same in REST JSON, which the query language speaks of.

In: a LogEntry in REST JSON, in the Python client's snake_case, as a Log Analytics row, or a logger's own JSON line.
Out: a mapping in camelCase; an entry that is in REST JSON already is given back as it is.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from rca.model import Request
from rca.normalize.entry import content_of, request_of, stamped_ns
from rca.normalize.times import spelled

_SNAKE = {
    "insert_id": "insertId",
    "log_name": "logName",
    "receive_timestamp": "receiveTimestamp",
    "received_timestamp": "receiveTimestamp",
    "span_id": "spanId",
    "trace_sampled": "traceSampled",
    "source_location": "sourceLocation",
}
_SAME = ("resource", "labels", "severity", "trace", "operation", "split", *_SNAKE.values())


def as_rest(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """The entry in REST JSON. Raises `Unreadable` where there is no time to place it by."""
    is_rest = "logName" in raw and isinstance(raw.get("timestamp"), str) and "payload" not in raw
    if is_rest and not isinstance(raw.get("jsonPayload"), str):
        return raw
    told: dict[str, Any] = {name: raw[name] for name in _SAME if raw.get(name) is not None}
    for snake, camel in _SNAKE.items():
        if raw.get(snake) is not None:
            told.setdefault(camel, raw[snake])
    if "logName" not in told and isinstance(raw.get("log_id"), str):
        told["logName"] = f"projects/-/logs/{quote(raw['log_id'], safe='')}"
    told["timestamp"] = spelled(stamped_ns(raw))
    request = request_of(raw)
    if request is not None:
        told["httpRequest"] = _request(request)
    body, text = content_of(raw)
    if text is not None:
        told["textPayload"] = text
    elif body:
        told["protoPayload" if "@type" in body else "jsonPayload"] = body
    return told


def _request(request: Request) -> Mapping[str, Any]:
    said = {
        "requestMethod": request.method,
        "requestUrl": request.url,
        "status": request.status,
        "latency": None if request.latency_s is None else f"{request.latency_s:.9f}s",
        "remoteIp": request.remote_ip,
        "userAgent": request.user_agent,
    }
    return {name: value for name, value in said.items() if value}

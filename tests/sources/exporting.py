"""Entries of our own making, and every way that tools write them to a file."""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

Raw = dict[str, Any]
START = datetime(2026, 3, 4, 5, 0, tzinfo=UTC)


def spelled(at: datetime) -> str:
    """The time as Logging spells it."""
    return at.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def line(number: int, *, text: str = "basket emptied", after_s: float = 0.0, **more: Any) -> Raw:  # noqa: ANN401 - any JSON
    """A text entry, `after_s` seconds after the start of the day's log."""
    return {
        "insertId": f"id{number:05d}",
        "timestamp": spelled(START + timedelta(seconds=after_s)),
        "receiveTimestamp": spelled(START + timedelta(seconds=after_s + 0.2)),
        "logName": "projects/shop-stg/logs/run.googleapis.com%2Fstderr",
        "resource": {
            "type": "cloud_run_revision",
            "labels": {"project_id": "shop-stg", "service_name": "cart"},
        },
        "labels": {"instanceId": "00ab"},
        "textPayload": text,
        **more,
    }


def request(number: int, *, url: str, status: int, after_s: float = 0.0, latency: str = "0.010s") -> Raw:
    """A request entry; its time is the request's start."""
    raw = line(number, after_s=after_s)
    del raw["textPayload"]
    raw["logName"] = "projects/shop-stg/logs/run.googleapis.com%2Frequests"
    raw["httpRequest"] = {"requestMethod": "GET", "requestUrl": url, "status": status, "latency": latency}
    return raw


def _snake(raw: Mapping[str, Any]) -> Raw:
    names = {
        "insertId": "insert_id",
        "logName": "log_name",
        "textPayload": "text_payload",
        "jsonPayload": "json_payload",
        "httpRequest": "http_request",
        "receiveTimestamp": "received_timestamp",
        "spanId": "span_id",
    }
    return {names.get(name, name): value for name, value in raw.items()}


def _pages(raws: Sequence[Raw]) -> bytes:
    half = len(raws) // 2
    first = {"entries": raws[:half], "nextPageToken": "more"}
    return (json.dumps(first, indent=2) + "\n" + json.dumps({"entries": raws[half:]}, indent=2)).encode()


def _grouped(raws: Sequence[Raw]) -> bytes:
    groups = {"ERROR": [_snake(raw) for raw in raws[::2]], "INFO": [_snake(raw) for raw in raws[1::2]]}
    return json.dumps(
        {"collected": "2026-03-04T05:00:00", "logs_by_severity": groups, "summary": {"n": 2}}
    ).encode()


def _messages(raws: Sequence[Raw]) -> bytes:
    encoded = [base64.b64encode(json.dumps(raw).encode()).decode() for raw in raws]
    return json.dumps(
        [{"ackId": "a", "message": {"data": data, "messageId": "1"}} for data in encoded]
    ).encode()


WRAPPINGS: Mapping[str, Callable[[Sequence[Raw]], bytes]] = {
    "gcloud array": lambda raws: json.dumps(raws, indent=2).encode(),
    "one-line array": lambda raws: json.dumps(raws).encode(),
    "NDJSON": lambda raws: "".join(json.dumps(raw) + "\n" for raw in raws).encode(),
    "NDJSON, CRLF, blank lines": lambda raws: "\r\n\r\n".join(json.dumps(raw) for raw in raws).encode(),
    "array, byte order mark": lambda raws: b"\xef\xbb\xbf" + json.dumps(raws, indent=1).encode(),
    "array, UTF-16": lambda raws: json.dumps(raws, indent=2).encode("utf-16"),
    "REST pages": _pages,
    "REST page, one line": lambda raws: json.dumps({"entries": list(raws)}).encode(),
    "client's dump": lambda raws: json.dumps([_snake(raw) for raw in raws], indent=2).encode(),
    "client's dump, grouped": _grouped,
    "client's dump under raw_logs": lambda raws: json.dumps(
        {"total": 9, "raw_logs": list(raws)}, indent=2
    ).encode(),
    "Pub/Sub messages": _messages,
    "objects one after the other": lambda raws: "\n".join(json.dumps(raw, indent=2) for raw in raws).encode(),
    "gcloud array after its warning": lambda raws: (
        b"WARNING: pick a zone\n" + json.dumps(raws, indent=2).encode()
    ),
}

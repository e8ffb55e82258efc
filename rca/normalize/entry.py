"""One raw log entry -> one `Entry`.

In: a LogEntry in REST JSON, in the Python client's snake_case, or as a Log Analytics row. Out: `Entry`.
Decides which spelling of a field counts and what an entry without a severity is. Google's own field names
stand here and nowhere else. Source: Cloud Logging REST reference, LogEntry.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

import orjson

from rca.model import Entry, EntryRef, Request, Severity
from rca.normalize.dialects import Line, read_line, severity_named
from rca.normalize.payload import dumped, level_of, logger_in, said_in, stacks_in
from rca.normalize.plain import plain
from rca.normalize.times import END_NS, FIRST_NS, moment, nanoseconds, seconds

_NO_FIELDS: Mapping[str, Any] = {}
_BY_NAME = {severity.name: severity for severity in Severity}
_BY_NUMBER = {severity.value: severity for severity in Severity}
_AUDIT_TYPE = "type.googleapis.com/google.cloud.audit.AuditLog"
_SINK_AUDIT = "protopayload_auditlog"
_SINK_PAYLOADS = ("protopayload_", "jsonpayload_")
_PAYLOADS = frozenset(("jsonPayload", "json_payload", "protoPayload", "proto_payload"))
_LONGEST = 2 << 20  # characters; a LogEntry is at most 256 KiB (Logging quotas), an audit entry twice that
_NUMBER = re.compile("[0-9]{3}")
_NANOSECONDS = 1_000_000_000
# Protobuf's JSON reader, and so Cloud Logging, takes no more than 100 levels; nothing below 64 is read here.
_DEEPEST = 64


class Unreadable(Exception):  # noqa: N818 - a finding about one entry, which is counted; no failure of the run
    """This is no log entry; `reason` says why, in words for the report."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


_LONGEST_LATENCY_S = 86_400.0
"""A request lasts an hour at most; a day leaves room for other services' entries."""


def stamped_ns(raw: Mapping[str, Any]) -> int:
    """When the entry's event happened, in nanoseconds since the epoch. Raises `Unreadable` without a time.

    An entry that lost its `timestamp` counts from when Logging got it.
    """
    for name in ("timestamp", "receiveTimestamp", "receive_timestamp", "received_timestamp", "time"):
        value = raw.get(name)
        if value is not None:
            at = nanoseconds(value)
            if at is None:
                raise Unreadable(
                    f"{name} is no time: {value[:60]!r}" if isinstance(value, str) else f"{name} is no time"
                )
            if not FIRST_NS <= at < END_NS:
                raise Unreadable(f"{name} lies in no year of Cloud Run's")
            return at
    raise Unreadable("it has no timestamp")


def lasts_ns(raw: Mapping[str, Any]) -> int:
    """How long the entry's request lasted, in nanoseconds; 0 for any other entry."""
    request = raw.get("httpRequest") or raw.get("http_request")
    if not request or not isinstance(request, Mapping):
        return 0
    return round((_latency(request) or 0.0) * _NANOSECONDS)


def _latency(request: Mapping[str, Any]) -> float | None:
    latency = seconds(request.get("latency"))
    return latency if latency is not None and 0 <= latency <= _LONGEST_LATENCY_S else None


def insert_id_of(raw: Mapping[str, Any]) -> str | None:
    """The entry's insertId; None where the export has none."""
    value = raw.get("insertId") or raw.get("insert_id")
    return value if type(value) is str else _text(value)


def normalize(raw: Mapping[str, Any], ref: EntryRef, at_ns: int | None = None) -> Entry:
    """The entry in the one shape the stages know; `at_ns` is what `stamped_ns` says, where that was asked before.

    Times are UTC; an absent severity is read from the payload's level, else from the text; empty ids are None.
    Raises `Unreadable` where there is no time to place it by, or more text than Logging would have taken.
    """
    at_ns = stamped_ns(raw) if at_ns is None else at_ns
    body, written = content_of(raw)
    audit = _audit(body, raw)
    as_logged = written if written is not None else _audit_text(body) if audit else said_in(body)
    if len(as_logged) > _LONGEST:
        raise Unreadable(f"its text is longer than any log entry: {len(as_logged)} characters")
    text, line = _read(as_logged) if len(as_logged) <= _REMEMBERED else _understood(as_logged)
    stated = _severity(raw.get("severity"))
    resource = _mapping(_mapping(raw.get("resource")).get("labels"))
    labels = _strings(_mapping(raw.get("labels")))
    log_name = _text(raw.get("logName")) or _text(raw.get("log_name")) or ""
    if ref.insert_id is None and (insert_id := insert_id_of(raw)) is not None:
        ref = replace(ref, insert_id=insert_id)
    return Entry(
        ref=ref,
        at=moment(at_ns),
        at_ns=at_ns,
        severity=stated or _inferred(body, line),
        severity_stated=stated is not None,
        log=_log_id(log_name) or _text(raw.get("log_id")) or "",
        text=text,
        raw=text if text == as_logged else as_logged,  # one string, where it was read before
        message=line.message,
        logger=(logger_in(body) if body else None) or line.logger,
        stacks=stacks_in(body, as_logged) if body and not audit else (),
        payload=body,
        request=request_of(raw),
        project=_text(resource.get("project_id")) or _project(log_name),
        service=_text(resource.get("service_name")),
        revision=_text(resource.get("revision_name")),
        instance=labels.get("instanceId") or labels.get("instance_id"),
        trace_id=_last_part(raw.get("trace") or body.get("logging.googleapis.com/trace")),
        span_id=_text(_either(raw, "spanId", "span_id") or body.get("logging.googleapis.com/spanId")),
        labels=labels,
        location=_text(resource.get("location")),
        method_name=_text(body.get("methodName") or body.get("method_name")) if audit else None,
    )


def _understood(as_logged: str) -> tuple[str, Line]:
    text = plain(as_logged)
    return text, read_line(text)


_REMEMBERED = 300
"""Characters; longer lines are not logged again and again, as a traceback's are."""

_read = lru_cache(maxsize=1 << 13)(_understood)


def request_of(raw: Mapping[str, Any]) -> Request | None:
    """The entry's httpRequest in one shape; None where it has none."""
    fields = raw.get("httpRequest") or raw.get("http_request")
    if not fields or not isinstance(fields, Mapping):
        return None
    # A client's dump may shorten the names: {"method", "url", "status"}.
    url = _text(fields.get("requestUrl") or fields.get("request_url") or fields.get("url")) or ""
    method = _text(fields.get("requestMethod") or fields.get("request_method") or fields.get("method")) or ""
    return Request(
        method=method,
        url=url,
        path=_path(url),
        status=_status(fields.get("status")),
        latency_s=_latency(fields),
        remote_ip=_text(fields.get("remoteIp") or fields.get("remote_ip")),
        user_agent=_text(fields.get("userAgent") or fields.get("user_agent")),
    )


def _status(status: object) -> int | None:
    """Status 0 is protobuf's "absent"; some dumps hold it as text."""
    if isinstance(status, str):
        status = int(status) if _NUMBER.fullmatch(status) else None
    return int(status) if isinstance(status, int | float) and 100 <= status < 1000 else None  # noqa: PLR2004 - three digits


def _path(url: str) -> str:
    """The URL's path; by hand, since urlsplit refuses what a scanner sends."""
    _, scheme, rest = url.partition("://")
    if scheme:
        slash = rest.find("/")
        rest = rest[slash:] if slash >= 0 else "/"
    else:
        rest = url
    return rest.partition("?")[0].partition("#")[0]


def content_of(raw: Mapping[str, Any]) -> tuple[Mapping[str, Any], str | None]:
    """The entry's structured payload, and its text where it was logged as text."""
    text = raw.get("textPayload")
    if type(text) is str and _PAYLOADS.isdisjoint(raw):  # as most entries are
        return _NO_FIELDS, text
    text = _either(raw, "textPayload", "text_payload")
    body = _either(raw, "jsonPayload", "json_payload") or _either(raw, "protoPayload", "proto_payload")
    if body is None and text is None:
        body = _of_sink(raw)
    if body is None and text is None:
        body = raw.get("payload")  # the client library's entries have one `payload` of any kind
        if body is None and not isinstance(raw.get("resource"), Mapping) and insert_id_of(raw) is None:
            return (shallow(raw), None) if request_of(raw) is None else (_NO_FIELDS, "")
        if body is None:
            body = raw.get("raw_payload")
    if isinstance(body, str):
        loaded = _loaded(body)
        body, text = (loaded, text) if loaded is not None else (None, text if text is not None else body)
    if isinstance(body, Mapping):
        inner = body.get("audit_log")  # Log Analytics puts the audit entry one level down
        return shallow(inner if isinstance(inner, Mapping) else body), None
    if isinstance(body, list):  # no Struct, but some dumps hold one
        return shallow({"values": body}), None
    return _NO_FIELDS, text if isinstance(text, str) else "" if text is None else dumped(text)


def _of_sink(raw: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a JSON value of any kind
    """The payload of a BigQuery sink's row, where an audit entry's column and those of typed payloads carry a suffix.

    Source: BigQuery schema for routed logs: `protopayload_auditlog`, `jsonpayload_v1_…`; `request` is `requestJson`.
    """
    for name, value in raw.items():
        if value is not None and name.startswith(_SINK_PAYLOADS):
            return value
    return None


def _loaded(text: str) -> Mapping[str, Any] | None:
    """A JSON column comes as text from BigQuery's exports."""
    if not text.startswith("{"):
        return None
    try:
        loaded = orjson.loads(text)
    except ValueError:
        return None
    return loaded if isinstance(loaded, Mapping) else None


def shallow(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """The mapping itself, or a copy cut off where it nests deeper than any log entry can."""
    if not _nests(values, _DEEPEST):
        return values
    return {name: _cut(value, _DEEPEST - 1) for name, value in values.items()}


def _nests(value: Mapping[str, Any] | list[Any], depth: int) -> bool:
    """Whether it holds more than `depth` levels; looks no further than that."""
    for inner in value.values() if isinstance(value, Mapping) else value:
        if isinstance(inner, dict | list) and (depth == 0 or _nests(inner, depth - 1)):
            return True
    return False


def _cut(value: Any, depth: int) -> Any:  # noqa: ANN401 - any JSON value in, the same out
    if not isinstance(value, dict | list):
        return value
    if depth == 0:
        return "…"
    if isinstance(value, dict):
        return {name: _cut(inner, depth - 1) for name, inner in value.items()}
    return [_cut(inner, depth - 1) for inner in value]


def _audit(body: Mapping[str, Any], raw: Mapping[str, Any]) -> bool:
    if not body:
        return False
    kind = body.get("@type")
    if kind is not None:
        return bool(kind == _AUDIT_TYPE)
    return bool(_either(raw, "protoPayload", "proto_payload") or raw.get(_SINK_AUDIT))


def _audit_text(body: Mapping[str, Any]) -> str:
    status = _text(_mapping(body.get("status")).get("message"))
    return status or _text(body.get("methodName") or body.get("method_name")) or ""


def _severity(value: object) -> Severity | None:
    """The stated severity; None for DEFAULT, which is how Logging says that none was stated."""
    if isinstance(value, str):
        found = _BY_NAME.get(value) or _BY_NAME.get(value.upper()) or severity_named(value)
        if found is None and _NUMBER.fullmatch(value):
            found = _BY_NUMBER.get(int(value))
    else:
        found = _BY_NUMBER.get(value) if isinstance(value, int) else None
    return found or None


def _inferred(body: Mapping[str, Any], line: Line) -> Severity:
    stated = level_of(body) if body else None
    return stated or line.level or Severity.DEFAULT


def _either(raw: Mapping[str, Any], camel: str, snake: str) -> Any:  # noqa: ANN401 - a JSON value of any kind
    value = raw.get(camel)
    return raw.get(snake) if value is None else value


def _mapping(value: object) -> Mapping[str, Any]:
    if type(value) is dict:  # as good as always, and ten times as quick to tell
        return value
    if isinstance(value, Mapping):
        return value
    return (_loaded(value) or _NO_FIELDS) if isinstance(value, str) else _NO_FIELDS


def _text(value: object) -> str | None:
    if type(value) is str:
        return value or None
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else None


def _strings(labels: Mapping[str, Any]) -> Mapping[str, str]:
    if len(labels) == 1:
        [(name, value)] = labels.items()
        return _instance_alone(name, value) if type(value) is str else {str(name): dumped(value)}
    for value in labels.values():
        if type(value) is not str:
            return {str(key): kept if isinstance(kept, str) else dumped(kept) for key, kept in labels.items()}
    return labels


@lru_cache(maxsize=1 << 13)
def _instance_alone(name: str, value: str) -> Mapping[str, str]:
    """One mapping for all entries of an instance: most entries have this one label."""
    return {name: value}


@lru_cache(maxsize=1 << 10)  # a service writes to a handful of logs
def _log_id(log_name: str) -> str:
    log_id = log_name.partition("/logs/")[2] or log_name
    return unquote(log_id) if "%" in log_id else log_id


def _project(log_name: str) -> str | None:
    """The project of `projects/P/logs/L`."""
    kind, _, rest = log_name.partition("/")
    return rest.partition("/")[0] or None if kind == "projects" else None


def _last_part(trace: object) -> str | None:
    """Both `projects/P/traces/ID` and the bare id occur; the id is what compares."""
    return trace.rstrip("/").rpartition("/")[2] or None if isinstance(trace, str) else None

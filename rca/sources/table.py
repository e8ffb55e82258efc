"""`gcloud logging read --format="table(…)"` -> raw log entries.

In: lines under a heading such as `TIMESTAMP  SEVERITY  TEXT_PAYLOAD`. Out: a mapping a row, in LogEntry's shape.
Decides columns by the heading's positions; a line without a time in its column goes on with the row above.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

_HEADING = re.compile(r"[A-Z][A-Z_0-9.]{1,60}(?:[ ]{1,400}[A-Z][A-Z_0-9.]{1,60}){1,20}[ ]*")
_TIMES = ("TIMESTAMP", "RECEIVE_TIMESTAMP")
_WORD = re.compile(r"[^ ]+")
_STARTS_ROW = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]")

_Column = tuple[str, int, int | None]
"""Heading, first character, and the one after its last."""

# gcloud heads a column with the last part of its key, in capitals.
_TOP = {
    "TIMESTAMP": "timestamp",
    "SEVERITY": "severity",
    "TEXT_PAYLOAD": "textPayload",
    "INSERT_ID": "insertId",
    "LOG_NAME": "logName",
    "TRACE": "trace",
    "SPAN_ID": "spanId",
    "RECEIVE_TIMESTAMP": "receiveTimestamp",
}
_RESOURCE = {
    name.upper(): name
    for name in ("service_name", "revision_name", "project_id", "location", "configuration_name")
}
_REQUEST = {
    "STATUS": "status",
    "REQUEST_URL": "requestUrl",
    "REQUEST_METHOD": "requestMethod",
    "LATENCY": "latency",
    "REMOTE_IP": "remoteIp",
    "USER_AGENT": "userAgent",
}


def is_heading(line: str) -> bool:
    """Whether the line heads a table of log entries."""
    return "TIMESTAMP" in line and _HEADING.fullmatch(line.rstrip()) is not None


def rows(lines: Sequence[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows below the first heading as (line from 1, raw entry), in the table's order."""
    columns: tuple[_Column, ...] = ()
    times: tuple[int, ...] = ()
    begun = 0  # line of the row that is being read; 0 between rows
    for number, line in enumerate(lines, start=1):
        heads = is_heading(line)
        if heads or any(_STARTS_ROW.match(line, start) for start in times):
            if begun:
                yield begun, _entry(columns, lines[begun - 1 : number - 1])
            begun = 0 if heads else number
        if heads:
            columns = _columns(line)
            times = tuple(start for name, start, _ in columns if name in _TIMES)
    if begun:
        yield begun, _entry(columns, lines[begun - 1 :])


def _columns(heading: str) -> tuple[_Column, ...]:
    words = [(found[0], found.start()) for found in _WORD.finditer(heading)]
    ends = [start for _, start in words[1:]] + [None]
    return tuple((name, start, end) for (name, start), end in zip(words, ends, strict=True))


def _entry(columns: Sequence[_Column], lines: Sequence[str]) -> dict[str, Any]:
    """A row of one or more lines as LogEntry; a column of an unknown name is a field of the JSON payload."""
    raw: dict[str, Any] = {}
    for heading, start, end in columns:
        value = "\n".join(line[start:end].rstrip() for line in lines).strip("\n")
        if not value.strip():
            continue
        if heading in _TOP:
            raw[_TOP[heading]] = value
        elif heading in _RESOURCE:
            raw.setdefault("resource", {"labels": {}})["labels"][_RESOURCE[heading]] = value
        elif heading in _REQUEST:
            raw.setdefault("httpRequest", {})[_REQUEST[heading]] = value
        elif heading == "INSTANCE_ID":
            raw.setdefault("labels", {})["instanceId"] = value
        else:
            raw.setdefault("jsonPayload", {})[heading.lower()] = value
    if "jsonPayload" not in raw:
        raw.setdefault("textPayload", "")
    elif "textPayload" in raw:
        del raw["jsonPayload"]  # an entry has one payload; the other columns are fields of none
    return raw

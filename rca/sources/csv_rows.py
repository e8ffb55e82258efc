"""A table of log entries as CSV -> raw log entries.

In: text whose first line names columns, as the Logs Explorer's download or a query's result has them, in any order.
Out: a mapping a row, in LogEntry's shape, with the row's first line. Decides the separator by the heading; a column's
dotted name is a path.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from rca.sources.collectors import collected
from rca.sources.damage import Lost
from rca.sources.items import Found

_SEPARATORS = (",", ";", "\t")
_LONGEST_CELL = 4 << 20
_MOST_COLUMNS = 1000
_DEEPEST = 12

_TIMES = frozenset({"timestamp", "receivetimestamp", "time", "@timestamp", "date", "datetime", "_time"})
_FIELDS = {
    name.lower(): name
    for name in (
        *(
            "insertId",
            "logName",
            "severity",
            "timestamp",
            "receiveTimestamp",
            "textPayload",
            "jsonPayload",
            "protoPayload",
        ),
        *("httpRequest", "resource", "labels", "trace", "spanId", "operation", "split", "sourceLocation"),
    )
}
"""LogEntry's own fields, by their names in small letters."""

_OWN = frozenset(
    {"insertid", "logname", "receivetimestamp", "textpayload", "jsonpayload", "protopayload", "httprequest"}
)
"""Those that a table of something else would not have."""

_OTHER_NAMES = {
    other: name
    for name, others in {
        "timestamp": ("time", "@timestamp", "date", "datetime", "_time"),
        "severity": ("level", "status", "loglevel"),
        "textPayload": ("message", "msg", "content", "summary", "log", "text", "_raw"),
        "resource.labels.service_name": ("service", "service_name"),
        "resource.labels.revision_name": ("revision", "revision_name"),
        "labels.instanceId": ("instance", "instance_id", "host"),
    }.items()
    for other in others
}


def is_heading(line: str, *, bare: bool) -> bool:
    """Whether the line names the columns of a table of log entries; without `bare`, by Logging's own names alone."""
    separator = _separator(line)
    if separator is None or "{" in line:
        return False
    return bare or any(_bare(name).partition(".")[0] in _OWN for name in line.split(separator))


def rows(text: str) -> Iterator[Found | Lost]:
    """The rows below the heading, in the table's order."""
    heading = text.partition("\n")[0]
    before = csv.field_size_limit(_LONGEST_CELL)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(heading) or ",")
        paths: list[tuple[str, ...]] = []
        line = 1
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Lost(line, f"damaged CSV: {error}", heading)
                line = reader.line_num + 1
                continue
            if not paths:
                paths = [_path(name) for name in cells[:_MOST_COLUMNS]]
            elif any(cell.strip() for cell in cells):
                yield Found(_entry(dict(zip(paths, cells, strict=False))), line)
            line = reader.line_num + 1
    finally:
        csv.field_size_limit(before)


def _separator(line: str) -> str | None:
    """What parts the columns; None where the line does not name a time and something to say beside it."""
    for separator in _SEPARATORS:
        names = [_bare(name) for name in line.strip().split(separator)]
        said = [name for name in names if name.partition(".")[0] in _FIELDS or name in _OTHER_NAMES]
        if len(said) > 1 and not _TIMES.isdisjoint(names):
            return separator
    return None


def _bare(name: str) -> str:
    return name.strip().strip('"').lower()


def _path(name: str) -> tuple[str, ...]:
    """Where a column's values belong in an entry; below its payload where the column is nobody's."""
    known = _OTHER_NAMES.get(_bare(name), name.strip())
    top, *below = known.replace("[", ".").replace("]", "").split(".")[:_DEEPEST]
    if top.lower() in _FIELDS:
        return (_FIELDS[top.lower()], *below)
    return ("jsonPayload", name.strip())


def _entry(cells: Mapping[tuple[str, ...], str]) -> Mapping[str, Any]:
    raw: dict[str, Any] = {}
    for path, cell in sorted(cells.items(), key=lambda one: len(one[0])):  # a whole before its parts
        if cell == "":
            continue
        place = raw
        for part in path[:-1]:
            inner = place.setdefault(part, {})
            if not isinstance(inner, dict):  # `labels` that are no object, beside `labels.instanceId`
                place[part] = inner = {part: inner}
            place = inner
        place[path[-1]] = _value(cell)
    if "textPayload" in raw and raw.keys() & {"jsonPayload", "protoPayload"}:
        stray = raw.pop("jsonPayload", {})
        if isinstance(stray, dict):  # columns that are nobody's say something all the same
            labels = raw.get("labels", {})
            raw["labels"] = {
                **{name: str(value) for name, value in stray.items()},
                **(labels if isinstance(labels, dict) else {"labels": str(labels)}),
            }
    if isinstance(raw.get("textPayload"), dict):
        raw["jsonPayload"] = raw.pop("textPayload")
    return collected(raw) or raw if "timestamp" not in raw else raw


def _value(cell: str) -> Any:  # noqa: ANN401 - any JSON value
    """An object or list that a cell holds as JSON; else its text."""
    if cell[:1] not in ("{", "["):
        return cell
    try:
        return orjson.loads(cell)
    except ValueError:
        return cell

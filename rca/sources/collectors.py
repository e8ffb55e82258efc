"""A JSON record of another collector, or of a logger -> a raw log entry.

In: a mapping that is no LogEntry. Out: one in LogEntry's shape, or None. Decides by the fields that `collectors.toml`
names. A line that a collector only wrapped is text again, so that a stack trace of many lines can be put together.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import orjson

from rca.model import Severity
from rca.normalize.dialects import severity_named
from rca.normalize.times import nanoseconds

Record = Mapping[str, Any]

PRIORITIES = (
    *(Severity.EMERGENCY, Severity.ALERT, Severity.CRITICAL, Severity.ERROR),
    *(Severity.WARNING, Severity.NOTICE, Severity.INFO, Severity.DEBUG),
)
"""Source: RFC 5424, section 6.2.1: a priority's last three bits."""

_IDS = ("insertId", "insert_id")
_MESSAGES = ("message", "msg", "event", "@message", "log", "text", "body")
_LEVELS = frozenset(
    (
        *("severity", "level", "levelname", "log.level", "lvl", "@level", "loglevel", "level_name"),
        "severityText",
    )
)


@dataclass(frozen=True, slots=True)
class Collector:
    """One collector's record."""

    name: str
    needs: tuple[str, ...]
    time: tuple[str, ...]
    text: str | None
    level: str | None
    service: tuple[str, ...]
    instance: tuple[str, ...]
    sample: str
    expected: Mapping[str, str]


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("collectors.toml").read_text(encoding="utf-8"))


@cache
def collectors() -> tuple[Collector, ...]:
    """Return the shipped collectors, in the order they are tried."""
    return tuple(
        Collector(
            name=row["name"],
            needs=tuple(row["needs"]),
            time=tuple(row["time"]),
            text=row.get("text"),
            level=row.get("level"),
            service=tuple(row.get("service", ())),
            instance=tuple(row.get("instance", ())),
            sample=row["sample"],
            expected=row["expected"],
        )
        for row in _table()["collector"]
    )


@cache
def _first_needs() -> frozenset[str]:
    """A field of each collector's: a record without any of these is none of theirs."""
    return frozenset(collector.needs[0] for collector in collectors())


def collected(record: Record) -> dict[str, Any] | None:
    """The entry that a record tells; None where it has no time, or says nothing that a log says."""
    for collector in () if _first_needs().isdisjoint(record) else collectors():
        if all(name in record for name in collector.needs):
            at = _time(record, collector.time)
            if at is not None:
                return _entry(record, at, collector)
    return _logged(record)


def _logged(record: Record) -> dict[str, Any] | None:
    """A logger's own JSON line: a time, a level, and something said, or the id of an entry that lost the rest."""
    if _LEVELS.isdisjoint(record):
        return None
    identified = any(name in record for name in _IDS)
    if not identified and not any(isinstance(record.get(name), str) for name in _MESSAGES):
        return None
    at = _time(record, _table()["times"])
    if at is None:
        return None
    if identified:
        return dict(record)
    return {
        "timestamp": at,
        **_whose(record, _table()["services"], _table()["instances"]),
        "jsonPayload": record,
    }


def _entry(record: Record, at: object, collector: Collector) -> dict[str, Any]:
    entry: dict[str, Any] = {"timestamp": at, **_whose(record, collector.service, collector.instance)}
    if collector.level is not None and (severity := _severity(_at(record, collector.level))) is not None:
        entry["severity"] = severity.name
    line = None if collector.text is None else _at(record, collector.text)
    if not isinstance(line, str):
        return entry | {"jsonPayload": record}
    inner = _object(line)
    return entry | ({"textPayload": line.rstrip("\r\n")} if inner is None else {"jsonPayload": inner})


def _whose(record: Record, services: Sequence[str], instances: Sequence[str]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    service, instance = _first(record, services), _first(record, instances)
    if service is not None:
        told["resource"] = {"labels": {"service_name": service}}
    if instance is not None:
        told["labels"] = {"instanceId": instance}
    return told


def _first(record: Record, names: Sequence[str]) -> str | None:
    found = (_at(record, name) for name in names)
    return next((value for value in found if isinstance(value, str) and value), None)


def _time(record: Record, names: Sequence[str]) -> object:
    found = (_at(record, name) for name in names)
    return next((value for value in found if nanoseconds(value) is not None), None)


def _at(record: Record, name: str) -> object:
    """The value of one key, or at a path of keys."""
    value: Any = record.get(name)
    if value is None and "." in name:
        value = record
        for part in name.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _severity(value: object) -> Severity | None:
    if isinstance(value, int | str) and str(value) in "01234567" and str(value):
        return PRIORITIES[int(value)]
    return severity_named(value) if isinstance(value, str) else None


def _object(line: str) -> Record | None:
    """The JSON object that a wrapped line is."""
    if not line.startswith("{"):
        return None
    try:
        loaded = orjson.loads(line)
    except ValueError:
        return None
    return loaded if isinstance(loaded, dict) else None

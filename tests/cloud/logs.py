"""The entries that the servers hold: sorted, found again by their place, encoded once for each transport.

In: entries as REST spells them, each in a resource (a project, or a view of a bucket). Out: the records of a query in
order, from a place onwards. Decides what a query sees: resource, filter, time of arrival, doubles.
"""

import gzip
import sys
import threading
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import orjson
from google.cloud.logging_v2.types import LogEntry
from google.protobuf import json_format

from rca.normalize.times import nanoseconds
from tests.cloud.bounds import time_bounds_of

Entry = dict[str, Any]
Filter = Callable[[Entry], bool]
Matcher = Callable[[str], Filter]
"""A filter's text -> which entries it matches; raises FilterError."""

Place = tuple[int, str, str, int]
"""Where a record stands in a result: timestamp (negative where the newest comes first), insertId, project, number."""


class FilterError(ValueError):
    """The filter is not in the query language."""


def everything(_text: str) -> Filter:
    """A matcher for tests that are not about filters: each matches every entry within its bounds of time."""
    return lambda _entry: True


def query_language(text: str) -> Filter:
    """The filter as `rca.lql` understands it."""
    from rca.lql import QueryError, parse  # noqa: PLC0415 - loaded with the first filter

    try:
        return parse(text).matches
    except QueryError as error:
        raise FilterError(str(error)) from error


# --- records ---------------------------------------------------------------------------------------------

_Message: Any = LogEntry.pb()
_REPEATING = ("logName", "resource", "severity", "labels")
_TIMES = {"timestamp": "timestamp", "receiveTimestamp": "receive_timestamp"}
_TEXTS = {"insertId": "insert_id", "textPayload": "text_payload", "trace": "trace", "spanId": "span_id"}


@lru_cache(maxsize=1024)
def _repeating(fields: bytes) -> bytes:
    return _encoded(orjson.loads(fields))


def _encoded(fields: Entry) -> bytes:
    # The proto lacks some fields of the REST form: errorGroups, apphub and others.
    message = json_format.ParseDict(fields, _Message(), ignore_unknown_fields=True)
    return bytes(message.SerializeToString())


def as_proto(entry: Entry) -> bytes:
    """The entry as a serialized google.logging.v2.LogEntry.

    Fields of a message may be encoded apart and joined. What most entries have in common is encoded once; texts and
    times are set as they are, and only the rest goes through ParseDict, which takes ten times as long.
    """
    common: Entry = {}
    rest: Entry = {}
    plain = _Message()
    for name, value in entry.items():
        if name in _TEXTS:
            setattr(plain, _TEXTS[name], value)
        elif name in _TIMES:
            getattr(plain, _TIMES[name]).FromNanoseconds(_ns(value))
        else:
            (common if name in _REPEATING else rest)[name] = value
    encoded = _repeating(orjson.dumps(common)) + bytes(plain.SerializeToString())
    return encoded + _encoded(rest) if rest else encoded


def _ns(text: object) -> int:
    at = nanoseconds(text)
    if at is None:
        raise ValueError(f"not a time: {text!r}")
    return at


def _project_of(entry: Entry) -> str:
    return "/".join(str(entry.get("logName", "")).split("/", 2)[:2])


@dataclass(frozen=True, eq=False)
class Record:
    """One entry where it is stored."""

    entry: Entry
    resource: str
    number: int
    at_ns: int
    after_s: float
    after_calls: int

    @cached_property
    def proto(self) -> bytes:
        """As the gRPC server sends it."""
        return as_proto(self.entry)

    @cached_property
    def json(self) -> bytes:
        """As the HTTP server sends it."""
        return orjson.dumps(self.entry)

    @cached_property
    def key(self) -> tuple[int, str, str]:
        """Entries with the same key are duplicates. Source: LogEntry.insertId."""
        return self.at_ns, str(self.entry.get("insertId", "")), _project_of(self.entry)

    def place(self, *, newest_first: bool) -> Place:
        """Entries with equal timestamps come in order of their insertId, in either direction [entries.list]."""
        at_ns, insert_id, project = self.key
        return -at_ns if newest_first else at_ns, insert_id, project, self.number


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for."""

    resources: frozenset[str]
    filter: str
    newest_first: bool = False
    doubles: bool = False


@dataclass(frozen=True, slots=True)
class Visit:
    """When the store is asked: how many calls came before, and how long after the first of them."""

    calls_before: int = 0
    elapsed_s: float = 0.0

    def sees(self, record: Record) -> bool:
        """The record has arrived."""
        return record.after_calls <= self.calls_before and record.after_s <= self.elapsed_s


# --- the store -------------------------------------------------------------------------------------------


def read_entries(path: Path) -> list[Entry]:
    """The entries of an NDJSON file, or of one in gzip."""
    packed = path.read_bytes()
    text = gzip.decompress(packed) if path.suffix == ".gz" else packed
    return [orjson.loads(line) for line in text.splitlines() if line.strip()]


class Logs:
    """Entries by resource. Entries may be added while servers use it."""

    def __init__(
        self, entries: Iterable[Entry] = (), *, project: str = "demo", matcher: Matcher = query_language
    ) -> None:
        self._records: list[Record] = []
        self._resources: set[str] = set()
        self._sorted: dict[bool, tuple[list[Place], list[Record]]] = {}
        self._matcher = lru_cache(maxsize=256)(matcher)
        self._lock = threading.Lock()
        self.add(entries, to=f"projects/{project}")

    def add(self, entries: Iterable[Entry], *, to: str, after_s: float = 0.0, after_calls: int = 0) -> "Logs":
        """The resource `to` holds these entries too; seen so long after the first call, and after so many calls."""
        with self._lock:
            for number, entry in enumerate(entries, start=len(self._records)):
                self._records.append(Record(entry, to, number, _ns(entry["timestamp"]), after_s, after_calls))
            self._resources.add(to)
            self._sorted = {}
        return self

    def encode(self) -> "Logs":
        """Every entry is encoded for both transports, which otherwise happens when it is first sent."""
        for record in self._records:
            _ = record.proto, record.json
        return self

    def __len__(self) -> int:
        return len(self._records)

    def holds(self, resource: str) -> bool:
        """The resource exists here."""
        return resource in self._resources

    def find(self, query: Query, visit: Visit, after: Place | None = None) -> Iterator[Record]:
        """The records of a query in order, those behind a place only; raises FilterError at once, not later."""
        matches = self._matcher(query.filter) if query.filter.strip() else everything(query.filter)
        if after is not None and not query.doubles:
            after = (*after[:3], sys.maxsize)  # its copies are behind us too
        return self._walk(query, visit, matches, after)

    def _walk(self, query: Query, visit: Visit, matches: Filter, after: Place | None) -> Iterator[Record]:
        places, records = self._in_order(newest_first=query.newest_first)
        last: Record | None = None
        for at in self._stretch(places, query, after):
            record = records[at]
            if record.resource not in query.resources or not visit.sees(record):
                continue
            if last is not None and last.key == record.key and not query.doubles:
                continue
            if matches(record.entry):
                yield record
                last = record

    def _in_order(self, *, newest_first: bool) -> tuple[list[Place], list[Record]]:
        with self._lock:
            known = self._sorted.get(newest_first)
            if known is None:
                records = sorted(self._records, key=lambda record: record.place(newest_first=newest_first))
                places = [record.place(newest_first=newest_first) for record in records]
                known = self._sorted[newest_first] = places, records
            return known

    @staticmethod
    def _stretch(places: Sequence[Place], query: Query, after: Place | None) -> range:
        lo_ns, hi_ns = time_bounds_of(query.filter)
        if query.newest_first:
            lo_ns, hi_ns = None if hi_ns is None else -hi_ns, None if lo_ns is None else -lo_ns
        start = 0 if lo_ns is None else bisect_left(places, (lo_ns, "", "", 0))
        stop = len(places) if hi_ns is None else bisect_left(places, (hi_ns + 1, "", "", 0))
        return range(start if after is None else bisect_right(places, after), stop)

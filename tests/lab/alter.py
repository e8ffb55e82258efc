"""A recording with something taken away or out of place: what the answer loses by it is measured, not guessed.

Each alteration maps entries, or a cycle, to the same without one help; the label stays. An entry that is cut into
several keeps its insertId in each, followed by `+N`, so that evidence can still be held against the label.
"""

import copy
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from rca.model import Cycle
from tests.lab.entries import LogEntry

Entries = list[LogEntry]

_STACK_FIELDS = frozenset(
    {"exception", "exc_info", "stack_trace", "stack", "traceback", "stack_info", "record", "text"}
)
_TRACE_FIELDS = ("trace", "spanId", "traceSampled")
_OPENS = re.compile(r"^\s*(?:[+|] *)*(?:Exception Group )?Traceback \(most recent call last\):")
_FRAME = re.compile(
    r"^\s*(?:\| *)*(?:> )?File \".*\", line \d+|^\s+at \S.*:\d+:\d+\)?$|^\s+at (?:async |new )?\S+ \("
)
_CHAINED = re.compile(r"direct cause of the following|During handling of the above")


@dataclass(frozen=True, slots=True)
class Alteration:
    """One help taken away."""

    name: str
    entries: Callable[[Entries], Entries] = list
    cycle: Callable[[Cycle], Cycle] = replace


def _shifted(seconds: float) -> Callable[[Cycle], Cycle]:
    """The runner's clock is off by so much: every time that the cycle states is."""
    by = timedelta(seconds=seconds)

    def shift(cycle: Cycle) -> Cycle:
        tests = tuple(
            replace(test, started_at=test.started_at + by) if test.started_at else test
            for test in cycle.tests
        )
        return replace(cycle, tests=tests, run_start=cycle.run_start + by if cycle.run_start else None)

    return shift


def _text_key(entry: LogEntry) -> tuple[LogEntry, str] | None:
    """Where an entry's text stands: the holder and the key."""
    if isinstance(entry.get("textPayload"), str):
        return entry, "textPayload"
    payload = entry.get("jsonPayload")
    for key in ("message", "msg", "event", "text"):
        if payload and isinstance(payload.get(key), str):
            return payload, key
    return None


def without_tracebacks(entries: Entries) -> Entries:
    """Every stack trace is gone, with the line that names its exception; the line it was printed under stays."""
    kept: Entries = []
    inside: dict[tuple[str, str], bool] = {}
    for entry in entries:
        stream = (entry.get("labels", {}).get("instanceId", ""), entry.get("logName", ""))
        place = _text_key(entry)
        if "httpRequest" in entry or place is None:
            kept.append(entry)
            continue
        changed = copy.deepcopy(entry)
        holder, key = _text_key(changed) or (changed, "")
        lines, inside[stream] = _unstacked(str(holder[key]).split("\n"), inside=inside.get(stream, False))
        if not lines:
            continue
        holder[key] = "\n".join(lines)
        kept.append(_bare(changed))
    return kept


def _unstacked(lines: list[str], *, inside: bool) -> tuple[list[str], bool]:
    """The lines without those of a traceback, and whether one goes on after them."""
    kept: list[str] = []
    for line in lines:
        if _OPENS.match(line) or _CHAINED.search(line) or _FRAME.match(line):
            inside = True
        elif inside and (line.startswith((" ", "\t", "|", "+")) or not line.strip()):
            continue
        elif inside:
            inside = False  # the line that names the exception
        else:
            kept.append(line)
    return kept, inside


def _bare(entry: LogEntry) -> LogEntry:
    payload = entry.get("jsonPayload")
    if payload:
        for key in [key for key, value in payload.items() if key in _STACK_FIELDS and _is_stack(value)]:
            del payload[key]
        for value in payload.values():
            if isinstance(value, dict) and _is_stack(value.get("stack")):
                del value["stack"]
    return entry


def _is_stack(value: object) -> bool:
    return bool(re.search(r"Traceback \(most|\n\s+at |line \d+, in", str(value)))


def split_tracebacks(entries: Entries) -> Entries:
    """A text of several lines is an entry a line, each some microseconds after the one before."""
    return [part for entry in entries for part in _split(entry)]


def _split(entry: LogEntry) -> Iterator[LogEntry]:
    text = entry.get("textPayload")
    if not isinstance(text, str) or "\n" not in text:
        yield entry
        return
    head, _, tail = entry["timestamp"].partition(".")
    nanos = int(tail.rstrip("Z").ljust(9, "0") or 0)
    for number, line in enumerate(text.split("\n")):
        if line.strip():
            at = f"{head}.{min(nanos + number * 3_000, 999_999_999):09d}Z"
            yield {**entry, "textPayload": line, "timestamp": at, "insertId": f"{entry['insertId']}+{number}"}


def without_request_log(entries: Entries) -> Entries:
    """No request entry is left."""
    return [entry for entry in entries if "httpRequest" not in entry]


def without_instances(entries: Entries) -> Entries:
    """No entry says which instance wrote it."""
    return [
        {**entry, "labels": {k: v for k, v in entry.get("labels", {}).items() if k != "instanceId"}}
        for entry in entries
    ]


def without_app_traces(entries: Entries) -> Entries:
    """Only the request log carries trace ids; the application's lines carry none."""
    kept: Entries = []
    for entry in entries:
        if "httpRequest" in entry:
            kept.append(entry)
            continue
        bare = {key: value for key, value in copy.deepcopy(entry).items() if key not in _TRACE_FIELDS}
        payload = bare.get("jsonPayload", {})
        for key in [key for key in payload if "trace" in key.lower() and not _is_stack(payload[key])]:
            del payload[key]
        kept.append(bare)
    return kept


ALTERATIONS: tuple[Alteration, ...] = (
    Alteration("as recorded"),
    Alteration("clock +60 s", cycle=_shifted(60)),
    Alteration("clock -60 s", cycle=_shifted(-60)),
    Alteration("no traceback", without_tracebacks),
    Alteration("split tracebacks", split_tracebacks),
    Alteration("no request log", without_request_log),
    Alteration("no instanceId", without_instances),
    Alteration("no app trace ids", without_app_traces),
)

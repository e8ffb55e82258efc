"""Recording -> label: what the answer should be, with the entries that show it."""

import re

from tests.lab.cycle_files import rows, title_of
from tests.lab.entries import LogEntry, nanoseconds, stamp
from tests.lab.recorder import Recording
from tests.lab.scenario import Scenario, line_of

Label = dict[str, object]

_JWT = re.compile(r"eyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]{5,}")
_ONE_GO_NS = 60_000
_ORDERLY = (1000, 1001, 1005)


def _texts(entry: LogEntry) -> str:
    payload = entry.get("jsonPayload", {})
    told = (v if isinstance(v, str) else f"{k}={v}" for k, v in payload.items())
    return "\n".join((entry.get("textPayload", ""), *told))


def _evidence(entries: tuple[LogEntry, ...], wanted: tuple[str, ...]) -> list[str]:
    """Entries that hold a wanted text, and the lines written in one go with them: the rest of a traceback."""
    streams: dict[tuple[str, str], list[LogEntry]] = {}
    for entry in sorted(entries, key=lambda entry: nanoseconds(entry["timestamp"])):
        streams.setdefault((entry["labels"].get("instanceId", ""), entry["logName"]), []).append(entry)
    found: list[str] = []
    for lines in streams.values():
        block: list[LogEntry] = []
        for line in [*lines, None]:
            if line is not None and block and _gap_ns(block[-1], line) < _ONE_GO_NS:
                block.append(line)
                continue
            if any(text in _texts(entry) for entry in block for text in wanted):
                found += [entry["insertId"] for entry in block]
            block = [] if line is None else [line]
    return sorted(found)


def _gap_ns(before: LogEntry, after: LogEntry) -> int:
    if "httpRequest" in after:
        return _ONE_GO_NS
    return nanoseconds(after["timestamp"]) - nanoseconds(before["timestamp"])


def label_of(scenario: Scenario, recording: Recording, entries: tuple[LogEntry, ...]) -> Label:
    """The label of the recording as exported in `entries`.

    Evidence is looked for in the recording itself, not in the day it may be set into.
    """
    expected = scenario.expected
    exported = {entry["insertId"] for entry in entries}
    by_trace = {e["trace"].rpartition("/")[2]: e for e in entries if "httpRequest" in e and "trace" in e}
    tests = rows(recording.junit or "<testsuites/>")
    place = expected.place
    failing = [row.name for row in tests if not row.passed]
    closes = [
        {
            "code": close.frame.code,
            "reason": close.frame.reason,
            "by": close.by,
            "timestamp": stamp(close.at_ns),
            "insertId": by_trace[close.trace]["insertId"] if close.trace in by_trace else None,
            "trace": close.trace,
            "client": close.client,
            "status": close.status,
            "instance": close.instance[:8],
            "path": close.path,
            "in_logs": close.trace in by_trace,
        }
        for close in recording.closes
        if close.frame.code not in _ORDERLY
    ]
    secrets = sorted({secret for entry in recording.entries for secret in _JWT.findall(str(entry))})
    return {
        "id": scenario.name,
        "category": expected.category,
        "also_categories": list(expected.also_categories),
        "exception": expected.exception,
        "exception_any": list(expected.exception_any),
        "message_contains": list(expected.message_contains),
        "frame": place
        and {
            "file": f"/app/{place.file}",
            "function": place.function,
            "line": line_of(place, recording.app),
        },
        "evidence": [id_ for id_ in _evidence(recording.entries, expected.evidence) if id_ in exported],
        "supporting": [],
        "failing_tests": failing,
        "failing_test_titles": [title_of(name) for name in failing],
        "passing_tests": [row.name for row in tests if row.passed],
        "closes": [close for close in closes if close["client"] == "test"],
        "noise_closes": [close for close in closes if close["client"] != "test"],
        "other_closes": [],
        "secrets": secrets,
        "red_herrings": list(expected.red_herrings),
        "explanation": expected.explanation,
        "trap": expected.trap,
        "server": scenario.server,
        "clock_skew_s": scenario.skew_s,
        "test_window": [stamp(at) for at in recording.suite_ns],
    }

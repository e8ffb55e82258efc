"""Records of other collectors are entries, each by its own sample."""

import json
from datetime import UTC, datetime

import pytest

from rca.model import EntryRef
from rca.normalize import normalize
from rca.sources.collectors import Collector, collected, collectors


@pytest.mark.parametrize("collector", collectors(), ids=lambda collector: collector.name)
def test_each_collector_reads_its_sample(collector: Collector) -> None:
    """The collector is the first that knows its sample, and tells time, place, level and words as it says."""
    record = json.loads(collector.sample)
    assert next(one for one in collectors() if all(name in record for name in one.needs)) is collector
    raw = collected(record)
    assert raw is not None
    entry = normalize(raw, EntryRef(None, "a", 1))
    assert entry.at.replace(microsecond=0) == datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
    found = {
        "text": entry.text,
        "severity": entry.severity.name,
        "service": entry.service,
        "instance": entry.instance,
    }
    assert {name: found[name] for name in collector.expected} == collector.expected


def test_a_wrapped_json_line_is_a_payload() -> None:
    """A logger's own JSON in a collector's `log` is read as the logger meant it."""
    raw = collected(
        {"time": "2026-03-04T05:06:07Z", "stream": "stderr", "log": '{"level":"error","msg":"gone"}\n'}
    )
    assert raw is not None
    assert raw["jsonPayload"] == {"level": "error", "msg": "gone"}


@pytest.mark.parametrize(
    "record",
    [
        {"timestamp": "2026-03-04T05:06:07Z", "status": "failed", "name": "test_cart"},
        {"log": "x"},
        {"level": "error", "message": "x"},
        {"level": "error", "message": "x", "time": "noon"},
        {"@timestamp": [], "message": {}},
    ],
)
def test_what_has_no_time_or_says_nothing_is_no_entry(record: dict[str, object]) -> None:
    """A test's result has a time, too."""
    assert collected(record) is None

"""The bundled cycles: whole, valid, of no machine in particular, and recordable anew."""

import gzip
import importlib.util
import json
import re
from datetime import datetime
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

FIXTURES = Path(__file__).parent.parent / "fixtures"
CYCLES = ("cycle-1", "cycle-2", "cycle-3", "cycle-4", "cycle-5", "cycle-6")
LAB = ("fastapi", "httpx", "uvicorn", "websockets")

_OF_A_MACHINE = re.compile(
    r"/(root|home|work|tmp|Users|opt)/|127\.0\.0\.1|localhost|::1\b|site-packages/pluggy"
)
_MEGABYTE = 1_000_000


@cache
def log_text(cycle: str) -> str:
    """The logs of a bundled cycle as NDJSON text."""
    packed = FIXTURES / cycle / "logs.ndjson.gz"
    if packed.exists():
        return gzip.decompress(packed.read_bytes()).decode("utf-8")
    return (FIXTURES / cycle / "logs.ndjson").read_text(encoding="utf-8")


@cache
def entries_of(cycle: str) -> tuple[dict[str, Any], ...]:
    """The log entries of a bundled cycle, in the file's order."""
    return tuple(json.loads(line) for line in log_text(cycle).splitlines())


def label_of(cycle: str) -> dict[str, Any]:
    """What the recorder says the answer is."""
    label: dict[str, Any] = json.loads((FIXTURES / cycle / "label.json").read_text(encoding="utf-8"))
    return label


@pytest.mark.parametrize("cycle", CYCLES)
class TestBundledCycle:
    """What holds for each of them."""

    def test_is_whole(self, cycle: str) -> None:
        """It has a story, a label, logs and at least one file that tells of the cycle."""
        names = {path.name for path in (FIXTURES / cycle).iterdir() if path.is_file()}
        assert {"story.md", "label.json"} <= names
        assert names & {"report.md", "junit.xml"}
        assert len(names & {"logs.ndjson", "logs.ndjson.gz"}) == 1

    @pytest.mark.slow
    def test_entries_are_log_entries(self, cycle: str) -> None:
        """Each entry has the fields of a LogEntry, one payload or a request, and times in UTC."""
        for entry in entries_of(cycle):
            assert {"insertId", "logName", "resource", "timestamp", "receiveTimestamp"} <= entry.keys()
            payloads = entry.keys() & {"textPayload", "jsonPayload", "protoPayload"}
            assert len(payloads) <= 1
            assert payloads or "httpRequest" in entry
            assert entry["timestamp"].endswith("Z")
            assert datetime.fromisoformat(entry["timestamp"]) <= datetime.fromisoformat(
                entry["receiveTimestamp"]
            )

    def test_entries_come_in_the_order_logging_got_them(self, cycle: str) -> None:
        """The file is sorted by receiveTimestamp, and no insertId comes twice."""
        entries = entries_of(cycle)
        times = [entry["receiveTimestamp"] for entry in entries]
        assert times == sorted(times)
        assert len({entry["insertId"] for entry in entries}) == len(entries)

    def test_label_names_entries_that_are_there(self, cycle: str) -> None:
        """Every insertId of the label is in the logs."""
        known = {entry["insertId"] for entry in entries_of(cycle)}
        label = label_of(cycle)
        assert set(label["evidence"]) <= known
        assert {close["insertId"] for close in label["closes"] if close["in_logs"]} <= known

    @pytest.mark.slow
    def test_names_no_machine(self, cycle: str) -> None:
        """No path, address or host of the machine that recorded it is left in any file."""
        for path in (FIXTURES / cycle).iterdir():
            if path.is_file() and path.suffix != ".gz":
                assert _OF_A_MACHINE.search(path.read_text(encoding="utf-8")) is None, path.name
        assert _OF_A_MACHINE.search(log_text(cycle)) is None

    @pytest.mark.slow
    def test_holds_1011_in_innocent_places(self, cycle: str) -> None:
        """The number is also an id, a count or a duration in lines of a service that runs, far from any close."""
        innocent = [e for e in entries_of(cycle) if re.search(r"u_1011|1011 (rows|bytes|ms)", str(e))]
        assert bool(innocent) is (cycle != "cycle-4")

    def test_has_healthy_sockets_beside(self, cycle: str) -> None:
        """Other clients' sockets end with 1000, where any instance starts."""
        assert ("ended by client with 1000" in log_text(cycle)) is (cycle != "cycle-4")


def test_fixtures_stay_small() -> None:
    """All bundled cycles together are under 5 MB, cycle 1's day under 3 MB."""
    sizes = {p: p.stat().st_size for p in FIXTURES.rglob("*") if p.is_file() and "expected" not in p.parts}
    assert sum(sizes.values()) < 5 * _MEGABYTE
    assert sizes[FIXTURES / "cycle-1" / "logs.ndjson.gz"] < 3 * _MEGABYTE


def test_day_is_packed_without_a_time() -> None:
    """The gzip header holds no time, so the same entries give the same bytes."""
    head = (FIXTURES / "cycle-1" / "logs.ndjson.gz").read_bytes()[:8]
    assert head[:3] == b"\x1f\x8b\x08"
    assert head[4:8] == b"\0\0\0\0"


def test_cycle_1_tells_no_time_of_day() -> None:
    """Its report gives a date, durations, and nothing that says when in the day it ran."""
    report = (FIXTURES / "cycle-1" / "report.md").read_text(encoding="utf-8")
    assert re.search(r"\d{4}-\d{2}-\d{2}", report)
    assert re.search(r"\b\d{1,2}:\d{2}\b", report) is None


def test_cycle_1_spans_a_day_at_a_steady_rate() -> None:
    """Its logs span 24 hours, with no pause of more than ten minutes."""
    times = sorted(datetime.fromisoformat(entry["timestamp"]) for entry in entries_of("cycle-1"))
    assert 23.5 < (times[-1] - times[0]).total_seconds() / 3600 < 24.2
    assert max((b - a).total_seconds() for a, b in pairwise(times)) < 600


def test_cycle_1_logs_the_cause_without_a_traceback() -> None:
    """The evidence is one line each; no traceback names the exception."""
    evidence = set(label_of("cycle-1")["evidence"])
    lines = [entry["textPayload"] for entry in entries_of("cycle-1") if entry["insertId"] in evidence]
    assert lines
    assert all("WebSocketState is not JSON serializable" in line and "\n" not in line for line in lines)
    assert "TypeError" not in log_text("cycle-1")


def test_cycle_3_mixes_the_tracebacks_of_two_instances() -> None:
    """Read by time, lines of one instance's traceback stand between those of another's."""
    evidence = set(label_of("cycle-3")["evidence"])
    lines = [entry for entry in entries_of("cycle-3") if entry["insertId"] in evidence]
    lines.sort(key=lambda entry: entry["timestamp"])
    instances = [entry["labels"]["instanceId"] for entry in lines]
    turns = sum(a != b for a, b in pairwise(instances))
    assert len(set(instances)) == 2
    assert turns > 3
    assert all("\n" not in entry["textPayload"] for entry in lines)


def test_cycle_4_answers_everything_with_503() -> None:
    """No instance starts: the worker exits with 3, and no request gets another answer."""
    requests = [entry["httpRequest"] for entry in entries_of("cycle-4") if "httpRequest" in entry]
    assert {request["status"] for request in requests} == {503}
    assert "Container called exit(3)." in log_text("cycle-4")


def test_cycle_5_holds_no_word_of_the_cause() -> None:
    """What was raised, and where, is in no entry."""
    assert label_of("cycle-5")["category"] == "unknown"
    assert "'plan'" not in log_text("cycle-5")
    assert "broke off" not in log_text("cycle-5")


def test_cycle_6_has_no_failing_test() -> None:
    """All its tests pass and no socket was closed out of order."""
    label = label_of("cycle-6")
    assert label["passing_tests"]
    assert not label["failing_tests"]
    assert not label["closes"]


@pytest.mark.lab
def test_a_scenario_can_be_recorded_anew(tmp_path: Path) -> None:
    """The recorder starts real servers, runs the suite against them, and finds the fault it put in."""
    missing = [name for name in LAB if importlib.util.find_spec(name) is None]
    if missing:
        pytest.skip(f"needs the lab extra: {', '.join(missing)} not installed")
    from dataclasses import replace  # noqa: PLC0415 - the lab is imported only where it can run

    from tests.lab.__main__ import record  # noqa: PLC0415 - as above
    from tests.lab.scenario import all_scenarios  # noqa: PLC0415 - as above

    tiny = replace(all_scenarios()["caught-traceback"], lead_s=0.5, tail_s=0.5)
    assert record(tiny, tmp_path, seed=3) > 0
    label = json.loads((tmp_path / "label.json").read_text(encoding="utf-8"))
    assert label["failing_tests"] == ["test_assistant_run", "test_run_event_order"]
    assert label["evidence"]
    assert {close["code"] for close in label["closes"]} == {1011}

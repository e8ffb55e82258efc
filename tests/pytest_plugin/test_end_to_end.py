"""From a real suite, run by three workers against real servers, to the report: every failing test is joined by trace.

The service is the lab's, under uvicorn; its front end takes over the trace of a caller and writes it into the request
entries. Whether Cloud Run's front end does so is not asked here.
"""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from rca.errors import Exit
from tests.lab.recorder import Recorder, Recording
from tests.lab.scenario import Edit, Scenario, Traffic
from tests.lab.scenarios.caught import TRACEBACK
from tests.pytest_plugin.conftest import Json

Rca = Callable[..., Result]

SENDS_ITS_TRACE = (
    Edit("e2e/conftest.py", "from .client import Staging", "from .client import _HEADERS, Staging"),
    Edit(
        "e2e/conftest.py", "def staging() -> Staging:", "def staging(rca_headers: dict[str, str]) -> Staging:"
    ),
    Edit("e2e/conftest.py", "    return Staging(", "    _HEADERS.update(rca_headers)\n    return Staging("),
)
CLOCK_S = 47.0


def scenario(folder: Path) -> Scenario:
    """Two crops lost their spacing: KeyError, caught, logged without a trace, closed with 1011."""
    return replace(
        TRACEBACK,
        edits=(*TRACEBACK.edits, *SENDS_ITS_TRACE),
        suite_options=("-n", "3", "--reruns", "1", "--rca-cycle", "4", "--rca-dir", str(folder)),
        traffic=Traffic(pollers=2, chatters=3, poll_pause_s=1, chat_s=3),
        lead_s=2.0,
        tail_s=2.0,
    )


@dataclass(frozen=True, slots=True)
class Recorded:
    """The cycle as recorded beside the logs, and what passed on the wire."""

    folder: Path
    cycle: Json
    recording: Recording

    def failing(self) -> list[Json]:
        """The tests that failed."""
        return [test for test in self.cycle["tests"] if test["outcome"] == "failed"]


def record(folder: Path) -> Recorded:
    """The suite ran and was recorded."""
    with Recorder(scenario(folder), 11) as recorder:
        recording = asyncio.run(recorder.record())
    lines = "".join(json.dumps(entry) + "\n" for entry in recording.entries)
    (folder / "logs.ndjson").write_text(lines, encoding="utf-8")
    cycle = json.loads((folder / "cycle-4.json").read_text(encoding="utf-8"))
    return Recorded(folder, cycle, recording)


def explained(rca: Rca, recorded: Recorded, cycle: Json) -> dict[str, Any]:
    """The report on a telling of the cycle."""
    (recorded.folder / "cycle-4.json").write_text(json.dumps(cycle), encoding="utf-8")
    result = rca("why", "--cycle", 4, "--cycles-dir", recorded.folder, "--format", "json")
    return {"exit_code": result.exit_code, **json.loads(result.stdout)}


def by_a_clock_that_is_ahead(cycle: Json) -> Json:
    """The same cycle, recorded by a runner whose clock is wrong."""
    tests = []
    for test in cycle["tests"]:
        moved = {
            key: (datetime.fromisoformat(test[key]) + timedelta(seconds=CLOCK_S)).isoformat()
            for key in ("started_at", "ended_at")
        }
        tests.append(test | moved)
    return cycle | {"tests": tests}


def without_traces(cycle: Json) -> Json:
    """The same cycle, of tests that handed nothing to the service."""
    return cycle | {"tests": [test | {"trace_ids": []} for test in cycle["tests"]]}


def assert_right(report: dict[str, Any], recorded: Recorded) -> None:
    """The cause is the one that was put in, and each close stands with the test whose trace it carries."""
    assert report["exit_code"] == Exit.OK
    cause = report["root_cause"]
    assert (cause["exception"], cause["frame"]["function"]) == ("KeyError", "spacing_cm")
    assert set(cause["tests"]) == {test["name"] for test in recorded.failing()}
    traces = {test["name"]: test["trace_ids"] for test in recorded.failing()}
    assert {name: [close["trace"]] for close in report["closes"] for name in close["tests"]} == traces
    assert len(report["closes"]) == len(traces)


def assert_joined_by(report: dict[str, Any], words: Sequence[str]) -> None:
    """The report says how tests and connections were joined."""
    said = " ".join(report["method"])
    assert [one for one in words if one not in said] == []


@pytest.mark.lab
def test_parallel_failing_tests_are_joined_by_trace_and_the_cause_is_found(rca: Rca, tmp_path: Path) -> None:
    """Three workers, a try each again, others about: the right cause, by the right sockets, whatever the clock says.

    The same cycle without its traces is not joined by guess: the report says that its tests ran at the same time.
    """
    folder = tmp_path / "cycles"
    folder.mkdir()
    recorded = record(folder)
    failing = recorded.failing()
    assert {test["name"] for test in failing} == {"test_assistant_run", "test_run_event_order"}
    assert len({test["worker"] for test in recorded.cycle["tests"]}) == 3
    assert all((test["close_code"], test["closed_by"]) == (1011, "server") for test in failing)
    assert all(len(test["earlier_tries"]) == 1 and len(test["trace_ids"]) == 1 for test in failing)
    wire = {close.trace: close.frame.code for close in recorded.recording.closes if close.client == "test"}
    assert [wire[test["trace_ids"][0]] for test in failing] == [1011, 1011]

    report = explained(rca, recorded, recorded.cycle)
    assert_right(report, recorded)
    assert_joined_by(report, ["2 of 2 failing tests and 6 of 6 other tests are joined by trace id"])

    late = explained(rca, recorded, by_a_clock_that_is_ahead(recorded.cycle))
    assert_right(late, recorded)
    assert late["clock_offset_s"] == pytest.approx(CLOCK_S, abs=2.0)

    bare = explained(rca, recorded, without_traces(recorded.cycle))
    assert_joined_by(bare, ["ran at the same time as others"])

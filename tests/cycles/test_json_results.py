"""Results in JSON: pytest-json-report's and scripts' own."""

import json
from datetime import UTC, datetime

import pytest

from rca.cycles import read_file
from rca.cycles.document import from_bytes
from rca.cycles.pytest_json import PytestJsonReader
from rca.cycles.results_json import ResultsJsonReader
from rca.errors import CycleError
from rca.model import Cycle
from rca.render.cycles import as_json
from tests.cycles.telling import DOCUMENTS, outcomes


def results(value: object) -> Cycle | None:
    """The cycle of a plain JSON value."""
    return ResultsJsonReader().read(from_bytes(json.dumps(value).encode(), "results.json"))


def test_pytest_json_report() -> None:
    """A report's tests, with the call's duration and the crash's message; the run began `duration` before it ended."""
    report = {
        "created": 1770000010.0,
        "duration": 10.0,
        "exitcode": 1,
        "summary": {"passed": 1, "failed": 1, "total": 2},
        "tests": [
            {
                "nodeid": "t/a.py::TestA::test_x[1]",
                "outcome": "passed",
                "call": {"duration": 0.5, "outcome": "passed"},
            },
            {
                "nodeid": "t/a.py::test_y",
                "outcome": "failed",
                "call": {
                    "duration": 1,
                    "outcome": "failed",
                    "crash": {"message": "E: received 1011 (internal error)"},
                },
            },
            {"outcome": "passed"},
        ],
    }
    cycle = PytestJsonReader().read(from_bytes(json.dumps(report).encode(), "r.json"))
    assert cycle is not None
    assert outcomes(cycle) == [("test_x[1]", "passed"), ("test_y", "failed")]
    assert [test.duration_s for test in cycle.tests] == [0.5, 1.0]
    assert cycle.tests[1].close_code == 1011
    assert cycle.run_start == datetime(2026, 2, 2, 2, 40, tzinfo=UTC)
    assert cycle.warnings == ("r.json: test 3 has no nodeid or no known outcome",)


def test_list_of_results() -> None:
    """Objects with a name and a success are tests wherever they stand."""
    cycle = results(
        {
            "run": {"timestamp": "2026-05-05T10:00:00Z", "base_url": "https://shop.test", "cycle": 3},
            "test_results": [
                {"test_name": "Opens", "success": True, "timestamp": "2026-05-05T10:00:01Z", "error": None},
                {
                    "test_name": "Echoes",
                    "success": False,
                    "timestamp": "2026-05-05T10:00:02Z",
                    "error": "closed with 1006",
                },
            ],
        }
    )
    assert cycle is not None
    assert outcomes(cycle) == [("Opens", "passed"), ("Echoes", "failed")]
    assert (cycle.number, cycle.target, cycle.tests[1].close_code) == (3, "https://shop.test", 1006)
    assert cycle.tests[0].started_at == datetime(2026, 5, 5, 10, 0, 1, tzinfo=UTC)


def test_results_by_name() -> None:
    """An object that holds results by name is a list of them."""
    cycle = results({"tests": {"test_a": "passed", "test_b": {"status": "FAILED", "error": "x"}}})
    assert cycle is not None
    assert outcomes(cycle) == [("test_a", "passed"), ("test_b", "failed")]


def test_own_array_round_trip() -> None:
    """What `rca cycles --format json` prints can be read again as the same tests."""
    cycle = read_file(DOCUMENTS / "tables.md")
    again = ResultsJsonReader().read(
        from_bytes(json.dumps(json.loads(as_json([cycle]))[0]).encode(), "cycle.json")
    )
    assert again is not None
    assert outcomes(again) == outcomes(cycle)
    assert [test.close_code for test in again.tests] == [test.close_code for test in cycle.tests]
    assert (again.number, again.date, again.environment) == (cycle.number, cycle.date, cycle.environment)


@pytest.mark.parametrize(
    "value",
    [
        [{"insertId": "a", "severity": "ERROR", "name": "x", "status": "passed"}],
        {"schema": "rca.report/1", "tests": [{"name": "x", "outcome": "passed"}]},
        {"services": {"database": {"status": "ok"}, "cache": {"status": "ok"}}},
        {"a": 1},
        [],
    ],
)
def test_other_json(value: object) -> None:
    """A log export, a report of ours, a health check's answer are no test results."""
    assert results(value) is None


@pytest.mark.parametrize("text", ["[" * 5000, '{"tests": [', '{"a":' * 5000])
def test_broken_json(text: str) -> None:
    """JSON that breaks off or nests without end is refused in one sentence."""
    with pytest.raises(CycleError, match="broken JSON"):
        ResultsJsonReader().read(from_bytes(text.encode(), "results.json"))


@pytest.mark.parametrize("name", ["setup", "call", "teardown"])
@pytest.mark.parametrize("field", ["outcome", "duration", "crash", "longrepr"])
@pytest.mark.parametrize("value", [None, 7, "failed", [{}], {"failed": {}}])
def test_a_phase_of_another_shape_costs_no_test(name: str, field: str, value: object) -> None:
    """Whatever a field of a phase holds, the test is read by its own outcome."""
    phase = {"outcome": "failed", "duration": 1.0, "crash": {"message": "boom"}, "longrepr": "boom"}
    report = {
        "created": 1770000010.0,
        "exitcode": 1,
        "summary": {"failed": 1},
        "tests": [{"nodeid": "t/a.py::test_x", "outcome": "failed", name: {**phase, field: value}}],
    }
    cycle = PytestJsonReader().read(from_bytes(json.dumps(report).encode(), "report.json"))
    assert cycle is not None
    assert outcomes(cycle) == [("test_x", "failed")]

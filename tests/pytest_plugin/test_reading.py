"""Recorded cycles, read: rca/cycles/recorded.py."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from hypothesis import given, settings, strategies as st

from rca import closes, cycles
from rca.cycles.document import from_bytes
from rca.cycles.recorded import SCHEMA, RecordedReader
from rca.errors import CycleError
from rca.model import Cycle, Initiator, Kind, Outcome
from rca.pytest_plugin import recorder
from tests.build import SERVER_CLOSED
from tests.examples import examples
from tests.pytest_plugin.conftest import Json, Runs

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def a_test(node_id: str = "tests/e2e/test_live.py::test_oven", **more: Any) -> Json:  # noqa: ANN401 - any JSON
    """A test as the recorder writes it."""
    return {
        "node_id": node_id,
        "outcome": "passed",
        "started_at": "2026-03-04T05:00:01.250000Z",
        "ended_at": "2026-03-04T05:00:03.750000Z",
        "error": None,
        "endings": [],
        "trace_ids": [],
        "flaky": False,
        "interrupted": False,
        **more,
    }


def a_cycle(*tests: object, **more: Any) -> Json:  # noqa: ANN401 - as above
    """A recorded cycle."""
    return {
        "schema": SCHEMA,
        "number": 4,
        "date": "2026-03-04",
        "started_at": "2026-03-04T05:00:00.000000Z",
        "interrupted": None,
        "collected": len(tests),
        "collection_errors": [],
        "tests": list(tests),
        **more,
    }


def read(value: object) -> Cycle | None:
    """The cycle of a JSON value, laid out as the recorder does."""
    text = json.dumps(value, indent=1)
    return RecordedReader().read(from_bytes(text.encode(), "cycle-4.json"))


def told(*tests: object, **more: Any) -> Cycle:  # noqa: ANN401 - as above
    """The cycle of these tests."""
    cycle = read(a_cycle(*tests, **more))
    assert cycle is not None
    return cycle


CLOSED = {"exception": f"websockets.exceptions.ConnectionClosedError: {SERVER_CLOSED}", "code": 1011}


def test_reader_and_recorder_agree_on_the_form() -> None:
    """What is written is what is read."""
    assert recorder.SCHEMA == SCHEMA


def test_times_are_exact() -> None:
    """A test's start is its set-up's, in UTC to the microsecond, its duration lasts to the end of its teardown."""
    (test,) = told(a_test()).tests
    assert test.started_at == datetime(2026, 3, 4, 5, 0, 1, 250_000, tzinfo=UTC)
    assert (test.start_exact, test.duration_s) == (True, 2.5)
    assert test.ref.file == "cycle-4.json"


def test_facts_of_the_run_are_read() -> None:
    """Number, date, start, target, environment, revision and counts."""
    cycle = told(
        a_test(),
        a_test("a.py::test_b", outcome="failed", error="E"),
        a_test("a.py::test_c", outcome="skipped", error="known"),
        target="https://ovens.example",
        environment="staging",
        revision="ovens-00007-abc",
    )
    assert (cycle.number, str(cycle.date), cycle.passed, cycle.failed, cycle.skipped) == (
        4,
        "2026-03-04",
        1,
        1,
        1,
    )
    assert (cycle.target, cycle.environment, cycle.revision) == (
        "https://ovens.example",
        "staging",
        "ovens-00007-abc",
    )
    assert cycle.run_start == datetime(2026, 3, 4, 5, tzinfo=UTC)
    assert cycle.warnings == ()
    assert cycle.tests[2].error is None


def test_a_close_in_the_chain_is_told_with_the_error() -> None:
    """An assertion that hid a close tells of it: code, sender and reason can be read from the test's error."""
    (test,) = told(a_test(outcome="failed", error="AssertionError: no answer", endings=[CLOSED])).tests
    assert test.error == f"AssertionError: no answer (from {CLOSED['exception']})"
    assert (test.close_code, test.close_codes, test.kind) == (1011, (1011,), Kind.WEBSOCKET)
    wording = closes.read_client(test.error)
    assert wording is not None
    assert (wording.code, wording.initiator) == (1011, Initiator.SERVER)


def test_a_close_that_is_the_error_is_told_once() -> None:
    """Where the close itself was raised, the error is its line."""
    (test,) = told(a_test(outcome="failed", error=CLOSED["exception"], endings=[CLOSED])).tests
    assert test.error == CLOSED["exception"]


def test_a_code_that_no_text_tells_is_read() -> None:
    """Some clients say the code in an attribute alone."""
    ending = {"exception": "starlette.websockets.WebSocketDisconnect: (4401, '')", "code": 4401}
    (test,) = told(a_test(outcome="failed", error=ending["exception"], endings=[ending])).tests
    assert test.close_code == 4401


def test_only_lawful_traces_are_read() -> None:
    """32 hex digits, not all zero, each once; anything else is none."""
    given = [TRACE, TRACE, "0" * 32, TRACE.upper(), TRACE[:-1], "", None, 7, f"{TRACE} "]
    (test,) = told(a_test(trace_ids=given)).tests
    assert test.trace_ids == (TRACE,)


def test_names_are_those_of_junit_xml() -> None:
    """A function's name alone where that tells it apart, else with its module and class, dotted."""
    names = ("tests/a.py::test_x", "tests/a.py::TestK::test_x", "tests/b.py::test_y[p::q [r]]")
    assert [test.name for test in told(*(a_test(name) for name in names)).tests] == [
        "tests.a::test_x",
        "tests.a.TestK::test_x",
        "test_y[p::q [r]]",
    ]


def test_each_test_has_its_line() -> None:
    """A reader finds each test in the file, collection errors first."""
    value = a_cycle(a_test("a.py::test_a"), a_test("a.py::test_b"))
    value["collection_errors"] = [{"node_id": "tests/test_c.py", "error": "SyntaxError: invalid syntax"}]
    value = {"collection_errors": value.pop("collection_errors"), **value}
    cycle = read(value)
    assert cycle is not None
    lines = json.dumps(value, indent=1).split("\n")
    for test, node_id in zip(cycle.tests, ("a.py::test_a", "a.py::test_b", "tests/test_c.py"), strict=True):
        assert test.ref.line is not None
        assert f'"{node_id}"' in lines[test.ref.line - 1]


def test_a_file_that_was_written_anew_has_no_lines() -> None:
    """On one line there is no line to name, and everything else is read."""
    cycle = RecordedReader().read(from_bytes(json.dumps(a_cycle(a_test())).encode(), "cycle-4.json"))
    assert cycle is not None
    assert (cycle.tests[0].name, cycle.tests[0].ref.line) == ("test_oven", None)


def test_a_file_that_could_not_be_collected_is_a_test_in_error() -> None:
    """As JUnit XML tells of it: by the module's name."""
    errors = [{"node_id": "tests/test_c.py", "error": "SyntaxError: invalid syntax"}]
    (test,) = told(collection_errors=errors).tests
    assert (test.name, test.outcome, test.error) == (
        "tests.test_c",
        Outcome.ERROR,
        "SyntaxError: invalid syntax",
    )


def test_what_broke_off_is_said() -> None:
    """That not all tests ran, and which of them did not end, are warnings."""
    cycle = told(
        a_test("a.py::test_a"),
        a_test("a.py::test_b", interrupted=True),
        interrupted="KeyboardInterrupt",
        collected=9,
    )
    assert [warning.split(": ", 1)[1] for warning in cycle.warnings] == [
        "test_b was cut off: the run broke off or its worker died",
        "the run broke off (KeyboardInterrupt): 2 of 9 tests have a result",
    ]


def test_a_newer_form_is_refused() -> None:
    """A file that a later version wrote is not guessed at."""
    with pytest.raises(CycleError, match=r"rca\.cycle/2"):
        read({"schema": "rca.cycle/2", "tests": []})


@pytest.mark.parametrize("value", [{"schema": "rca.report/1"}, {"schema": 7}, {"tests": []}, [], 3, None])
def test_other_json_is_left_to_others(value: object) -> None:
    """Only what says that it is a recorded cycle is read as one."""
    assert read(value) is None


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.slow
@settings(max_examples=examples(100))
@given(
    of_test=st.dictionaries(st.sampled_from(sorted(a_test())), JUNK, max_size=3),
    of_cycle=st.dictionaries(st.sampled_from(sorted(a_cycle())), JUNK, max_size=3),
)
def test_whatever_stands_in_a_field_is_read_or_said(of_test: Json, of_cycle: Json) -> None:
    """No value of any field stops the reader; a test is read, or a warning says that it was not."""
    top = a_cycle(a_test(**of_test), **of_cycle) | {"schema": SCHEMA}
    cycle = RecordedReader().read(from_bytes(json.dumps(top).encode(), "cycle-4.json"))
    assert cycle is not None
    assert cycle.tests or cycle.warnings
    for test in cycle.tests:
        assert test.started_at is None or test.started_at.utcoffset() is not None


def test_a_recording_is_more_exact_than_any_other_telling(tmp_path: Path) -> None:
    """Beside JUnit XML and a report of the same run, times, errors and traces are the recording's."""
    recorded = a_cycle(a_test(outcome="failed", error="AssertionError: no bread", trace_ids=[TRACE]))
    (tmp_path / "cycle-4.json").write_text(json.dumps(recorded), encoding="utf-8")
    (tmp_path / "cycle-4.xml").write_text(
        '<testsuite timestamp="2026-03-04T06:00:00"><testcase classname="tests.e2e.test_live" name="test_oven"'
        ' time="9"><failure message="KeyError: 1"/></testcase></testsuite>',
        encoding="utf-8",
    )
    (tmp_path / "cycle-4.md").write_text(
        "# Cycle 4\n**Date**: 2026-03-04\n\n| Test | Status |\n|--|--|\n| Oven | ❌ FAIL |\n",
        encoding="utf-8",
    )
    cycle = cycles.find(tmp_path, 4)
    (test,) = cycle.tests
    assert cycle.sources == ("cycle-4.json", "cycle-4.xml", "cycle-4.md")
    assert (test.name, test.title, test.error) == ("test_oven", "Oven", "AssertionError: no bread")
    assert (test.start_exact, test.duration_s, test.trace_ids) == (True, 2.5, (TRACE,))


def test_a_real_recording_comes_back_whole(rca: Callable[..., Result], runs: Runs) -> None:
    """What a run recorded, `rca cycles` lists: outcomes, names, retries, the close in the chain."""
    made = runs(
        """
        import pathlib, pytest
        from websockets.exceptions import ConnectionClosedError
        from websockets.frames import Close

        @pytest.mark.parametrize("roll", ["rye", "spelt"])
        def test_roll(roll, traceparent): assert roll == "rye"

        def test_socket(traceparent):
            try:
                raise ConnectionClosedError(Close(1011, "no flour"), Close(1011, "no flour"), True)
            except ConnectionClosedError:
                assert not "an answer", "no answer came"

        def test_wobbly(traceparent):
            seen = pathlib.Path("seen")
            if not seen.exists():
                seen.touch()
                raise OSError
        """,
        *("--reruns", "1", "--rca-target", "https://ovens.example"),
        plugins=("pytest_rerunfailures",),
    )
    (listed,) = json.loads(rca("cycles", "--cycles-dir", made.folder, "--format", "json").stdout)
    cycle = cycles.read_file(made.folder / "cycle-4.json")
    assert {test["name"]: test["outcome"] for test in listed["tests"]} == made.outcomes
    assert {test.name: test.outcome.value for test in cycle.tests} == made.outcomes
    assert (listed["number"], cycle.target) == (4, "https://ovens.example")
    by_name = {test.name: test for test in cycle.tests}
    assert by_name["test_wobbly"].flaky
    assert by_name["test_socket"].close_code == 1011
    wording = closes.read_client(by_name["test_socket"].error)
    assert wording is not None
    assert (wording.initiator, wording.reason) == (Initiator.SERVER, "no flour")
    assert all(test.start_exact and len(test.trace_ids) == 1 for test in cycle.tests)

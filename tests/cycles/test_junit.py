"""JUnit XML: names, outcomes, starts and close codes."""

from datetime import UTC, datetime

import pytest

from rca.cycles.document import from_bytes
from rca.cycles.junit import JUnitReader
from rca.errors import CycleError
from rca.model import Cycle, Kind
from tests.cycles.telling import outcomes


def junit(text: str) -> Cycle | None:
    """The cycle of an XML text."""
    return JUnitReader().read(from_bytes(text.encode(), "junit.xml"))


def suite(cases: str, stamp: str = "2026-05-05T10:00:00+02:00") -> Cycle:
    """The cycle of one suite with these cases."""
    cycle = junit(f'<testsuites><testsuite name="e2e" timestamp="{stamp}">{cases}</testsuite></testsuites>')
    assert cycle is not None
    return cycle


def test_start_is_added_up() -> None:
    """A case without a timestamp starts where the durations before it end, and is marked inexact."""
    cycle = suite('<testcase name="test_a" time="1.5"/><testcase name="test_b" time="2"/>')
    assert [test.started_at for test in cycle.tests] == [
        datetime(2026, 5, 5, 8, 0, 0, tzinfo=UTC),
        datetime(2026, 5, 5, 8, 0, 1, 500000, tzinfo=UTC),
    ]
    assert not any(test.start_exact for test in cycle.tests)
    assert cycle.run_start == datetime(2026, 5, 5, 8, 0, tzinfo=UTC)
    assert cycle.warnings == ()


def test_own_timestamp_is_exact() -> None:
    """A case with a timestamp of its own starts exactly then."""
    cycle = suite(
        '<testcase name="test_a" time="1"/><testcase name="test_b" timestamp="2026-05-05T08:00:09Z" time="1"/>'
    )
    assert [(test.started_at and test.started_at.second, test.start_exact) for test in cycle.tests] == [
        (0, False),
        (9, True),
    ]


def test_local_time_is_said() -> None:
    """Times without a zone are the runner's local time: no exact start, no start of the run, a warning."""
    cycle = suite('<testcase name="test_a" timestamp="2026-05-05T10:00:01"/>', stamp="2026-05-05T10:00:00")
    assert cycle.run_start is None
    assert not cycle.tests[0].start_exact
    assert "local time" in cycle.warnings[0]
    assert cycle.run_time_text == "2026-05-05T10:00:00"


def test_outcomes() -> None:
    """Failure, error and skip are told apart; nothing inside is a pass."""
    cycle = suite(
        '<testcase name="test_a"/><testcase name="test_b"><failure message="boom"/></testcase>'
        '<testcase name="test_c"><error>E   OSError: x</error></testcase><testcase name="test_d"><skipped/></testcase>'
    )
    assert outcomes(cycle) == [
        ("test_a", "passed"),
        ("test_b", "failed"),
        ("test_c", "error"),
        ("test_d", "skipped"),
    ]
    assert [test.error for test in cycle.tests] == [None, "boom", "OSError: x", None]
    assert (cycle.passed, cycle.failed, cycle.skipped) == (1, 2, 1)


def test_close_codes_of_a_group() -> None:
    """A test that saw several closes keeps each code; numbers in the source shown around them do not count."""
    body = (
        "    limit = 4001  # code 4001\n"
        "E   websockets.exceptions.ConnectionClosedError: received 1011 (internal error)\n"
        "E   websockets.exceptions.ConnectionClosedError: received 1012 (service restart)"
    )
    test = suite(f'<testcase name="test_many" time="1011"><failure>{body}</failure></testcase>').tests[0]
    assert test.close_codes == (1011, 1012)
    assert test.kind is Kind.WEBSOCKET


def test_retry() -> None:
    """Of several tries the last counts, and the test is flaky if they ended differently."""
    cycle = suite(
        '<testcase classname="t" name="test_a"><failure message="x"/></testcase><testcase classname="t" name="test_a"/>'
    )
    assert [(test.name, test.outcome.value, test.flaky) for test in cycle.tests] == [
        ("test_a", "passed", True)
    ]


def test_same_name_in_two_classes() -> None:
    """One name in two classes is two tests with two names."""
    cycle = suite('<testcase classname="t.A" name="test_a"/><testcase classname="t.B" name="test_a"/>')
    assert [test.name for test in cycle.tests] == ["t.A::test_a", "t.B::test_a"]


def test_nested_suites_and_line() -> None:
    """Suites within suites are read, each test with its line, the number from the suite's name."""
    cycle = junit(
        '<testsuite name="cycle-4">\n<testsuite>\n<testcase name="test_a"/>\n</testsuite>\n</testsuite>'
    )
    assert cycle is not None
    assert cycle.number == 4
    assert cycle.tests[0].ref.line == 3


def test_broken_case_is_reported() -> None:
    """A case without a name is left out with a warning at its line; a bad number is no duration."""
    cycle = suite('<testcase/>\n<testcase name="test_a" time="NaN"/><testcase name="test_b" time="1,234.5"/>')
    assert [test.duration_s for test in cycle.tests] == [None, 1234.5]
    assert cycle.warnings == ("junit.xml:1: a testcase without a name is not read",)


def test_other_xml() -> None:
    """XML of another kind, and no XML, is left to other readers."""
    assert junit("<html><body/></html>") is None
    assert junit("<not closed") is None
    assert junit("# Cycle 1") is None


@pytest.mark.parametrize(
    "text",
    [
        '<testsuite><testcase name="a"><failure mess',
        '<!DOCTYPE t [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><testsuite><testcase name="&b;"/></testsuite>',
    ],
    ids=["cut off", "bomb"],
)
def test_broken_xml(text: str) -> None:
    """XML that breaks off or declares entities is refused in one sentence."""
    with pytest.raises(CycleError, match=r"junit\.xml"):
        junit(text)


@pytest.mark.parametrize(("whole", "slack_s"), [("9.5", 6.0), ("2", 0.0), ("1e6", 120.0), ("", 0.0)])
def test_time_that_no_test_accounts_for_may_lie_between_them(whole: str, slack_s: float) -> None:
    """An added-up start may be later by what the suite took beyond its tests, two minutes at most."""
    cases = '<testcase name="test_a" time="1.5"/><testcase name="test_b" time="2"/>'
    cycle = junit(
        f'<testsuite name="e2e" time="{whole}" timestamp="2026-05-05T08:00:00+00:00">{cases}</testsuite>'
    )
    assert cycle is not None
    assert [test.start_slack_s for test in cycle.tests] == [slack_s, slack_s]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_mark_wins_over_the_declaration(encoding: str) -> None:
    """A shell that wrote the file anew changed its bytes, and not the declaration in it."""
    text = '<?xml version="1.0" encoding="utf-8"?><testsuite><testcase name="bäckt" time="1"/></testsuite>'
    cycle = JUnitReader().read(from_bytes(text.encode(encoding), "junit.xml"))
    assert cycle is not None
    assert [test.name for test in cycle.tests] == ["bäckt"]

"""Times as machines write them: ISO 8601, or a number since 1970."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from rca.cycles import read_file
from rca.cycles.times import YEARS, instant_in, instant_of
from rca.windows import search_of

MOMENT = datetime(2026, 3, 10, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "zoned"),
    [("2026-03-10T08:30:00Z", True), (" 2026-03-10T10:30:00+02:00\n", True), ("2026-03-10 08:30", False)],
)
def test_an_instant_is_read_in_utc(text: str, *, zoned: bool) -> None:
    """One without a zone is read as if it were of UTC, and said to be without."""
    assert instant_in(text) == (MOMENT, zoned)


@pytest.mark.parametrize(
    "text", [None, "", "soon", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00", "1999-12-31T23:00:00Z"]
)
def test_what_no_test_run_can_have_written_is_no_instant(text: str | None) -> None:
    """Some writers print the year 1 for what was not set; windows round it would begin before the calendar."""
    assert instant_in(text) == (None, False)


@pytest.mark.parametrize("number", [MOMENT.timestamp(), MOMENT.timestamp() * 1000])
def test_a_number_is_seconds_or_milliseconds(number: float) -> None:
    """Which, its size tells."""
    assert instant_of(number) == MOMENT


@given(st.one_of(st.floats(), st.integers(), st.booleans(), st.text(), st.none()))
def test_any_other_value_is_an_instant_of_this_age_or_none(value: object) -> None:
    """Nothing overflows, and a duration does not become the year 1970."""
    found = instant_of(value)
    assert found is None or found.year in YEARS


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("results.json", '{"ws_validation": {"connection_successful": false, "timestamp": "%s"}}'),
        ("junit.xml", '<testsuite timestamp="%s"><testcase name="test_ws"/></testsuite>'),
    ],
)
def test_a_time_that_was_not_set_leaves_a_cycle_that_can_be_searched_for(
    tmp_path: Path, name: str, content: str
) -> None:
    """As if it stood nowhere."""
    (tmp_path / name).write_text(content % "0001-01-01T00:00:00Z")
    cycle = read_file(tmp_path / name)
    assert (cycle.date, cycle.run_start, [test.started_at for test in cycle.tests]) == (None, None, [None])
    search_of(cycle, None)

"""The time of a run is understood by the stamps that its report quotes."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st

from tests.cycles.telling import markdown

LOCAL = datetime(2026, 3, 4, 9, 30, 15, tzinfo=UTC)


def report(time: str, *lines: str) -> str:
    """A report of that time, with lines of evidence below."""
    return f"# Cycle 1\n\n**Date**: 2026-03-04\n**Time**: {time}\n\n## Evidence\n\n" + "\n".join(lines) + "\n"


def test_a_stamp_names_the_zone() -> None:
    """A time without a zone is of the zone in which a quoted stamp comes right after it; a warning has the basis."""
    cycle = markdown(report("09:30:15", "- connected at `2026-03-04T17:30:21.5+00:00`"))
    assert cycle.run_time_text == "09:30:15"
    assert cycle.run_start == datetime(2026, 3, 4, 17, 30, 15, tzinfo=UTC)
    assert cycle.warnings[0] == (
        'report.md:4: the time "09:30:15" names no zone: read as UTC-8, by the stamp 2026-03-04T17:30:21Z in line 8'
    )


def test_seconds_since_1970_are_a_stamp() -> None:
    """Seconds since 1970, in a server's answer or an id, are a stamp as well."""
    moment = int(datetime(2026, 3, 4, 7, 30, 20, tzinfo=UTC).timestamp())
    cycle = markdown(report("09:30:15", "```json", f'{{"type": "hello", "timestamp": {moment}.25}}', "```"))
    assert cycle.run_start == datetime(2026, 3, 4, 7, 30, 15, tzinfo=UTC)


def test_a_local_time_beside_a_utc_date() -> None:
    """An evening's local time under the next day's UTC date is of the day that the stamp names."""
    cycle = markdown(report("18:24:56", "- `2026-03-04T02:25:07Z` rejected"))
    assert cycle.run_start == datetime(2026, 3, 4, 2, 24, 56, tzinfo=UTC)


def test_a_wrong_zone_is_said_to_be_wrong() -> None:
    """A stated zone that all quoted stamps contradict by the same hours is wrong, and the time no instant."""
    cycle = markdown(
        report("09:30 UTC", "- `2026-03-04T16:36:00Z` accepted", "- `2026-03-04T16:41:10Z` closed")
    )
    assert cycle.run_start is None
    assert cycle.warnings[0] == (
        'report.md:4: the zone of the time "09:30 UTC" is wrong: '
        "the report's stamps, from 2026-03-04T16:36:00Z in line 8 on, fit UTC-7"
    )


def test_stamps_of_the_run_keep_its_zone() -> None:
    """Stamps within the hour after a stated time agree with it; those of several hours, or one alone, prove nothing."""
    stated = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)
    for lines in (
        ["- `2026-03-04T09:36:00Z`", "- `2026-03-04T09:41:10Z`"],
        ["- `2026-03-04T16:36:00Z`"],
        ["- `2026-03-04T13:36:00Z`", "- `2026-03-04T16:41:10Z`"],
    ):
        assert markdown(report("09:30 UTC", *lines)).run_start == stated


@given(st.integers(-12, 14), st.integers(0, 110))
def test_any_zone_is_found(hours: int, seconds: int) -> None:
    """Whatever the runner's zone, a stamp of the run's first moments gives its instant."""
    start = LOCAL - timedelta(hours=hours)
    stamp = (start + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
    cycle = markdown(report("09:30:15", f"- server said {stamp}"))
    assert cycle.run_start is not None
    assert (cycle.run_start - start) % timedelta(days=1) == timedelta()


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_words_are_borne(time: str, line: str) -> None:
    """No words of a time or of a line make the reader raise."""
    cycle = markdown(report(time, line, "- 2026-13-45T99:99:99Z 1999999999.9"))
    assert cycle.run_start is None or cycle.run_start.tzinfo is UTC

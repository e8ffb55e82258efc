"""Which stretch of the logs tells of a cycle: rca/windows.py."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings, strategies as st

from rca import windows
from rca.model import Kind, Outcome, Socket, Window
from tests import build
from tests.build import after, cycle, failed, ran, socket
from tests.examples import examples

DAY = date(2026, 3, 4)
ZONES = st.integers(-12 * 4, 14 * 4).map(lambda quarters: timezone(timedelta(minutes=15 * quarters)))


def span(one: windows.Search) -> Window:
    """The span of a search that has one."""
    assert one.span is not None
    return one.span


# --- before any log is read ------------------------------------------------------------------------------


@given(zone=ZONES, minute=st.integers(0, 24 * 60 - 1))
def test_a_date_is_searched_as_any_zone_reads_it(zone: timezone, minute: int) -> None:
    """Every minute of the report's date, in every zone there is, lies in the span that is searched."""
    found = windows.search_of(cycle(date=DAY))
    local = datetime.combine(DAY, time(minute // 60, minute % 60), tzinfo=zone)
    assert local.astimezone(UTC) in span(found)
    assert not found.exact


def test_a_date_in_a_known_zone_is_that_zone_s_day() -> None:
    """With --tz a date is 24 hours, from that zone's midnight."""
    found = span(windows.search_of(cycle(date=DAY), ZoneInfo("Europe/Zurich")))
    assert found.start == datetime(2026, 3, 3, 23, tzinfo=UTC)
    assert found.end == datetime(2026, 3, 4, 23, tzinfo=UTC)


@given(clock_s=st.floats(-90, 90))
def test_tests_own_times_are_read_whole_with_room_for_a_wrong_clock(clock_s: float) -> None:
    """The run lies in the window although the runner's clock is up to 90 s off."""
    tests = [failed("a", after_s=clock_s, lasts_s=2), failed("b", after_s=clock_s + 60, lasts_s=5)]
    found = windows.search_of(cycle(tests, date=DAY))
    assert found.exact
    assert after(0) in span(found)
    assert after(65) in span(found)


def test_a_stated_time_is_probed_an_hour_either_way() -> None:
    """A time of day in a report may be the run's start, its end or the hour of writing."""
    found = windows.search_of(cycle([ran()], run_start=after(0), run_time_text="05:00 UTC", date=DAY))
    assert span(found) == Window(after(-3600), after(3600), span(found).why)
    assert not found.exact
    assert "05:00 UTC" in span(found).why


def test_without_any_time_everything_is_probed() -> None:
    """A cycle that tells neither date nor time is looked for in all the logs."""
    assert windows.search_of(cycle([ran()])) == windows.Search(None, exact=False)


def test_a_moment_is_looked_around_whole() -> None:
    """Five minutes either way of `--at`."""
    found = windows.around(after(0))
    assert (span(found).start, span(found).end, found.exact) == (after(-300), after(300), True)


def test_a_window_is_half_open() -> None:
    """Its start lies in it, its end does not: windows tile without gap or overlap."""
    window = Window(after(0), after(10), "x")
    assert after(0) in window
    assert after(9.999) in window
    assert after(10) not in window


def test_the_whole_of_a_source_holds_its_last_entry() -> None:
    """The window over everything is not cut before the last entry."""
    found = windows.whole(after(0), after(10))
    assert found is not None
    assert after(10) in found
    assert windows.whole(None, None) is None


# --- bursts ----------------------------------------------------------------------------------------------

SUITE = [
    ran("test_connect", lasts_s=1.1),
    failed("test_order", lasts_s=0.9),
    failed("test_bake", lasts_s=2.0),
]


def burst_at(start_s: float, client: str = build.CLIENT) -> list[Socket]:
    """The suite's sockets, as they would be if it had run then."""
    return [
        socket(start_s, 1.0, name=f"{start_s}a", code=1000, client=client),
        socket(start_s + 1.3, 0.8, name=f"{start_s}b", code=1011, client=client),
        socket(start_s + 2.4, 1.9, name=f"{start_s}c", code=1011, client=client),
    ]


def people(low: int, high: int) -> list[Socket]:
    """Other people's long sockets, one every ten minutes."""
    return [
        socket(at, 200.0, name=f"p{at}", code=1000, client="198.51.100.4") for at in range(low, high, 600)
    ]


@settings(max_examples=examples(10), deadline=None)
@given(hour=st.floats(-14, 35))
def test_the_run_is_found_wherever_in_the_day_it_lies(hour: float) -> None:
    """The burst that fits the report's tests is the window, padded, and other people's sockets are none."""
    start = round(hour * 3600, 3)
    found = windows.bursts(SUITE, [*burst_at(start), *people(-50_000, 130_000)], None)
    assert len(found) == 1
    assert [one.id for one in found[0].sockets] == [f"{start}a", f"{start}b", f"{start}c"]
    assert after(start - 60) in found[0].window
    assert after(start + 60) in found[0].window


def test_two_runs_that_fit_are_both_kept_best_first() -> None:
    """Where two stretches fit alike, both are windows: which of them it was is not decided here."""
    found = windows.bursts(SUITE, [*burst_at(0), *burst_at(7200)], None)
    assert [burst.sockets[0].id for burst in found] == ["0a", "7200a"]
    assert found[0].window.end <= found[1].window.start


def test_a_stated_time_prefers_the_run_near_it() -> None:
    """Of two runs that fit alike, the one near the report's time comes first."""
    found = windows.bursts(SUITE, [*burst_at(0), *burst_at(3000)], after(3000))
    assert found[0].sockets[0].id == "3000a"


def test_a_stated_time_makes_no_misfit_right() -> None:
    """A stranger's sockets at the stated time are not the run; the run that fits is."""
    strangers = [socket(3000 + at, 300.0, name=f"s{at}", code=1000) for at in (0, 400, 800)]
    found = windows.bursts(SUITE, [*burst_at(0), *strangers], after(3000))
    assert [burst.sockets[0].id for burst in found] == ["0a"]


def test_plain_requests_alone_are_no_run_of_websocket_tests() -> None:
    """A client that opened no WebSocket and met no refusal did not run the suite."""
    asked = [socket(at, 1.0, name=f"h{at}", path="/health", status=200) for at in range(5)]
    assert windows.bursts(SUITE, asked, None) == ()


@pytest.mark.parametrize("tests", [[], [ran("test_http", kind=Kind.HTTP)]])
def test_a_day_without_sockets_has_no_burst(tests: list[build.Ran]) -> None:
    """Nothing fits nothing."""
    assert windows.bursts(tests, [], None) == ()


# --- how long a run took ---------------------------------------------------------------------------------


@given(durations=st.lists(st.integers(0, 100), min_size=1))
def test_a_run_lasts_as_long_as_its_tests_together(durations: list[int]) -> None:
    """In seconds; in which order they ran does not matter."""
    tests = [ran(f"test_{number}", lasts_s=float(lasts_s)) for number, lasts_s in enumerate(durations)]
    assert windows.run_s(tests) == windows.run_s(tests[::-1]) == sum(durations)


def test_a_skipped_test_takes_no_time() -> None:
    """It need not tell a duration, and one that it tells does not count."""
    skipped = [ran("test_a", Outcome.SKIPPED), ran("test_b", Outcome.SKIPPED, lasts_s=9.0)]
    assert windows.run_s([*skipped, ran("test_c", lasts_s=2.0)]) == 2.0


@pytest.mark.parametrize(
    "tests", [[], [ran("test_a", Outcome.SKIPPED)], [ran("test_a"), ran("test_b", lasts_s=2.0)]]
)
def test_without_every_duration_the_length_of_a_run_is_unknown(tests: list[build.Ran]) -> None:
    """A sum that lacks a part would be taken for the whole."""
    assert windows.run_s(tests) is None

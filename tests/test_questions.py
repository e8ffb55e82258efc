"""What is asked of the logs, put together: rca/questions.py."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from rca import questions
from rca.lql import parse
from rca.model import Window
from rca.normalize.times import in_ns
from rca.questions import Ask, bounds, scope, whole_query
from rca.resources import rfc3339_ns
from rca.sources.assembling import overlaps
from tests import build
from tests.examples import examples

WINDOW = Window(build.after(0), build.after(600), "the test's")
START_NS = in_ns(WINDOW.start)
HOUR_S, MINUTE_S = 3600, 60
SECOND_NS = 10**9

# Near the moments where the query's clauses meet, to the nanosecond, and anywhere else.
offsets = st.one_of(
    st.integers(-2 * HOUR_S * SECOND_NS, 11 * MINUTE_S * SECOND_NS),
    st.builds(
        lambda second, nanos: second * SECOND_NS + nanos,
        st.sampled_from([-HOUR_S, -300, -60, -10, 0, 600]),
        st.integers(-2, 2),
    ),
)


def asked(offset_ns: int, lasts_ns: int) -> dict[str, Any]:
    """A request that began so long after the window's start, and lasted so long."""
    raw = build.requested()
    raw["timestamp"] = rfc3339_ns(START_NS + offset_ns)
    raw["httpRequest"]["latency"] = f"{lasts_ns // SECOND_NS}.{lasts_ns % SECOND_NS:09d}s"
    return raw


# --- the stretch of time ---------------------------------------------------------------------------------

BOUNDS = parse(bounds(WINDOW))


@given(
    offset_ns=offsets, more_ns=st.integers(-2, 2) | st.integers(0, HOUR_S * SECOND_NS), touches=st.booleans()
)
@settings(max_examples=examples(150))
def test_every_request_that_reaches_into_the_window_is_asked_for(
    offset_ns: int, more_ns: int, *, touches: bool
) -> None:
    """Whenever it began and however long it lasted, up to an hour: where it counts as in the window, it is found."""
    lasts_ns = min(max(more_ns - (offset_ns if touches else 0), 0), HOUR_S * SECOND_NS)
    raw = asked(offset_ns, lasts_ns)
    if overlaps(raw, questions.everything(WINDOW)):
        assert BOUNDS.matches(raw)


@pytest.mark.parametrize("before_s", [0, 10, 60, 300, HOUR_S])
@pytest.mark.parametrize("nanos", [-1, 0, 1])
def test_no_request_falls_between_two_clauses(before_s: int, nanos: int) -> None:
    """One that began a nanosecond before or after the moment where clauses meet, and just reaches the window."""
    before_ns = min(max(before_s * SECOND_NS + nanos, 0), HOUR_S * SECOND_NS)
    assert BOUNDS.matches(asked(-before_ns, before_ns))


@given(offset_ns=offsets, lasts_ns=st.integers(0, 2 * HOUR_S * SECOND_NS))
def test_nothing_is_asked_for_that_began_an_hour_before_or_after_the_end(
    offset_ns: int, lasts_ns: int
) -> None:
    """What is found began within the hour before the window, or in it."""
    if BOUNDS.matches(asked(offset_ns, lasts_ns)):
        assert -HOUR_S * SECOND_NS <= offset_ns < 600 * SECOND_NS


@given(offset_ns=offsets)
def test_a_line_is_asked_for_in_the_window_alone(offset_ns: int) -> None:
    """What lasts no time is found where it lies in [start, end), and nowhere else."""
    raw = build.logged("warm") | {"timestamp": rfc3339_ns(START_NS + offset_ns)}
    assert BOUNDS.matches(raw) == (0 <= offset_ns < 600 * SECOND_NS)


@pytest.mark.parametrize(
    "start",
    [datetime.min.replace(tzinfo=UTC), datetime(1999, 1, 1, tzinfo=UTC), datetime(2000, 1, 1, tzinfo=UTC)],
)
def test_a_window_from_the_beginning_of_time_is_a_query(start: datetime) -> None:
    """Its bounds are not moved before the first moment that a log can be of."""
    ever = Window(start, WINDOW.end, "all before")
    assert parse(bounds(ever)).matches(build.logged("warm"))
    assert questions.earliest(ever) == datetime(2000, 1, 1, tzinfo=UTC)


def test_the_earliest_moment_is_an_hour_before_the_window() -> None:
    """No request lasts longer."""
    assert questions.earliest(WINDOW) == WINDOW.start - timedelta(hours=1)


# --- of which services -----------------------------------------------------------------------------------


def of_service(name: str | None, kind: str = "cloud_run_revision") -> dict[str, Any]:
    """A line of a service."""
    return build.logged("warm") | {
        "resource": {"type": kind, "labels": {"service_name": name} if name else {}}
    }


def test_named_services_are_asked_for_and_no_others() -> None:
    """An entry of either service matches; one of another service, or of another kind of resource, does not."""
    meets = parse(scope(["ovens", "till"])).matches
    assert meets(of_service("ovens"))
    assert meets(of_service("till"))
    assert not meets(of_service("mill"))
    assert not meets(of_service("ovens", "gce_instance"))


def test_without_a_name_all_of_cloud_run_is_asked_for() -> None:
    """Any service matches, and nothing that is none."""
    meets = parse(scope([])).matches
    assert meets(of_service("ovens"))
    assert meets(of_service(None))
    assert not meets(of_service("ovens", "gce_instance"))


@given(name=st.text(min_size=1))
@settings(max_examples=examples(60))
def test_no_name_ends_its_string(name: str) -> None:
    """Whatever a service is called in the settings, the query stays one that asks for that name."""
    assert not parse(scope([name, "ovens"])).matches(of_service("till"))


# --- the whole query -------------------------------------------------------------------------------------

PLAIN = Ask("window", "", WINDOW)


@pytest.mark.parametrize(
    "wanted",
    [
        'textPayload:"warm" -- what is meant by it',
        'textPayload:"warm" --',
        '-- first a word\ntextPayload:"warm"',
        'textPayload:"warm" OR textPayload:"cold"',
        'textPayload:"warm" -- )',
        'textPayload:("warm")',
    ],
)
def test_the_user_s_filter_is_met_besides_everything_else(wanted: str) -> None:
    """It is one part of the query: neither an OR nor a comment in it reaches beyond its parenthesis."""
    meets = parse(whole_query(PLAIN, ("ovens",), wanted)).matches
    assert meets(build.logged("it is warm"))
    assert not meets(build.logged("it rains"))
    assert not meets(build.logged("it is warm", after_s=-1))
    assert not meets(of_service("till") | {"textPayload": "warm"})


@pytest.mark.parametrize("wanted", [None, "", "   ", "-- all of it", "\n  -- one\n-- two\n"])
def test_a_filter_that_asks_nothing_is_left_away(wanted: str | None) -> None:
    """Everything matches an empty filter; in parentheses it would be a mistake."""
    assert whole_query(PLAIN, ("ovens",), wanted) == whole_query(PLAIN, ("ovens",), None)


def test_every_part_has_to_be_met() -> None:
    """Service, stretch, condition."""
    meets = parse(whole_query(questions.occurrences("no flour", WINDOW, 1), ("ovens",), None)).matches
    assert meets(build.logged("no flour left"))
    assert not meets(build.logged("no salt left"))
    assert not meets(build.logged("no flour left", after_s=600))
    assert not meets(of_service("till") | {"textPayload": "no flour left"})


def test_without_a_window_all_times_are_asked_for() -> None:
    """There is no bound on the time, and no blank line in its place."""
    query = whole_query(questions.everything(None), ("ovens",), None)
    assert "timestamp" not in query
    assert "\n\n" not in query


# --- questions -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (build.requested(status=500, path="/health"), True),
        (build.requested(status=404, path="/admin.php"), False),
        (build.requested(status=200, path="/health"), False),
        (build.requested(lasts_s=60, status=101, path="/any"), True),
        (build.requested(lasts_s=3000, status=101, path="/any"), False),
        (build.requested(status=403, path="/ws"), True),
        (build.requested(status=404, path="/ws"), True),
        (build.requested(status=200, path="/shop?next=/ws"), False),
        (build.logged("Starting new instance", log="varlog%2Fsystem"), True),
        (build.logged("no flour left", severity="ERROR"), False),
    ],
)
def test_a_probe_finds_where_tests_could_have_failed(raw: dict[str, Any], *, found: bool) -> None:
    """Refusals, sockets that lived no longer than the run, platform messages; no scanners, no lines."""
    assert parse(questions.probe(None, 80.0).condition).matches(raw) is found


def test_a_probe_leaves_room_for_a_run_of_unknown_length() -> None:
    """Where no test tells its duration, every socket is found, however long it lived."""
    raw = build.requested(lasts_s=3600, status=101, path="/any")
    assert parse(questions.probe(None, None).condition).matches(raw)


@pytest.mark.parametrize("log", ["stderr", "stdout"])
def test_failures_are_found_by_their_words(log: str) -> None:
    """Plain lines carry no severity: what is worded like a failure is found, whatever log it stands in."""
    meets = parse(questions.failures(None).condition).matches
    assert meets(build.logged("Traceback (most recent call last):", severity=None, log=log))
    assert meets(build.logged({"msg": "oven exploded", "level": 50}, severity=None, log=log))
    assert meets(build.logged("it smokes", severity="WARNING", log=log))
    assert not meets(build.logged("bread is ready", severity="INFO", log=log))


def test_a_host_is_found_in_the_url_s_place_for_it() -> None:
    """A host that only stands in a path, or of which it is the end, is another."""
    meets = parse(questions.at_host("ovens.example", WINDOW, 50).condition).matches
    assert meets(build.requested())
    for url in ("https://my-ovens.example/", "https://ovens.example.net/", "https://x.example/ovens.example"):
        other = build.requested()
        other["httpRequest"]["requestUrl"] = url
        assert not meets(other)


def test_what_arrived_is_told_by_its_receipt() -> None:
    """An entry counts that was received at the moment or later, whatever time it tells of."""
    meets = parse(questions.arrived(build.after(60), questions.everything(WINDOW)).condition).matches
    raw = build.logged("warm")
    assert not meets(raw)
    assert meets(raw | {"receiveTimestamp": rfc3339_ns(in_ns(build.after(60)))})


@given(text=st.text(min_size=1, max_size=40))
@settings(max_examples=examples(60))
def test_any_text_can_be_searched_for(text: str) -> None:
    """Whatever a fault is worded like, the query parses, and finds a line that holds the wording."""
    ask = questions.occurrences(text, WINDOW, 1)
    assert parse(ask.condition).matches(build.logged(f"<{text}>"))

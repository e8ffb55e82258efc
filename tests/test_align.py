"""Tests laid over one client's requests under one clock offset: rca/align.py."""

import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain, pairwise

import pytest
from hypothesis import given, settings, strategies as st

from rca import align
from rca.model import Kind, Outcome, Socket
from tests import build
from tests.build import failed, ran, socket
from tests.examples import examples


@st.composite
def runs(draw: st.DrawFn) -> tuple[list[tuple[float, float, bool]], list[Socket]]:
    """Three to seven tests in turn (start, duration, whether it failed), and the socket of each."""
    at, tests, requests = 0.0, [], []
    for number in range(draw(st.integers(3, 7))):
        lasts = draw(st.integers(4, 60)) / 10
        bad = draw(st.booleans())
        tests.append((at, lasts, bad))
        name = f"s{number}"
        code = 1011 if bad else 1000
        requests.append(socket(at + 0.05, lasts - 0.1, name=name, code=code))
        at += lasts + draw(st.integers(2, 90)) / 10
    return tests, requests


def told(tests: Sequence[tuple[float, float, bool]], clock_s: float) -> list[build.Ran]:
    """The tests as a runner tells them whose clock is off by `clock_s`."""
    return [
        (failed if bad else ran)(f"test_{i}", after_s=at + clock_s, lasts_s=lasts)
        for i, (at, lasts, bad) in enumerate(tests)
    ]


def names(blocks: Sequence[Sequence[Socket]]) -> list[list[str]]:
    """The names of the requests of each test."""
    return [[one.id for one in block] for block in blocks]


@settings(max_examples=examples(40), deadline=None)
@given(run=runs(), clock_ms=st.integers(-90_000, 90_000))
def test_a_wrong_clock_changes_the_offset_and_nothing_else(
    run: tuple[list[tuple[float, float, bool]], list[Socket]], clock_ms: int
) -> None:
    """A runner's clock that is up to 90 s off gives the same requests to each test, and tells by how much it is off."""
    tests, requests = run
    right, wrong = align.fit(told(tests, 0), requests), align.fit(told(tests, clock_ms / 1000), requests)
    assert names(wrong.blocks) == names(right.blocks)
    assert right.offset_s is not None
    assert wrong.offset_s == pytest.approx(right.offset_s + clock_ms / 1000, abs=0.002)


@settings(max_examples=examples(40), deadline=None)
@given(run=runs(), timed=st.booleans())
def test_the_order_of_tests_is_the_order_of_their_requests(
    run: tuple[list[tuple[float, float, bool]], list[Socket]],
    timed: bool,  # noqa: FBT001 - hypothesis fills it
) -> None:
    """No request serves two tests, and no later test owns an earlier request."""
    tests, requests = run
    rows = told(tests, 0) if timed else [ran(f"test_{i}", lasts_s=row[1]) for i, row in enumerate(tests)]
    served = list(chain.from_iterable(align.fit(rows, requests).blocks))
    assert len({one.id for one in served}) == len(served)
    assert all(one.start <= other.start for one, other in pairwise(served))


@settings(max_examples=examples(25), deadline=None)
@given(run=runs())
def test_each_test_gets_the_socket_it_opened(
    run: tuple[list[tuple[float, float, bool]], list[Socket]],
) -> None:
    """With times, durations and outcomes told, every test has its own socket, at no cost worth a word."""
    tests, requests = run
    found = align.fit(told(tests, 0), requests)
    assert names(found.blocks) == [[one.id] for one in requests]
    assert found.per_test < 0.3


@given(made=runs(), clock_s=st.sampled_from([0.0, 3.0, -47.5]), room=st.sampled_from([0.0, 0.01, 2.0]))
def test_a_bound_that_the_best_keeps_changes_nothing(
    made: tuple[list[tuple[float, float, bool]], list[Socket]], clock_s: float, room: float
) -> None:
    """And one that it does not keep leaves none."""
    tests, requests = told(made[0], clock_s), made[1]
    best = align.fit(tests, requests)
    assert align.fit(tests, requests, most=best.cost + abs(best.offset_s or 0.0) + room) == best
    assert align.fit(tests, requests, most=-1.0).cost == float("inf")


@pytest.mark.parametrize("zone_h", [-7, 1, 5.75, 14])
def test_a_time_in_another_zone_is_a_clock_offset_too(zone_h: float) -> None:
    """Local times beside UTC logs are off by whole quarter hours, and by the clock's own error."""
    tests = [(0.0, 2.0, True), (5.0, 1.0, False), (11.5, 3.0, True)]
    requests = [socket(at + 0.05, lasts - 0.1, name=f"s{i}") for i, (at, lasts, _) in enumerate(tests)]
    found = align.fit(told(tests, zone_h * 3600 + 3), requests)
    assert names(found.blocks) == [["s0"], ["s1"], ["s2"]]
    assert found.offset_s == pytest.approx(zone_h * 3600 + 3, abs=0.1)


def test_without_times_there_is_no_offset() -> None:
    """Durations, outcomes and order join the tests; nothing is said of the clock."""
    tests = [ran("a", lasts_s=2.0), failed("b", lasts_s=0.8), ran("c", lasts_s=5.0)]
    requests = [
        socket(0, 1.9, name="s0", code=1000),
        socket(3, 0.7, name="s1", code=1011),
        socket(5, 4.9, name="s2", code=1000),
    ]
    found = align.fit(tests, requests)
    assert names(found.blocks) == [["s0"], ["s1"], ["s2"]]
    assert found.offset_s is None


def test_a_test_may_open_several_sockets_at_once() -> None:
    """Sockets that live side by side are one test's concurrency."""
    tests = [ran("one", after_s=0, lasts_s=1.0), ran("many", after_s=5, lasts_s=2.0)]
    requests = [
        socket(0.05, 0.9, name="s0"),
        socket(5.10, 1.5, name="s1"),
        socket(5.11, 1.5, name="s2"),
        socket(5.12, 1.5, name="s3"),
    ]
    assert names(align.fit(tests, requests).blocks) == [["s0"], ["s1", "s2", "s3"]]


def test_a_websocket_is_not_given_to_an_http_test() -> None:
    """A test of HTTP takes the plain request, the WebSocket's test the WebSocket."""
    tests = [
        ran("test_http", kind=Kind.HTTP, after_s=0, lasts_s=0.2),
        ran("test_ws", after_s=0.5, lasts_s=1.0),
    ]
    requests = [socket(0.05, 0.1, name="h", path="/health", status=200), socket(0.55, 0.9, name="w")]
    assert names(align.fit(tests, requests).blocks) == [["h"], ["w"]]


def test_a_failing_test_is_laid_on_the_socket_that_failed() -> None:
    """Of two sockets alike in time, the failing test takes the one that ended with 1011."""
    tests = [failed("b", lasts_s=1.0)]
    requests = [socket(0, 0.9, name="good", code=1000), socket(3, 0.9, name="bad", code=1011)]
    assert names(align.fit(tests, requests).blocks) == [["bad"]]


def test_a_refused_handshake_fits_the_client_that_saw_its_status() -> None:
    """A client that saw HTTP 403 is laid on the handshake that was refused with 403."""
    refused = ran("a", Outcome.FAILED, lasts_s=0.2, error="server rejected WebSocket connection: HTTP 403")
    requests = [socket(0, 0.1, name="let in", code=1000), socket(3, 0.1, name="403", status=403)]
    assert names(align.fit([refused], requests).blocks) == [["403"]]


def test_a_refused_handshake_may_have_left_a_plain_request() -> None:
    """A request log that does not tell a refused upgrade from a GET still shows the status that the client saw."""
    refused = ran("a", Outcome.FAILED, lasts_s=0.2, error="server rejected WebSocket connection: HTTP 403")
    requests = [
        socket(0, 0.1, name="200", path="/health", status=200),
        replace(socket(3, 0.1, name="403", status=403), websocket=False),
        socket(6, 0.1, name="404", path="/bread", status=404),
    ]
    assert names(align.fit([refused], requests).blocks) == [["403"]]


# --- clients ---------------------------------------------------------------------------------------------


def test_each_client_s_requests_are_a_run_cut_where_it_was_silent() -> None:
    """A client that is silent for two minutes has ended its run."""
    mine = [socket(at, 1, name=f"m{at}") for at in (0, 5, 300)]
    theirs = [socket(at, 1, name=f"t{at}", client="198.51.100.4") for at in (2, 6)]
    made = [[one.id for one in run] for run in align.runs_of([*mine, *theirs])]
    assert made == [["m0", "m5"], ["t2", "t6"], ["m300"]]


def test_a_tool_behind_several_addresses_is_one_client() -> None:
    """A runner behind address translation is known by its user agent; a browser's is everybody's."""
    tool = [socket(i, 0.5, name=f"p{i}", client=f"203.0.113.{i}", agent="python-ws/14") for i in (1, 2)]
    browsers = [socket(i, 0.5, name=f"b{i}", client=f"203.0.113.{i}", agent="Mozilla/5.0") for i in (3, 4)]
    made = {tuple(one.id for one in run) for run in align.runs_of([*tool, *browsers])}
    assert made == {("p1", "p2"), ("p1",), ("p2",), ("b3",), ("b4",)}


@pytest.mark.slow
def test_a_busy_client_is_laid_under_the_tests_within_bounded_time() -> None:
    """Thousands of a client's requests do not make the assignment explode: it looks where the tests ran."""
    tests = told([(0.0, 2.0, True), (5.0, 1.0, False)], 0)
    own = [socket(0.05, 1.9, name="s0", code=1011), socket(5.05, 0.9, name="s1", code=1000)]
    later = [socket(100 + i * 0.5, 0.1, name=f"x{i}", path="/health", status=200) for i in range(3000)]
    assert names(align.fit(tests, [*own, *later]).blocks) == [["s0"], ["s1"]]


@pytest.mark.slow
def test_a_long_suite_is_laid_over_its_requests_in_seconds() -> None:
    """A hundred tests of three requests each, with times, take seconds, and get their own."""
    tests = told([(at * 3.0, 2.0, at % 7 == 0) for at in range(100)], 0)
    requests = [
        socket(at * 3.0 + 0.05 + i * 0.3, 0.2, name=f"{at}.{i}", path=path, status=status)
        for at in range(100)
        for i, (path, status) in enumerate((("/ws", 101), ("/orders", 200), ("/orders", 200)))
    ]
    before = time.process_time()
    found = align.fit(tests, requests)
    assert time.process_time() - before < 20
    assert [block[0].id for block in found.blocks] == [f"{at}.0" for at in range(100)]


def test_runs_of_no_requests_are_none() -> None:
    """Nothing gives nothing."""
    assert align.runs_of(()) == ()


def test_a_start_that_was_added_up_may_be_late_by_what_the_suite_leaves() -> None:
    """A slow machine idles between tests: their requests come later than the durations add up to, in order."""
    told_as = [
        ran("test_0", after_s=0.0, lasts_s=2.0),
        failed("test_1", after_s=2.0, lasts_s=1.5),
        failed("test_2", after_s=3.5, lasts_s=2.0),
    ]
    tests = [replace(one, start_exact=False, start_slack_s=12.0) for one in told_as]
    requests = [socket(at, 1.2, name=f"s{i}") for i, at in enumerate((4.0, 9.0, 15.0))]
    assert names(align.fit(tests, requests).blocks) == [["s0"], ["s1"], ["s2"]]


def test_a_test_named_after_a_path_made_the_request_for_it() -> None:
    """Where order and durations leave it open, `test_oven_registry` asked for /api/registry."""
    tests = [
        ran("test_bake", after_s=0.0, lasts_s=3.0),
        ran("test_oven_registry", after_s=3.0, lasts_s=3.0, kind=Kind.UNKNOWN),
    ]
    requests = [
        socket(0.1, 1.0, name="s0"),
        socket(2.5, 0.1, name="asked", status=200, path="/api/registry"),
    ]
    loose = [replace(test, start_exact=False, start_slack_s=5.0) for test in tests]
    assert names(align.fit(loose, requests).blocks) == [["s0"], ["asked"]]

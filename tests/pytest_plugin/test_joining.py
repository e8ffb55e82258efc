"""Tests joined to sockets by the traces that they handed to the service: rca/join.py."""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings, strategies as st

from rca.join import join
from rca.model import Kind, Outcome, Socket
from tests.build import Ran, failed, ran, socket
from tests.examples import examples

OTHERS = "198.51.100.4"


def trace(number: int) -> str:
    """A trace id."""
    return f"{number + 1:032x}"


def traced(test: Ran, *numbers: int) -> Ran:
    """The test, as it was recorded with these traces."""
    return replace(test, trace_ids=tuple(trace(number) for number in numbers))


def names(tests: list[Ran], sockets: list[Socket]) -> list[list[str]]:
    """The names of the sockets that each test is joined to."""
    return [[one.id for one in block] for block in join(tests, sockets).served]


def side_by_side(clock_s: float = 0.0) -> tuple[list[Ran], list[Socket]]:
    """Six tests that ran at once in as many workers, alike in all but their traces; each third one failed."""
    tests, sockets = [], []
    for number in range(6):
        bad = number % 3 == 1
        make = failed if bad else ran
        test = make(f"test_{number}", after_s=clock_s + number * 0.01, lasts_s=2.0)
        tests.append(traced(test, number))
        # Server-side order is the reverse of the tests'.
        code = 1011 if bad else 1000
        sockets.append(socket(0.9 - number * 0.1, 1.0, name=f"s{number}", code=code, trace_id=trace(number)))
    return tests, sockets


@settings(max_examples=examples(40))
@given(
    clock_s=st.floats(-5000, 5000),
    seed=st.integers(0, 99),
    openings=st.lists(st.tuples(st.integers(-60, 60), st.integers(5, 90)), max_size=10),
)
def test_traces_join_whatever_the_clocks_and_the_company(
    clock_s: float, seed: int, openings: list[tuple[int, int]]
) -> None:
    """Tests that ran at once, by a clock that is an hour off, amid others' sockets in any order: each has its own."""
    tests, sockets = side_by_side(clock_s)
    others = [
        socket(at / 10, lasts / 10, name=f"o{i}", client=OTHERS) for i, (at, lasts) in enumerate(openings)
    ]
    mixed = [*sockets, *others]
    random.Random(seed).shuffle(mixed)  # noqa: S311 - an order
    assert names(tests, mixed) == [[f"s{number}"] for number in range(6)]


def test_the_basis_says_who_is_joined_by_trace() -> None:
    """Failing tests first; the clock's offset is told by the tests that traces joined."""
    tests, sockets = side_by_side(47.0)
    joined = join(tests, sockets)
    assert joined.basis == "2 of 2 failing tests and 4 of 4 other tests are joined by trace id"
    assert joined.clock_offset_s == pytest.approx(46.65, abs=0.01)


def test_every_socket_of_a_trace_is_the_test_s() -> None:
    """A sign-in request and two sockets under one trace, or under two, serve one test, in their order."""
    sockets = [
        socket(1.5, 1.0, name="second", trace_id=trace(1)),
        socket(0.1, 0.1, name="sign-in", path="/token", status=200, trace_id=trace(0)),
        socket(0.3, 1.0, name="first", trace_id=trace(0)),
    ]
    assert names([traced(failed(after_s=0, lasts_s=3), 0, 1)], sockets) == [["sign-in", "first", "second"]]


def test_ids_are_compared_without_regard_to_case() -> None:
    """A logging library may write them in capitals."""
    test = traced(failed(), 10)
    assert names([test], [socket(0.1, 1.0, name="s", trace_id=trace(10).upper())]) == [["s"]]


def test_a_trace_that_two_tests_carry_is_nobody_s() -> None:
    """An id that does not tell tests apart joins neither: their times do."""
    tests = [traced(ran("a", after_s=0, lasts_s=1), 0), traced(failed("b", after_s=3, lasts_s=1), 0)]
    sockets = [
        socket(0.1, 0.8, name="s0", code=1000, trace_id=trace(0)),
        socket(3.1, 0.8, name="s1", code=1011, trace_id=trace(0)),
    ]
    joined = join(tests, sockets)
    assert [[one.id for one in block] for block in joined.served] == [["s0"], ["s1"]]
    assert "trace id of any of 2 tests" in joined.basis
    assert "start times" in joined.basis


def test_where_the_logs_carry_no_trace_of_theirs_time_decides_and_it_is_said() -> None:
    """A platform that gives requests ids of its own leaves the join to time, as without traces."""
    tests = [traced(ran("a", after_s=0, lasts_s=1), 0), traced(failed("b", after_s=3, lasts_s=1), 1)]
    sockets = [
        socket(0.1, 0.8, name="s0", code=1000, trace_id="ab" * 16),
        socket(3.1, 0.8, name="s1", code=1011),
    ]
    joined = join(tests, sockets)
    assert [[one.id for one in block] for block in joined.served] == [["s0"], ["s1"]]
    assert joined.basis.startswith(
        "no request in the logs carries the trace id of any of 2 tests that sent one; 2 of 2"
    )


# --- the tests that no trace joins -----------------------------------------------------------------------


def test_the_rest_is_joined_by_time_under_the_offset_of_the_traced() -> None:
    """With a clock 600 s off, a test without a trace finds its socket; the same client's alone are looked at."""
    tests = [
        traced(ran("a", after_s=600, lasts_s=1), 0),
        failed("b", after_s=603, lasts_s=1),
        traced(ran("c", after_s=606, lasts_s=1), 2),
    ]
    sockets = [
        socket(0.0, 0.8, name="a", code=1000, trace_id=trace(0)),
        socket(3.05, 0.8, name="b", code=1011),
        socket(3.0, 0.9, name="other", code=1011, client=OTHERS),
        socket(6.0, 0.8, name="c", code=1000, trace_id=trace(2)),
    ]
    joined = join(tests, sockets)
    assert [[one.id for one in block] for block in joined.served] == [["a"], ["b"], ["c"]]
    assert joined.basis == (
        "0 of 1 failing tests and 2 of 2 other tests are joined by trace id; of the other 1, 1 were laid on the same "
        "client's requests by order, durations, outcomes and start times"
    )


def test_a_socket_with_a_test_s_trace_is_given_to_no_other() -> None:
    """The socket of a test that was skipped on purpose after it failed is not taken for its neighbour's."""
    expected_to_fail = traced(ran("known", Outcome.SKIPPED, after_s=3, lasts_s=1), 1)
    tests = [traced(ran("a", after_s=0, lasts_s=1), 0), expected_to_fail, failed("b", after_s=3.2, lasts_s=1)]
    sockets = [
        socket(0.1, 0.8, name="a", code=1000, trace_id=trace(0)),
        socket(3.3, 0.8, name="known", code=1011, trace_id=trace(1)),
    ]
    joined = join(tests, sockets)
    assert [[one.id for one in block] for block in joined.served] == [["a"], [], []]
    assert "no request is left that fits the other 1" in joined.basis


def test_http_tests_without_a_trace_keep_their_requests() -> None:
    """Plain requests beside traced sockets are joined by time."""
    tests = [
        ran("test_http", kind=Kind.HTTP, after_s=0, lasts_s=0.2),
        traced(failed("test_ws", after_s=1, lasts_s=1), 1),
    ]
    sockets = [
        socket(0.05, 0.1, name="h", path="/health", status=200),
        socket(1.05, 0.9, name="w", code=1011, trace_id=trace(1)),
    ]
    assert names(tests, sockets) == [["h"], ["w"]]


# --- tests that ran side by side without traces ----------------------------------------------------------


def without_traces(tests: list[Ran]) -> list[Ran]:
    """The tests as they would be recorded that handed over nothing."""
    return [replace(test, trace_ids=()) for test in tests]


@given(clock_s=st.floats(-80, 80))
@settings(max_examples=examples(20))
def test_parallel_tests_without_traces_are_not_guessed_at(clock_s: float) -> None:
    """Where six tests could own each socket, none is given one, and the basis says why."""
    tests, sockets = side_by_side(clock_s)
    bare = [replace(one, trace_id=None) for one in sockets]
    joined = join(without_traces(tests), bare)
    assert joined.served == ((),) * 6
    assert "6 of them ran at the same time as others" in joined.basis


def test_of_parallel_tests_those_are_joined_whom_time_tells_apart() -> None:
    """A socket that lies in one test's time alone is that test's; one that lies in two tests' is neither's."""
    tests = [
        failed("test_early", after_s=0.01, lasts_s=3),
        ran("test_middle", after_s=2.01, lasts_s=3),
        failed("test_late", after_s=4.01, lasts_s=3),
    ]
    sockets = [
        socket(0.1, 1.5, name="early", code=1011),
        socket(2.5, 0.4, name="either", code=1000),
        socket(5.5, 1.4, name="late", code=1011),
    ]
    joined = join(tests, sockets)
    assert [[one.id for one in block] for block in joined.served] == [["early"], [], ["late"]]
    assert "3 of them ran at the same time as others, and 1 are left unjoined" in joined.basis


def test_tests_in_turn_are_not_called_parallel() -> None:
    """Tests that touch, or seem to overlap by a rounded duration or a start cut to the second, ran in turn."""
    tests = [ran("a", after_s=0, lasts_s=3.9), failed("b", after_s=3, lasts_s=1.0)]
    sockets = [socket(0.1, 3.5, name="a", code=1000), socket(4.0, 0.8, name="b", code=1011)]
    joined = join(tests, sockets)
    assert [[one.id for one in block] for block in joined.served] == [["a"], ["b"]]
    assert "at the same time" not in joined.basis


def test_added_up_starts_prove_nothing() -> None:
    """Starts that a report does not tell are sums of durations: that they overlap is no sign of workers."""
    tests = [
        replace(test, start_exact=False)
        for test in (ran("a", after_s=0, lasts_s=2.5), failed("b", after_s=0.5, lasts_s=2.5))
    ]
    joined = join(tests, [socket(0.1, 2.3, name="a", code=1000), socket(2.8, 2.3, name="b", code=1011)])
    assert "at the same time" not in joined.basis

"""Tests joined to the sockets that served them: rca/join.py."""

from itertools import pairwise

import pytest
from hypothesis import given, settings, strategies as st

from rca.join import join
from rca.model import Kind, Outcome, Socket
from tests.build import Ran, failed, ran, socket
from tests.examples import examples

OTHERS = "198.51.100.4"


def suite(clock_s: float = 0.0) -> list[Ran]:
    """Five tests in turn, two of them closed with 1011, one skipped."""
    return [
        ran("test_http", kind=Kind.HTTP, after_s=clock_s, lasts_s=0.2),
        ran("test_connect", after_s=clock_s + 0.4, lasts_s=1.1),
        failed("test_order", after_s=clock_s + 1.7, lasts_s=0.9),
        ran("test_later", Outcome.SKIPPED),
        failed("test_bake", after_s=clock_s + 2.8, lasts_s=2.0),
    ]


def served() -> list[Socket]:
    """What the suite's client asked of the service."""
    return [
        socket(0.05, 0.1, name="h", path="/health", status=200),
        socket(0.45, 1.0, name="w1", code=1000),
        socket(1.75, 0.8, name="w2", code=1011),
        socket(2.85, 1.9, name="w3", code=1011),
    ]


def names(tests: list[Ran], sockets: list[Socket]) -> list[list[str]]:
    """The names of the sockets that each test is joined to."""
    return [[one.id for one in block] for block in join(tests, sockets).served]


def test_each_test_has_the_sockets_that_served_it() -> None:
    """Order, durations, outcomes and times agree; a skipped test has none."""
    joined = join(suite(), served())
    assert [[one.id for one in block] for block in joined.served] == [["h"], ["w1"], ["w2"], [], ["w3"]]
    assert joined.clock_offset_s == pytest.approx(0.0, abs=0.1)
    assert "4 of 5 tests" in joined.basis


@settings(max_examples=examples(30), deadline=None)
@given(
    openings=st.lists(st.tuples(st.integers(-600, 600), st.integers(50, 900)), max_size=12),
    clock_s=st.integers(-90, 90),
)
def test_other_clients_traffic_changes_nothing(openings: list[tuple[int, int]], clock_s: int) -> None:
    """Long sockets of other people, before, during and after the run, are taken for none of its tests."""
    others = [
        socket(at / 10, lasts / 10, name=f"o{i}", client=OTHERS) for i, (at, lasts) in enumerate(openings)
    ]
    assert names(suite(clock_s), [*served(), *others]) == names(suite(clock_s), served())


@given(order=st.permutations(range(4)))
def test_the_order_of_the_sockets_given_does_not_matter(order: list[int]) -> None:
    """Sockets are joined by their times, not by their places in a list."""
    assert names(suite(), [served()[i] for i in order]) == names(suite(), served())


def test_joined_sockets_keep_the_order_of_the_tests() -> None:
    """A later test never has an earlier socket."""
    blocks = join(suite(47), served()).served
    flat = [one.start for block in blocks for one in block]
    assert all(one < other for one, other in pairwise(flat))


def test_a_client_that_does_not_fit_is_left_alone() -> None:
    """No socket is better than another user's socket: long browser sessions are no short tests."""
    tests = [failed("test_a", after_s=0, lasts_s=0.3), failed("test_b", after_s=1, lasts_s=0.3)]
    joined = join(tests, [socket(at, 900.0, name=f"o{at}", code=1000) for at in (0, 400)])
    assert joined.served == ((), ())
    assert joined.clock_offset_s is None
    assert "fit" in joined.basis


def test_without_any_socket_the_basis_says_so() -> None:
    """An empty join tells what was missing."""
    joined = join(suite(), [])
    assert joined.served == ((), (), (), (), ())
    assert "no WebSocket request" in joined.basis


def test_plain_requests_serve_a_cycle_of_http_tests() -> None:
    """A cycle without WebSocket tests is joined to plain requests."""
    tests = [ran("test_list", kind=Kind.HTTP, after_s=0, lasts_s=0.2)]
    assert names(tests, [socket(0.05, 0.1, name="h", path="/orders", status=200)]) == [["h"]]


def test_a_cycle_without_tests_is_joined_to_nothing() -> None:
    """Nothing gives nothing."""
    assert join([], served()).served == ()


def test_only_skipped_tests_are_joined_to_nothing() -> None:
    """A test that did not run was served by nobody."""
    assert names([ran("test_later", Outcome.SKIPPED)], served()) == [[]]

"""What is compared with what: rca/scene.py."""

from dataclasses import replace

import pytest

from rca import scene
from rca.model import Close, Initiator, Join, Outcome, Socket
from tests import build
from tests.build import Ran, failed, ran, socket


def joined(
    *pairs: tuple[Ran, list[Socket]], others: tuple[Socket, ...] = (), deaths: tuple[Socket, ...] = ()
) -> scene.Scene:
    """The scene of tests and the sockets that served them, beside other sockets and deaths of instances."""
    served = tuple(tuple(block) for _, block in pairs)
    everything = [*(one for block in served for one in block), *others]
    return scene.of_cycle(
        [test for test, _ in pairs], Join(served, None, "by hand"), everything, deaths, 100.0
    )


def ids(sockets: tuple[Socket, ...]) -> set[str]:
    """The names of sockets."""
    return {one.id for one in sockets}


# --- with a cycle ----------------------------------------------------------------------------------------


def test_sockets_of_failing_tests_are_bad_those_of_passing_ones_good() -> None:
    """The join and the outcomes decide, not what a socket looks like."""
    found = joined((failed("a"), [socket(0, 1, name="a")]), (ran("b"), [socket(5, 1, name="b")]))
    assert (ids(found.bad), ids(found.good)) == ({"a"}, {"b"})
    assert found.tests_of == {"a": ("a",)}


def test_a_failing_test_s_socket_that_ended_well_did_not_fail_it() -> None:
    """Of several, the ones that ended with 1000 are set aside while another is left."""
    sockets = [socket(0, 1, name="well", code=1000), socket(2, 1, name="ill")]
    found = joined((failed("a"), sockets))
    assert ids(found.bad) == {"ill"}
    assert "well" in ids(found.good)


def test_a_failing_test_whose_every_socket_ended_well_keeps_them() -> None:
    """A test that failed has failed of something: with nothing else left, its sockets are looked into."""
    assert ids(joined((failed("a"), [socket(0, 1, name="a", code=1000)])).bad) == {"a"}


def test_other_clients_sockets_that_ended_in_order_are_good() -> None:
    """They are what the failing ones are compared with."""
    other = socket(0, 1, name="o", code=1000, client="198.51.100.4")
    found = joined((failed("a"), [socket(0, 1, name="a")]), others=(other,))
    assert ids(found.good) == {"o"}


@pytest.mark.parametrize("code", [1001, 1005])
def test_going_away_and_no_status_are_in_order_too(code: int) -> None:
    """1001 and 1005 are how browsers leave."""
    other = socket(0, 1, name="o", code=code)
    assert ids(joined((failed("a"), [socket(0, 1, name="a")]), others=(other,)).good) == {"o"}


def test_a_socket_that_lived_far_longer_than_every_bad_one_is_good() -> None:
    """Five times the longest failing life: it did not fail like them, though nobody tells how it ended."""
    long, short = socket(0, 5.1, name="long"), socket(0, 4.0, name="short")
    found = joined((failed("a"), [socket(0, 1, name="a")]), others=(long, short))
    assert ids(found.good) == {"long"}


def test_a_long_life_that_ended_with_the_bad_ones_is_not_good() -> None:
    """What ended the failing sockets of an instance may have ended its other sockets with them."""
    other = socket(-60, 61.0, name="o")
    assert ids(joined((failed("a"), [socket(0, 1, name="a")]), others=(other,)).good) == set()


def test_a_long_life_among_instants_is_not_good() -> None:
    """Where the failing ones lived for tenths of a second, five times that is only a slow refusal."""
    other = socket(60, 0.6, name="o")
    assert ids(joined((failed("a"), [socket(0, 0.1, name="a")]), others=(other,)).good) == set()


def test_others_that_the_logs_show_ended_with_the_same_code_are_kin() -> None:
    """A close of the failing test's own code is kin; a normal or a lost one, or another code, is not."""
    others = tuple(socket(60, 1, name=str(code), code=code) for code in (1011, 1008, 1006, 1000))
    bad = [socket(0, 1, name="a", code=1011)]
    assert ids(joined((failed("a"), bad), others=others).kin) == {"1011"}
    lost = ran("a", Outcome.FAILED, error="ConnectionClosedError: no close frame received or sent")
    assert ids(joined((lost, [socket(0, 1, name="a", code=1006)]), others=others).kin) == set()


def test_no_socket_is_both_bad_and_good() -> None:
    """A socket that a failing and a passing test share counts against, not for."""
    shared = socket(0, 1, name="s", code=1000)
    found = joined((failed("a"), [shared]), (ran("b"), [shared]))
    assert (ids(found.bad), ids(found.good)) == ({"s"}, set())


def test_a_socket_without_an_end_ends_with_its_test() -> None:
    """Where no entry tells an end, the test's duration bounds the failing socket's life."""
    (bad,) = joined((failed("a", lasts_s=2.0), [socket(0, None, name="a")])).bad
    assert bad.end == build.after(2.0)


# --- how a socket ended ----------------------------------------------------------------------------------


def test_the_client_s_wording_tells_who_closed_and_why() -> None:
    """The service's logs name no code: the error of the test does, with sender and reason."""
    found = scene.as_seen(failed("a"), socket(0, 1), alone=True)
    assert found == Close(1011, "Internal error", Initiator.SERVER, build.after(1), None)


def test_a_code_without_a_wording_has_an_unknown_sender() -> None:
    """A report that gives a code only does not tell who closed."""
    test = ran("a", Outcome.FAILED, error="failed", code=1011)
    found = scene.as_seen(test, socket(0, 1), alone=True)
    assert found is not None
    assert (found.code, found.initiator) == (1011, Initiator.UNKNOWN)


def test_a_refused_handshake_has_no_close() -> None:
    """What was never accepted was never closed, whatever another socket of the test saw."""
    assert scene.as_seen(failed("a"), socket(0, 1, status=403), alone=True) is None


@pytest.mark.parametrize(
    ("told", "alone", "code"),
    [(1000, False, 1000), (1006, False, 1011), (1011, False, 1011), (1000, True, 1011), (1006, True, 1011)],
)
def test_the_connection_s_own_line_wins_where_a_test_had_several(
    told: int, *, alone: bool, code: int
) -> None:
    """The client's code is of one socket: of several, each one's own line is believed, save that it was lost."""
    line = build.line(f"disconnected code={told}", 1.0)
    close = Close(told, None, Initiator.UNKNOWN, build.after(1), line)
    seen = scene.as_seen(failed("a"), replace(socket(0, 1), close=close, lines=(line,)), alone=alone)
    assert seen is not None
    assert (seen.code, seen.told_by) == (code, line)


def test_a_test_that_nobody_served_stands_for_the_deaths_of_instances() -> None:
    """A server error whose request is not in the logs is compared with the instances that died."""
    unserved = ran("a", Outcome.FAILED, error="server rejected WebSocket connection: HTTP 503")
    death = replace(socket(0, 5, name="death", status=503), path=None, websocket=False, status=None)
    found = joined((unserved, []), deaths=(death,))
    assert (ids(found.bad), found.tests_of) == ({"death"}, {"death": ("a",)})
    assert ids(joined((failed("b"), []), deaths=(death,)).bad) == set()


def test_a_service_that_answers_has_no_test_that_nobody_served() -> None:
    """Where any request was served, a missing one is no proof of a dead instance."""
    unserved = ran("a", Outcome.FAILED, error="server rejected WebSocket connection: HTTP 503")
    death = replace(socket(0, 5, name="death", status=503), path=None, websocket=False, status=None)
    answering = socket(1, 0.1, name="health", path="/health", status=200)
    assert joined((unserved, []), others=(answering,), deaths=(death,)).bad == ()


def test_a_request_cut_off_by_the_platform_keeps_the_client_s_1006() -> None:
    """What a library tells its handler of a connection answered with 504 is made up: the client saw it lost."""
    line = build.line("disconnected code=1012", 1.0)
    close = Close(1012, None, Initiator.UNKNOWN, build.after(1), line)
    cut = replace(socket(0, 1), status=504, close=close, lines=(line,))
    test = ran("a", Outcome.FAILED, error=build.LOST)
    for alone in (True, False):
        seen = scene.as_seen(test, cut, alone=alone)
        assert seen is not None
        assert (seen.code, seen.initiator) == (1006, Initiator.NOBODY)


# --- without a cycle -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "bad"),
    [
        (socket(0, 1, name="x", code=1011), True),
        (socket(0, 1, name="x", code=4408), True),
        (socket(0, 1, name="x", code=1006), False),
        (socket(0, 1, name="x", code=1000), False),
        (socket(0, 1, name="x"), False),
        (socket(0, 1, name="x", status=403), True),
        (socket(0, 1, name="x", path="/orders", status=500), True),
        (socket(0, 1, name="x", path="/orders", status=404), False),
        (socket(0, 1, name="x", path="/orders", status=200), False),
    ],
)
def test_without_a_cycle_the_logs_show_what_failed(one: Socket, *, bad: bool) -> None:
    """Told closes, refused handshakes and server errors are bad; a missing page or a client that went away is not."""
    assert ids(scene.of_logs([one], (), 10.0).bad) == ({"x"} if bad else set())


def test_without_a_cycle_a_dead_instance_is_bad() -> None:
    """An instance that died is a failure of its own."""
    death = socket(0, 5, name="death", path="/orders", status=200)
    assert ids(scene.of_logs([], [death], 10.0).bad) == {"death"}


def test_watched_time_counts_every_instance() -> None:
    """The denominator of background rates is instances times seconds, and never nought."""
    assert scene.watched([], 3, build.after(100) - build.START) == 300.0
    assert scene.watched([], 0, build.START - build.START) > 0

"""Events tied to sockets: rca/link.py."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings, strategies as st

from rca.link import fatal_events, is_instance, link
from rca.model import Event, EventKind, Socket, Tie
from rca.weights import weights
from tests import build
from tests.build import platform, raised, said, silence, socket
from tests.examples import examples


def tied(event: Event, *sockets: Socket) -> dict[str, Tie]:
    """The names of the sockets that one event is tied to, and how."""
    return {one.socket.id: one.tie for one in link([event], sockets)}


# --- by name ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", [-30.0, 0.5, 600.0])
def test_the_same_trace_id_ties_whenever_it_was_logged(at: float) -> None:
    """Cloud Trace's id is the request's own: time and instance do not matter."""
    own = socket(0, 1, name="own", trace_id="aa11")
    other = socket(0, 1, name="other", trace_id="bb22")
    assert tied(said(after_s=at, trace_id="aa11", instance="i-9"), own, other) == {"own": Tie.TRACE}


def test_an_id_of_the_connection_ties() -> None:
    """An event that carries an identifier of one socket only is that socket's."""
    own = socket(0, 1, name="own", ids=["ses_0a1b2c3d4e"])
    other = socket(0, 1, name="other", ids=["ses_ffff2c3d4e"])
    event = said("ses_0a1b2c3d4e lost its oven", 40.0)
    assert tied(event, own, other) == {"own": Tie.ID}


def test_a_name_is_stronger_than_nearness() -> None:
    """An event with one socket's trace id is not also that of the socket that ended beside it."""
    own = socket(0, 1, name="own", trace_id="aa11")
    near = socket(20, 5, name="near")
    assert tied(said(after_s=25.0, trace_id="aa11"), own, near) == {"own": Tie.TRACE}


# --- by time and instance --------------------------------------------------------------------------------


def test_an_event_just_before_an_end_is_that_socket_s_alone() -> None:
    """Another socket that stays open on the same instance is not tied to it."""
    ends = socket(0, 1, name="ends")
    stays = socket(0, 60, name="stays")
    assert tied(said(after_s=0.95), ends, stays) == {"ends": Tie.INSTANCE}


@given(gap_ms=st.integers(-1900, 400), lasts=st.integers(10, 900))
def test_near_an_end_the_tie_is_exclusive(gap_ms: int, lasts: int) -> None:
    """From half a second before a socket's end to two seconds after it, an event is not a longer-lived one's too."""
    ends, stays = socket(-5, 5, name="ends"), socket(-5, 5 + lasts, name="stays")
    assert tied(said(after_s=-gap_ms / 1000), ends, stays) == {"ends": Tie.INSTANCE}


def test_of_two_that_end_together_an_event_is_not_theirs_who_closed_in_order() -> None:
    """A fault is no evidence against itself because a neighbour happened to leave, normally, at the same moment."""
    broke, left = socket(0, 1, name="broke", code=1011), socket(0, 1.01, name="left", code=1000)
    assert tied(said(after_s=0.99), broke, left) == {"broke": Tie.INSTANCE}
    assert tied(said(after_s=0.99), left) == {"left": Tie.INSTANCE}


def test_an_answered_plain_request_takes_no_later_event_from_a_connection() -> None:
    """A health check that was answered a second ago has nothing left that could fail; the open connection has."""
    check = socket(0, 0.01, name="check", path="/healthz", status=200)
    stays = socket(-5, 60, name="stays")
    assert tied(said(after_s=1.0), check, stays) == {"stays": Tie.INSTANCE}


def test_an_event_in_the_middle_of_lives_is_all_of_theirs() -> None:
    """Where no socket ends near it, an event lies in every socket that was open on its instance."""
    one, other, later = socket(0, 60, name="one"), socket(5, 60, name="other"), socket(50, 9, name="later")
    assert set(tied(said(after_s=20.0), one, other, later)) == {"one", "other"}


def test_another_instance_s_event_is_nobody_s() -> None:
    """Time alone, without the instance, ties nothing."""
    assert tied(said(after_s=0.95, instance="i-2"), socket(0, 1)) == {}


@pytest.mark.parametrize("at", [-5.0, 7.0])
def test_an_event_out_of_a_socket_s_life_is_not_its_own(at: float) -> None:
    """Before the opening, and more than five seconds after the end, nothing is tied by time."""
    assert tied(said(after_s=at), socket(0, 1)) == {}


def test_a_socket_without_an_end_is_open_to_the_last() -> None:
    """Where no end is told, every later event of the instance lies in its life."""
    assert set(tied(said(after_s=500.0), socket(0, None, name="open"))) == {"open"}


def test_a_silence_is_tied_to_the_sockets_that_end_in_it() -> None:
    """An event that lasts is near the ends of all sockets within it."""
    one, other, after = socket(0, 20, name="a"), socket(0, 25, name="b"), socket(0, 300, name="c")
    assert set(tied(silence(5.0, 21.0), one, other, after)) >= {"a", "b"}


def test_an_event_without_an_instance_can_be_any_socket_s() -> None:
    """Exports lose labels: what names no instance is compared with the sockets of all of them."""
    one, other = socket(0, 60, name="one"), socket(0, 60, name="other", instance="i-2")
    assert set(tied(said(after_s=20.0, instance=None), one, other)) == {"one", "other"}
    assert set(tied(said(after_s=20.0), one, socket(0, 60, name="bare", instance=None))) == {"one", "bare"}


@settings(max_examples=examples(40))
@given(ends=st.lists(st.integers(60, 200), min_size=1, max_size=12))
def test_a_silence_is_tied_to_every_socket_that_ended_in_it(ends: list[int]) -> None:
    """However many they are and however far apart: a blocked instance ends them all."""
    sockets = [socket(0, at / 10, name=f"s{i}") for i, at in enumerate(ends)]
    assert set(tied(silence(5.0, 16.0), *sockets)) == {one.id for one in sockets}


def test_a_deploy_is_tied_to_no_socket() -> None:
    """A deploy answers "why now"; it lies in no connection."""
    entry = build.line("x", 0.5)
    deploy = Event(EventKind.DEPLOY, entry.at, "deploy", "deploy", (entry,))
    assert tied(deploy, socket(0, 1)) == {}


def test_a_gap_is_told_from_the_event_to_the_end() -> None:
    """Positive before the socket's end, negative after it, in seconds."""
    before, after = (link([said(after_s=at)], [socket(0, 10)])[0].gap_s for at in (9.75, 10.5))
    assert before == pytest.approx(0.25)
    assert after == pytest.approx(-0.5)


# --- by state --------------------------------------------------------------------------------------------


def failed_start(instance: str = "i-1", at: float = 0.0) -> list[Event]:
    """An exception, and the exit of its instance two seconds later."""
    return [
        raised(build.exception("ModuleNotFoundError", "No module named 'yeast'"), at, instance=instance),
        platform("Container called exit(3).", at + 2, instance=instance),
    ]


def test_what_killed_an_instance_is_tied_to_the_requests_that_nobody_served() -> None:
    """A request that was answered 503 after a failed start of its revision is tied to the start's exception."""
    refused = socket(5, 0.1, name="refused", status=503, instance=None)
    links = link(failed_start(), [refused])
    assert {(one.event.title, one.tie) for one in links if one.socket.id == "refused"} >= {
        ("ModuleNotFoundError: No module named 'yeast'", Tie.STATE)
    }


def test_a_death_is_not_tied_to_what_was_refused_before_it() -> None:
    """A request that failed earlier failed of something else."""
    refused = socket(-60, 0.1, status=503, instance=None)
    assert link(failed_start(), [refused]) == ()


def test_a_death_is_not_tied_to_a_refusal_by_sign_in() -> None:
    """An instance that answers 403 to a plain request is alive."""
    refused = socket(5, 0.1, path="/orders", status=403, instance=None)
    assert link(failed_start(), [refused]) == ()


def test_an_old_death_does_not_explain_a_refusal_after_somebody_was_served() -> None:
    """Between the death and the refusal the revision answered a request: an instance was there."""
    refused = socket(60, 0.1, name="refused", status=503, instance=None)
    answered = socket(30, 0.1, name="answered", path="/orders", status=200, instance="i-2")
    assert {one.tie for one in link(failed_start(), [refused])} == {Tie.STATE}
    assert link(failed_start(), [refused, answered]) == ()


def test_a_death_is_tied_to_the_connections_that_ended_with_it() -> None:
    """A memory kill ends every connection of its instance; those of another instance live on."""
    death = platform("Memory limit of 512 MiB exceeded with 514 MiB used.", 10.0)
    cut, other = socket(0, 10.1, name="cut"), socket(0, 10.1, name="other", instance="i-2")
    links = link([death], [cut, other])
    assert {(one.socket.id, one.tie) for one in links} >= {("cut", Tie.DEATH)}
    assert "other" not in {one.socket.id for one in links}


def test_an_exception_is_fatal_where_its_instance_dies_soon_after() -> None:
    """Fifteen seconds are soon; another instance's death, or an hour later, is another story."""
    fatal, death = failed_start()
    elsewhere = raised(after_s=0.0, instance="i-2")
    long_before = raised(after_s=-3600.0)
    found = fatal_events([long_before, fatal, elsewhere, death], weights().tie)
    assert [one.title for one in found] == [fatal.title, death.title]


def test_an_instance_stands_for_itself_where_it_has_no_path() -> None:
    """A death that is counted like a failed socket has no path; a refused request has."""
    assert not is_instance(socket(0, 1, path="/orders", status=503))


# --- laws ------------------------------------------------------------------------------------------------


@settings(max_examples=examples(40))
@given(times=st.lists(st.integers(0, 300), min_size=1, max_size=8))
def test_the_order_of_sockets_and_events_does_not_matter(times: list[int]) -> None:
    """The same values in another order give the same ties."""
    sockets = [socket(at / 10, 3, name=f"s{i}", instance=f"i-{i % 2}") for i, at in enumerate(times)]
    events = [said(f"door {'abcdefgh'[i]} failed", at / 10 + 2.9) for i, at in enumerate(times)]

    def ties(events: Sequence[Event], sockets: Sequence[Socket]) -> set[tuple[str, str, Tie]]:
        return {(one.event.title, one.socket.id, one.tie) for one in link(events, sockets)}

    assert ties(events[::-1], sockets[::-1]) == ties(events, sockets)


@given(times=st.lists(st.integers(0, 3000), max_size=10))
def test_a_tie_by_instance_never_leaves_the_socket_s_life(times: list[int]) -> None:
    """By time, only what happened between opening and five seconds after the end is tied."""
    one = socket(100, 50, name="s")
    for found in link([said(after_s=at / 10) for at in times], [one]):
        assert -5.0 <= found.gap_s <= 50.1


def test_no_events_or_no_sockets_give_no_links() -> None:
    """Nothing ties nothing."""
    assert link([], [socket()]) == ()
    assert link([said()], []) == ()

"""How often Cloud Logging is called, and how long its refusals are borne: rca/sources/cloud/pace.py."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings, strategies as st

from rca.errors import SourceError
from rca.sources.cloud.pace import CALLS_A_MINUTE, MINUTE_S, Pace
from rca.sources.cloud.refusals import About, Refusal, Way
from tests.cloud.world import World
from tests.examples import examples

QUOTA = 60
"""Calls a minute that Logging allows a project. Source: Logging quotas."""

EIGHTHS = st.integers(0, 160).map(lambda eighths: eighths / 8)
"""Seconds that a float holds exactly: what is tested is the pace, not rounding."""


def refusal(way: Way, after_s: float | None = None) -> Refusal:
    """A call that was refused so."""
    return Refusal(way, SourceError("no"), About.ENDPOINT, after_s)


def most_in_a_minute(times: Sequence[float]) -> int:
    """The most calls that any 60 seconds hold."""
    return max(sum(start <= at < start + MINUTE_S for at in times) for start in times)


def called(pace: Pace, world: World, gaps: Sequence[float]) -> list[float]:
    """When the calls were let go that arrive with these gaps between them."""
    times = []
    for gap in gaps:
        world.at_s += gap
        pace.before_call()
        times.append(world.at_s)
    return times


def borne(pace: Pace, world: World, asked: Refusal) -> float:
    """How long a refusal that comes again and again is borne, in seconds."""
    began = world.at_s
    while True:
        pace.before_call()
        wait = pace.pause(asked)
        if wait is None:
            return world.at_s - began
        world.at_s += wait


def answered(times: int) -> tuple[Pace, World]:
    """A pace that so many calls were answered at, at once."""
    world = World()
    pace = Pace(world.outside)
    for _ in range(times):
        pace.before_call()
        pace.after_answer()
    return pace, world


# --- the rate --------------------------------------------------------------------------------------------


def test_the_rate_leaves_room_below_the_quota() -> None:
    """Fewer calls a minute are made than Logging allows."""
    assert CALLS_A_MINUTE < QUOTA


@given(gaps=st.lists(EIGHTHS, min_size=1, max_size=120))
@settings(max_examples=examples(50))
def test_no_minute_holds_more_calls_than_the_rate(gaps: list[float]) -> None:
    """However calls arrive, no 60 seconds, wherever they begin, hold more than 50."""
    world = World()
    assert most_in_a_minute(called(Pace(world.outside), world, gaps)) <= CALLS_A_MINUTE


def test_a_burst_goes_out_at_once_up_to_the_rate() -> None:
    """The first fifty calls wait for nothing; the next waits until the first is a minute old."""
    world = World()
    times = called(Pace(world.outside), world, [0.0] * (CALLS_A_MINUTE + 1))
    assert times == [0.0] * CALLS_A_MINUTE + [MINUTE_S]


@given(gaps=st.lists(EIGHTHS.map(lambda gap: gap + 1.25), max_size=60))
@settings(max_examples=examples(30))
def test_calls_that_are_slow_by_themselves_wait_for_nothing(gaps: list[float]) -> None:
    """Where calls come no more often than 48 a minute, there is no pause and nothing is said."""
    world = World()
    called(Pace(world.outside), world, gaps)
    assert (world.waits, world.told) == ([], [])


def test_the_user_is_told_what_is_waited_for() -> None:
    """A pause for the rate's sake says how long it is, and why."""
    world = World()
    called(Pace(world.outside), world, [0.0] * (CALLS_A_MINUTE + 1))
    assert world.told == ["waiting 60 s: rca keeps to 50 of the 60 calls a minute that Logging allows"]


# --- a quota that others use, too ------------------------------------------------------------------------


@given(left=st.integers(3, CALLS_A_MINUTE - 1), gaps=st.lists(EIGHTHS, min_size=1, max_size=100))
@settings(max_examples=examples(50))
def test_a_refusal_teaches_what_is_left_of_the_quota(left: int, gaps: list[float]) -> None:
    """Refused after so many answers within the minute, the next minute holds no more calls."""
    pace, world = answered(left)
    refused_s = world.at_s
    world.at_s += pace.pause(refusal(Way.QUOTA)) or 0.0
    assert sum(at <= refused_s + MINUTE_S for at in called(pace, world, gaps)) <= left


@pytest.mark.parametrize("left", [0, 1, 2])
def test_a_refusal_after_next_to_nothing_teaches_nothing(left: int) -> None:
    """One or two answers before a refusal tell of no rate: the next minute may hold fifty calls."""
    pace, world = answered(left)
    pace.pause(refusal(Way.QUOTA))
    world.at_s += MINUTE_S
    called(pace, world, [0.0] * CALLS_A_MINUTE)
    assert world.waits == []


@pytest.mark.parametrize("way", [way for way in Way if way is not Way.QUOTA])
def test_only_the_quota_s_refusal_teaches(way: Way) -> None:
    """A server that fails says nothing of the rate."""
    pace, world = answered(10)
    pace.pause(refusal(way))
    world.at_s += MINUTE_S
    called(pace, world, [0.0] * CALLS_A_MINUTE)
    assert world.waits == []


# --- pauses ----------------------------------------------------------------------------------------------


def test_pauses_double() -> None:
    """From half a second to half a minute."""
    pace, _ = answered(1)
    pauses = [pace.pause(refusal(Way.WAIT)) for _ in range(8)]
    assert pauses == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]


@given(chance=st.floats(0, 1, exclude_max=True), refusals=st.integers(0, 6))
def test_pauses_are_spread(chance: float, refusals: int) -> None:
    """Each is half as long to half as long again as it would be: those who were refused at once do not come at once."""
    pace, world = answered(1)
    world.chance = chance
    for _ in range(refusals):
        pace.pause(refusal(Way.WAIT))
    pause = pace.pause(refusal(Way.WAIT))
    assert pause is not None
    assert 0.5 <= pause / min(0.5 * 2**refusals, 30.0) <= 1.5


def test_an_answer_makes_pauses_short_again() -> None:
    """What was refused before an answer is forgotten."""
    pace, _ = answered(1)
    for _ in range(5):
        pace.pause(refusal(Way.WAIT))
    pace.after_answer()
    assert pace.pause(refusal(Way.WAIT)) == 0.5


def test_a_call_that_took_too_long_is_not_waited_for_longer_and_longer() -> None:
    """Such a call has waited by itself: the pause before the next stays short."""
    pace, _ = answered(1)
    assert [pace.pause(refusal(Way.NARROW)) for _ in range(4)] == [0.5] * 4


@given(after_s=st.floats(0.5, 70))
def test_a_server_that_asks_to_wait_is_waited_for(after_s: float) -> None:
    """The pause is never shorter than what the server asked for."""
    pace, _ = answered(1)
    assert pace.pause(refusal(Way.WAIT, after_s)) == after_s


@given(after_s=st.floats(max_value=0.5))
def test_a_server_cannot_ask_for_less_than_the_pause(after_s: float) -> None:
    """Nor for a wait in the past."""
    pace, _ = answered(1)
    assert pace.pause(refusal(Way.WAIT, after_s)) == 0.5


# --- patience --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("way", "answers", "patience_s"),
    [
        (Way.WAIT, 1, 75),
        (Way.WAIT, 0, 75),
        (Way.UNREACHED, 1, 75),
        (Way.UNREACHED, 0, 15),
        (Way.QUOTA, 1, 240),
        (Way.QUOTA, 0, 240),
        (Way.NARROW, 1, 300),
        (Way.NARROW, 0, 300),
    ],
)
def test_every_refusal_is_borne_so_long_and_no_longer(way: Way, answers: int, patience_s: float) -> None:
    """What fails again and again is given up within its patience, and not at once; where nobody answers, soon."""
    pace, world = answered(answers)
    assert patience_s / 2 <= borne(pace, world, refusal(way)) <= patience_s


def test_a_wait_beyond_all_patience_is_not_begun() -> None:
    """A server that asks for an hour is given up at once."""
    pace, _ = answered(1)
    assert pace.pause(refusal(Way.QUOTA, 3600.0)) is None
    assert pace.pause(refusal(Way.QUOTA, float("inf"))) is None


def test_the_time_that_a_refused_call_took_counts() -> None:
    """A server that takes a minute to refuse is not borne for longer than one that refuses at once."""
    pace, world = answered(1)
    pace.before_call()
    world.at_s += 76.0
    assert pace.pause(refusal(Way.WAIT)) is None


def test_an_answer_renews_the_patience() -> None:
    """A server that answers now and then is never given up."""
    pace, world = answered(1)
    for _ in range(100):
        pace.before_call()
        wait = pace.pause(refusal(Way.WAIT))
        assert wait is not None
        world.at_s += wait + 30.0
        pace.after_answer()


def test_the_learned_limit_grows_back() -> None:
    """Whoever used the quota up may have gone: each minute without a refusal the limit doubles."""
    pace, world = answered(3)
    pace.pause(refusal(Way.QUOTA))
    pace.after_answer()
    times = called(pace, world, [0.0] * 120)
    in_minute = [sum(MINUTE_S * n <= at < MINUTE_S * (n + 1) for at in times) for n in range(8)]
    assert in_minute[:2] == [0, 3]
    assert max(in_minute) >= 12
    assert most_in_a_minute(times) <= CALLS_A_MINUTE

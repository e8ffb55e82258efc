"""Suspects ranked: what is blamed, how surely, and why not the others (rca/rank.py)."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings, strategies as st

from rca.link import link
from rca.model import Close, Event, Initiator, Socket
from rca.rank import Ranking, rank
from rca.scene import Scene
from rca.server import Fingerprint
from rca.weights import weights
from tests import build
from tests.build import platform, raised, said, silence, socket
from tests.examples import examples

SERVER_1011 = Close(1011, "Internal error", Initiator.SERVER, build.START, None)
MOST = weights().confidence.most
KEEPALIVE = Close(1011, "keepalive ping timeout", Initiator.CLIENT, build.START, None)
LOST = Close(1006, None, Initiator.NOBODY, build.START, None)


def scene(bad: Sequence[Socket], good: Sequence[Socket] = (), ended: Close = SERVER_1011) -> Scene:
    """Failing sockets, each of a test of its own that saw the same end, and sockets that ended well."""
    return Scene(
        bad=tuple(bad),
        good=tuple(good),
        closes={one.id: ended for one in bad},
        tests_of={one.id: (f"test_{one.id}",) for one in bad},
        watched_s=600.0,
    )


def ranked(
    events: Sequence[Event],
    bad: Sequence[Socket],
    good: Sequence[Socket] = (),
    ended: Close = SERVER_1011,
) -> Ranking:
    """The ranking of events over failing and good sockets."""
    ordered = sorted(events, key=lambda event: event.at)
    seen = replace(scene(bad, good, ended), server=Fingerprint(server="uvicorn"))
    return rank(ordered, link(ordered, [*bad, *good]), seen)


def failing(count: int = 3, every_s: float = 20.0) -> list[Socket]:
    """Failing sockets of a second each, with trace ids, on one instance."""
    return [socket(at * every_s, 1.0, name=f"b{at}", trace_id=f"bad{at}") for at in range(count)]


def passing(count: int = 6, every_s: float = 20.0) -> list[Socket]:
    """Good sockets of a second each, beside the failing ones."""
    return [
        socket(10 + at * every_s, 1.0, name=f"g{at}", trace_id=f"good{at}", code=1000) for at in range(count)
    ]


def by_trace(bad: Sequence[Socket]) -> list[Event]:
    """The same exception in each socket, logged with the socket's trace id."""
    return [
        raised(after_s=(one.start - build.START).total_seconds() + 0.9, trace_id=one.trace_id) for one in bad
    ]


def title(ranking: Ranking) -> str | None:
    """What is blamed first; None where nothing is."""
    return ranking.established[0].message if ranking.established else None


def test_other_people_s_same_closes_prove_what_one_failing_test_cannot() -> None:
    """One socket and a fault that everybody meets: near their ends, too, it is no chance."""
    bad = [socket(0, 1.0, name="b0", code=1011)]
    kin = [socket(20.0 * at, 1.0, name=f"k{at}", code=1011) for at in range(1, 9)]
    good = [socket(10 + 20.0 * at, 1.0, name=f"g{at}", code=1000) for at in range(8)]
    events = [raised(after_s=(one.start - build.START).total_seconds() + 0.95) for one in [*bad, *kin]]
    sockets = [*bad, *kin, *good]
    alone = rank(events, link(events, sockets), replace(scene(bad, good), watched_s=180.0))
    together = rank(events, link(events, sockets), replace(scene(bad, good), watched_s=180.0, kin=tuple(kin)))
    chances = [one.established[0].chance if one.established else 1.0 for one in (alone, together)]
    assert chances[1] < chances[0] / 100
    assert together.established[0].covers == (1, 1)


# --- what is blamed --------------------------------------------------------------------------------------


def test_a_fault_tied_by_trace_to_every_bad_socket_and_no_good_one_is_the_cause() -> None:
    """It explains every failing test, with its category, frame and signals."""
    (cause,) = ranked(by_trace(failing()), failing(), passing()).established
    assert (cause.exception, cause.message, cause.category) == ("ValueError", "too hot", "application_error")
    assert cause.tests == ("test_b0", "test_b1", "test_b2")
    assert cause.frame is not None
    assert cause.frame.function == "bake"
    assert cause.why_not is None


NOISE = st.lists(
    st.tuples(
        st.sampled_from(["flour is late", "till is offline", "mill cannot turn"]),
        st.integers(0, 1300),
        st.booleans(),
    ),
    max_size=30,
)


@pytest.mark.slow
@settings(max_examples=examples(25), deadline=None)
@given(noise=NOISE)
def test_noise_that_also_lies_in_good_sockets_never_wins(noise: list[tuple[str, int, bool]]) -> None:
    """Whatever else is logged, loud or late, traced or not, over failing and passing tests alike."""
    bad, good = failing(), passing()
    everywhere = [
        said(text, at / 10) for text in ("oven is hot", "door creaks badly") for at in range(5, 1200, 100)
    ]
    loud = [
        raised(build.exception("KeyError", text, [build.frame("count_" + text.split()[0])]), at / 10)
        if traced
        else said(text, at / 10)
        for text, at, traced in noise
    ]
    in_good = [
        said(text, (one.start - build.START).total_seconds() + 0.5, trace_id=one.trace_id)
        for text, *_ in noise
        for one in good
    ]
    found = ranked([*by_trace(bad), *everywhere, *loud, *in_good], bad, good)
    assert title(found) == "too hot"
    assert found.established[0].tests == ("test_b0", "test_b1", "test_b2")
    assert not found.unexplained


def test_an_empty_log_gives_no_cause() -> None:
    """Failing tests without any event are unexplained."""
    found = ranked([], failing(), passing())
    assert (found.established, found.alternatives) == ((), ())
    assert found.unexplained == ("b0", "b1", "b2")


@settings(max_examples=examples(30), deadline=None)
@given(times=st.lists(st.integers(0, 600), min_size=1, max_size=40))
def test_a_log_of_unrelated_errors_gives_no_cause(times: list[int]) -> None:
    """Errors of another instance, however many and whenever, are nobody's cause; the loudest are still listed."""
    found = ranked([said("flour is late", at / 10, instance="i-9") for at in times], failing(), passing())
    assert found.established == ()
    assert [one.why_not for one in found.alternatives] == [
        "none of its occurrences lies in a connection that failed"
    ]


@pytest.mark.parametrize("every_s", [0.5, 1.0, 2.0])
def test_a_regular_error_that_chance_lays_on_the_bad_sockets_is_not_blamed(every_s: float) -> None:
    """What is logged every second lies in every socket: time alone says nothing."""
    beat = [said("flour is late", at * every_s) for at in range(int(120 / every_s))]
    found = ranked(beat, failing(), passing())
    assert found.established == ()
    assert found.alternatives[0].why_not


def test_an_error_beside_every_end_and_nowhere_else_is_blamed_by_time() -> None:
    """Without trace ids, being rare elsewhere and beside each failing end is enough."""
    bad = [socket(at * 20.0, 1.0, name=f"b{at}") for at in range(4)]
    found = ranked([said("no flour left", at * 20.0 + 0.98) for at in range(4)], bad, passing())
    assert title(found) == "no flour left"
    time = next(one for one in found.established[0].signals if one.name == "time")
    assert time.contributes


def test_two_faults_beside_the_same_ends_are_not_guessed_between() -> None:
    """By time only, and alike in everything, neither is blamed: the order of their lines alternates."""
    bad = [socket(at * 20.0, 1.0, name=f"b{at}") for at in range(4)]
    both = [
        said(text, at * 20.0 + 0.97 + 0.01 * ((at + which) % 2))
        for at in range(4)
        for which, text in enumerate(("no flour left", "mill is jammed"))
    ]
    found = ranked(both, bad, passing())
    assert found.established == ()
    assert {one.why_not for one in found.alternatives} == {
        "another suspect fits as well: the logs do not tell which of them it was"
    }


def test_two_causes_explain_each_their_own_tests() -> None:
    """A cause takes its sockets away, and the rest is ranked again; the one with more tests leads."""
    bad = failing(5)
    other = build.exception("KeyError", "'rye'", [build.frame("mix")])
    events = [
        *by_trace(bad[:3]),
        *(
            raised(other, (one.start - build.START).total_seconds() + 0.9, trace_id=one.trace_id)
            for one in bad[3:]
        ),
    ]
    first, second = ranked(events, bad, passing()).established
    assert (first.message, first.tests) == ("too hot", ("test_b0", "test_b1", "test_b2"))
    assert (second.message, second.tests) == ("'rye'", ("test_b3", "test_b4"))


def test_a_failing_test_that_nothing_explains_is_said_to_be_unexplained() -> None:
    """A cause explains the sockets that it is tied to, and no others."""
    found = ranked(by_trace(failing(4)[:3]), failing(4), passing())
    assert found.established[0].tests == ("test_b0", "test_b1", "test_b2")
    assert found.unexplained == ("b3",)


def test_sockets_that_end_together_beside_one_stray_event_are_one_coincidence() -> None:
    """Ten ends in one second, and one line beside them: that is one chance meeting, not ten."""
    bad = [socket(0, 30.0, name=f"b{at}") for at in range(10)]
    strays = [said("flour is late", at) for at in (29.9, 100.0, 200.0, 300.0, 400.0, 500.0)]
    found = ranked(strays, bad, passing(3, 100.0))
    assert found.established == ()
    assert "tied by time only" in (found.alternatives[0].why_not or "")


def test_a_tie_by_time_to_a_minority_of_sockets_is_not_accepted() -> None:
    """Rare elsewhere and beside two of six ends: time alone must tell of half of them at least."""
    bad = [socket(at * 20.0, 1.0, name=f"b{at}") for at in range(6)]
    lines = [said("no flour left", at * 20.0 + 0.99) for at in range(6)]
    few, half = ranked(lines[:2], bad, passing()), ranked(lines[:3], bad, passing())
    assert (few.established, few.unexplained) == ((), tuple(one.id for one in bad))
    assert title(half) == "no flour left"


@pytest.mark.parametrize("order", [1, -1])
def test_of_two_traced_exceptions_on_the_same_sockets_the_nearest_to_the_end_wins(order: int) -> None:
    """The earlier one was survived: the connection went on after it, whichever is read first."""
    bad = failing()
    earlier = build.exception("KeyError", "'rye'", [build.frame("mix")])
    events = [
        raised(error, (one.start - build.START).total_seconds() + at, trace_id=one.trace_id)
        for one in bad
        for error, at in ((earlier, 0.2), (None, 0.95))
    ][::order]
    assert [one.message for one in ranked(events, bad, passing()).established] == ["too hot"]


@pytest.mark.parametrize("order", [1, -1])
def test_what_came_after_the_end_is_the_aftermath_of_what_came_before_it(order: int) -> None:
    """A clean-up that fails right after the close is not blamed for it, though it lies nearer to the end."""
    bad = failing()
    cleaning = build.exception("LookupError", "no such guest", [build.frame("sweep")])
    events = [
        raised(error, (one.start - build.START).total_seconds() + at, trace_id=one.trace_id)
        for one in bad
        for error, at in ((None, 0.96), (cleaning, 1.005))
    ][::order]
    assert [one.message for one in ranked(events, bad, passing()).established] == ["too hot"]


@pytest.mark.slow
def test_thousands_of_sockets_give_no_overflow() -> None:
    """Probabilities of thousands of ties are worked out all the same, and stay numbers."""
    bad = [socket(at * 0.1, 0.05, name=f"b{at}") for at in range(2000)]
    found = ranked([said("no flour left", at * 0.1 + 0.04) for at in range(0, 2000, 2)], bad)
    for one in (*found.established, *found.alternatives):
        assert math.isfinite(one.score)
        assert 0.0 <= one.confidence <= 0.7


# --- what cannot be --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "ended", "blamed"),
    [
        ("Exception in ASGI application", SERVER_1011, False),
        ("Exception in ASGI application", LOST, True),
        ("order failed", SERVER_1011, True),
        ("order failed", KEEPALIVE, False),
    ],
)
def test_what_cannot_have_closed_a_socket_this_way_is_not_blamed(
    header: str, ended: Close, *, blamed: bool
) -> None:
    """Sender, code and reason outweigh any tie: the suspect is listed with the reason instead."""
    bad = failing()
    events = [
        raised(after_s=(one.start - build.START).total_seconds() + 0.9, trace_id=one.trace_id, header=header)
        for one in bad
    ]
    found = ranked(events, bad, passing(), ended)
    assert bool(found.established) is blamed
    assert blamed or (found.alternatives[0].why_not or "").strip()


def test_a_line_that_only_says_that_something_failed_is_a_symptom() -> None:
    """Tied to every failing socket, it still names no cause."""
    bad = failing()
    lines = [
        said(
            "WebSocket handler failed", (one.start - build.START).total_seconds() + 0.9, trace_id=one.trace_id
        )
        for one in bad
    ]
    found = ranked(lines, bad, passing())
    assert found.established == ()
    assert "not what" in (found.alternatives[0].why_not or "")


def test_a_blocked_instance_explains_a_keepalive_time_out() -> None:
    """A client that closed for want of a pong is explained by the silence of its instance."""
    bad = [socket(0, 25.0, name="b0"), socket(2, 25.0, name="b1")]
    found = ranked([silence(4.0, 24.0)], bad, passing(8, 40.0), KEEPALIVE)
    assert [one.category for one in found.established] == ["event_loop_blocked"]


def test_a_killed_instance_explains_connections_that_were_lost_with_it() -> None:
    """Memory that ran out is the cause of connections that ended without a close frame at that moment."""
    bad = [socket(at, 30.0 - at, name=f"b{at}") for at in (0, 3, 6)]
    kill = platform("Memory limit of 512 MiB exceeded with 514 MiB used.", 30.0)
    found = ranked([kill], bad, passing(3, 100.0), LOST)
    assert [one.category for one in found.established] == ["resource_exhaustion"]


@pytest.mark.parametrize("after_s", [0.0, 0.02])
def test_the_limit_says_more_than_the_killing_that_follows_from_it(after_s: float) -> None:
    """Whichever of the platform's two lines comes first, the memory limit is named, not the signal."""
    bad = [socket(at, 30.0 - at, name=f"b{at}") for at in (0, 3, 6)]
    limit = platform("Memory limit of 512 MiB exceeded with 514 MiB used.", 30.02 - after_s)
    kill = platform("Container terminated on signal 9.", 30.0 + after_s)
    found = ranked([limit, kill], bad, passing(3, 100.0), LOST)
    assert title(found) == limit.title
    assert ranked([kill], bad, passing(3, 100.0), LOST).established[0].category == "resource_exhaustion"


def test_a_known_cause_says_what_is_to_be_mended() -> None:
    """The catalogue's category is the answer's: it knows what the rules on types and words do not."""
    bad = failing()
    refused = (
        "bake aborted: rpc error: code = PermissionDenied desc = User not authorized to perform this action."
    )
    events = [
        said(refused, (one.start - build.START).total_seconds() + 0.99, trace_id=one.trace_id) for one in bad
    ]
    (cause,) = ranked(events, bad, passing()).established
    assert (cause.known, cause.category) == ("permission-denied-by-google", "configuration_error")


# --- how surely, and why not -----------------------------------------------------------------------------


def test_nothing_is_certain() -> None:
    """The best of grounds give less than certainty."""
    assert 0.7 < ranked(by_trace(failing(9)), failing(9), passing(20)).established[0].confidence <= MOST


@settings(max_examples=examples(20), deadline=None)
@given(count=st.integers(1, 12), good=st.integers(0, 12), named=st.integers(0, 12))
def test_confidence_never_exceeds_its_cap(count: int, good: int, named: int) -> None:
    """However many sockets a fault explains, and however few it spares, nobody is surer than the curve allows."""
    bad = failing(count)
    found = ranked(by_trace(bad[:named]), bad, passing(good))
    assert all(0.0 <= one.confidence <= MOST for one in (*found.established, *found.alternatives))


def test_one_socket_tied_by_time_alone_is_an_even_chance_at_most() -> None:
    """One meeting in time can be luck: 0.5 is the most that it gives."""
    (cause,) = ranked([said("no flour left", 0.99)], [socket(0, 1.0, name="b0")], passing()).established
    assert 0.0 < cause.confidence <= 0.5


def test_confidence_never_falls_with_the_share_explained() -> None:
    """Three of three is no less sure than three of nine."""
    all_of, some_of = ranked(by_trace(failing(3)), failing(3)), ranked(by_trace(failing(3)), failing(9))
    assert all_of.established[0].confidence >= some_of.established[0].confidence


def test_every_signal_has_a_hint_whether_it_counted_or_not() -> None:
    """The reader can ask of each suspect why, and why not."""
    bad, good = failing(), passing()
    noise = [said("flour is late", at * 10.0) for at in range(12)]
    found = ranked([*by_trace(bad), *noise], bad, good)
    suspects = [*found.established, *found.alternatives]
    assert len(suspects) == 2
    for suspect in suspects:
        names = [signal.name for signal in suspect.signals]
        assert len(set(names)) == len(names)
        assert all(signal.hint for signal in suspect.signals)
        assert (suspect.why_not is None) == (suspect in found.established)


def test_scores_are_the_sum_of_the_signals_that_count() -> None:
    """The score of a cause can be added up by hand."""
    (cause,) = ranked(by_trace(failing()), failing(), passing()).established
    assert cause.score == pytest.approx(sum(one.weight for one in cause.signals if one.contributes))


@pytest.mark.slow
@settings(max_examples=examples(25))
@given(order=st.permutations(range(6)))
def test_the_order_of_events_and_sockets_does_not_matter(order: list[int]) -> None:
    """The same values in any order give the same ranking."""
    bad, good = failing(), passing()
    events = [*by_trace(bad), *(said("flour is late", at * 7.0) for at in range(3))]

    def answer(events: Sequence[Event], bad: Sequence[Socket]) -> Mapping[str, float]:
        found = rank(events, link(events, [*bad, *good]), scene(bad, good))
        return {one.fingerprint: one.score for one in (*found.established, *found.alternatives)}

    assert answer([events[i] for i in order], bad[::-1]) == answer(events, bad)

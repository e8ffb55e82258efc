"""The signals for and against a suspect, and those that refuse it: rca/signals.py."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from rca.contrast import Counts
from rca.link import link
from rca.model import Close, Event, Initiator, Signal, Socket
from rca.scene import Scene
from rca.signals import REFUSALS, signals_of
from tests import build
from tests.build import raised, said, socket

COUNTS = Counts(
    bad=2,
    bad_tied=2,
    bad_named=2,
    good=0,
    good_tied=0,
    peers=0,
    peers_tied=0,
    last=0,
    chance=1.0,
    width_s=0.5,
)


def failing(code: int | None, status: int = 101) -> list[Socket]:
    """Two failing sockets of a second each, closed with this code or refused with this status."""
    path = "/ws" if status == 101 else "/orders"
    return [
        socket(at, 1.0, name=f"b{at}", code=code, status=status, path=path, trace_id=f"bad{at}")
        for at in (0, 20)
    ]


def in_each(sockets: Sequence[Socket], text: str, at: float = 0.95, severity: str = "ERROR") -> list[Event]:
    """The same line in each socket, so long after its opening."""
    return [
        said(
            text,
            (one.start - build.START).total_seconds() + at,
            trace_id=one.trace_id,
            severity=severity,
        )
        for one in sockets
    ]


def signals(events: Sequence[Event], bad: Sequence[Socket], counts: Counts = COUNTS) -> dict[str, Signal]:
    """The signals of these occurrences of one fault, by name."""
    ended = {
        one.id: replace(one.close, initiator=Initiator.SERVER) for one in bad if isinstance(one.close, Close)
    }
    scene = Scene(tuple(bad), (), ended, {one.id: (f"test_{one.id}",) for one in bad}, 600.0)
    return {one.name: one for one in signals_of(events, link(events, bad), counts, scene)}


def refusals(found: dict[str, Signal]) -> list[str]:
    """Those of the refusing signals that count."""
    return [name for name in REFUSALS if name in found and found[name].contributes]


# --- wording ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("WebSocket handler failed for user u-7", True),
        ("Error in websocket session=ab-12: connection closed unexpectedly", True),
        ("run given up: KeyError('chart')", False),
        ("oven door is jammed", False),
    ],
)
def test_a_line_that_only_says_that_something_failed_is_refused(text: str, *, refused: bool) -> None:
    """Ids and names of users say nothing; the name of an exception, or of a thing that broke, does."""
    bad = failing(1011)
    assert refusals(signals(in_each(bad, text), bad)) == (["wording"] if refused else [])


def test_one_occurrence_that_says_what_failed_is_enough() -> None:
    """The others are the same fault, told in fewer words."""
    bad = failing(1011)
    vague, telling = in_each(bad[:1], "handler failed"), in_each(bad[1:], "handler failed: oven is cold")
    assert refusals(signals([*vague, *telling], bad)) == []


# --- mere warnings ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "status", "refused"),
    [
        (1008, 101, False),
        (4401, 101, False),
        (None, 403, False),
        (None, 429, False),
        (1011, 101, True),
        (1006, 101, True),
        (None, 503, True),
    ],
)
def test_a_mild_warning_counts_where_clients_are_turned_away(
    code: int | None, status: int, *, refused: bool
) -> None:
    """A refusal on purpose (1008, 4xxx, HTTP 4xx) is logged as a warning; a fault is not."""
    bad = failing(code, status)
    found = signals(in_each(bad, "no such customer", severity="WARNING"), bad)
    assert found["mild"].contributes is refused


def test_a_mild_warning_counts_only_as_the_last_word() -> None:
    """A warning that the connection outlived by more than half a second did not end it."""
    bad = failing(1008)
    early = signals(in_each(bad, "no such customer", at=0.3, severity="WARNING"), bad)
    late = signals(in_each(bad, "no such customer", at=0.6, severity="WARNING"), bad)
    assert (early["mild"].contributes, late["mild"].contributes) == (True, False)


def test_a_mild_warning_must_explain_nearly_every_failing_socket() -> None:
    """Two of four are too few."""
    bad = failing(1008)
    found = signals(in_each(bad, "no such customer", severity="WARNING"), bad, replace(COUNTS, bad=4))
    assert found["mild"].contributes


@pytest.mark.parametrize("text", ["customer lookup timed out", "KeyError: 'rye'"])
def test_a_warning_that_says_that_something_went_wrong_is_not_mild(text: str) -> None:
    """The words of an error, or the name of an exception, weigh more than the severity."""
    bad = failing(1011)
    assert not signals(in_each(bad, text, severity="WARNING"), bad)["mild"].contributes


# --- what others share -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counts", "shared"),
    [
        (replace(COUNTS, good=20, peers=4, peers_tied=4, good_tied=4), True),
        (replace(COUNTS, good=20, peers=4, peers_tied=3, good_tied=3), True),
        (replace(COUNTS, good=20, peers=2, peers_tied=1, good_tied=1), False),
        (replace(COUNTS, good=20, peers=4, peers_tied=1, good_tied=1), False),
        (replace(COUNTS, good=20, good_tied=12), True),
        (replace(COUNTS, good=20, good_tied=2), False),
        (replace(COUNTS, good=1, good_tied=1, peers=1, peers_tied=1), False),
    ],
)
def test_what_lies_in_passing_tests_sockets_as_well_is_refused(counts: Counts, *, shared: bool) -> None:
    """Even if strangers' sockets lack it, who never do what the tests do; one socket proves nothing."""
    bad = failing(1011)
    found = signals(in_each(bad, "oven door is jammed"), bad, counts)
    assert found["shared"].contributes is shared
    assert refusals(found) == (["shared"] if shared else [])


# --- laws ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("events", [[said()], [raised()], [said(severity="WARNING")]])
def test_every_signal_is_given_once_with_a_hint(events: list[Event]) -> None:
    """Whether it counted or not, and also where nothing is tied; one that does not count weighs nothing."""
    found = signals_of(events, (), COUNTS, Scene((), (), {}, {}, 600.0))
    assert len({one.name for one in found}) == len(found)
    assert all(one.hint for one in found)
    assert {one.weight for one in found if not one.contributes} <= {0.0}
    assert set(REFUSALS) - {"known"} <= {one.name for one in found}

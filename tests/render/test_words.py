"""Times, durations and counts in the words a reader expects."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, strategies as st

from rca.render import words

AT = datetime(2026, 5, 14, 9, 16, 2, 361207, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0.0, "0 ms"),
        (0.067, "67 ms"),
        (0.9994, "999 ms"),
        (0.9996, "1.0 s"),
        (4.21, "4.2 s"),
        (59.96, "1 min 00 s"),
        (312, "5 min 12 s"),
        (3720, "1 h 02 min"),
        (-0.6, "-600 ms"),
        (None, words.NOTHING),
    ],
)
def test_a_duration_has_the_unit_that_fits(seconds: float | None, told: str) -> None:
    """About three digits, in the unit a person would choose."""
    assert words.life(seconds) == told


@given(st.floats(0, 86_400))
def test_no_duration_rounds_up_to_its_own_unit(seconds: float) -> None:
    """There is no `1000 ms`, no `60.0 s`, no `60 min`."""
    told = words.life(seconds)
    assert not told.startswith(("1000 ms", "60.0 s", "60 min"))


def test_a_time_carries_its_date_when_it_is_another_day() -> None:
    """The date is said where the reader would take it for another."""
    assert words.clock(AT) == "09:16:02.361"
    assert words.clock(AT, date(2026, 5, 14)) == "09:16:02.361"
    assert words.clock(AT, date(2026, 5, 13)) == "2026-05-14 09:16:02.361"
    assert words.clock(AT, digits=0) == "09:16:02"
    assert words.clock(None) == words.NOTHING


def test_a_span_says_its_date_once() -> None:
    """Both dates only where they differ."""
    assert words.span(AT, AT.replace(hour=10)) == "2026-05-14 09:16:02\u201310:16:02 UTC"
    assert words.span(AT, AT.replace(day=15)) == "2026-05-14 09:16:02\u20132026-05-15 09:16:02 UTC"
    assert words.span(AT, None) == ""


def test_numbers_agree_with_their_nouns() -> None:
    """One test, two tests; all, both, some of them."""
    assert words.count(1, "test") == "1 test"
    assert words.count(2, "entry", "entries") == "2 entries"
    assert words.of_failing(1, 1) == "the one failing test"
    assert words.of_failing(2, 2) == "both failing tests"
    assert words.of_failing(3, 3) == "all 3 failing tests"
    assert words.of_failing(1, 3) == "1 of 3 failing tests"


def test_a_long_list_is_counted() -> None:
    """What is left out of a list is said."""
    assert words.listed(["a", "b", "c"], 3) == "a, b, c"
    assert words.listed(["a", "b", "c", "d"], 3) == "a, b, c and 1 more"


def test_a_confidence_without_labels_is_marked() -> None:
    """The number alone would claim what nobody measured."""
    assert words.confidence(0.934, calibrated=True) == "confidence 0.93"
    assert words.confidence(0.7, calibrated=False) == "confidence 0.70, not calibrated"

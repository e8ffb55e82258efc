"""Identifiers by which the lines of one connection are known: rca/identifiers.py."""

import pytest
from hypothesis import given, strategies as st

from rca.identifiers import identifiers
from tests import build


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("started ses_9dd47112fa for the till", {"ses_9dd47112fa"}),
        ("run-65b7146506 is late", {"run-65b7146506"}),
        ("session=k4kk9 opened", {"k4kk9"}),
        (
            "order 5b0e6a52-1b1c-4b1e-9d58-0a54f0b4c0de lost",
            {"5b0e6a52-1b1c-4b1e-9d58-0a54f0b4c0de"},
        ),
        ("the oven door is jammed", set()),
        ("baked 1011 loaves in 1011 ms", set()),
        ("half_baked loaf", set()),
    ],
)
def test_id_shaped_words_of_a_line_are_its_identifiers(text: str, expected: set[str]) -> None:
    """A kind and a code, a UUID, or a value that is named like an id; never a bare number or word."""
    assert identifiers(build.line(text)) == expected


def test_payload_fields_named_like_an_id_are_identifiers() -> None:
    """Session, run and request ids in a payload count; other fields, and short counters, do not."""
    payload = {"message": "done", "session_id": "k7-till", "requestId": 918273, "oven": "o-33", "run": 12}
    assert identifiers(build.line(payload)) == {"k7-till", "918273"}


@pytest.mark.parametrize(
    ("value", "own"),
    [("lane-fccf56", True), ("charge/2bd5bdf", True), ("us-central1", False), ("half-baked", False)],
)
def test_a_field_s_value_that_can_only_be_an_id_is_one(value: str, *, own: bool) -> None:
    """A kind and a hexadecimal code, whatever the field is called; a region's name is none."""
    assert identifiers(build.line({"message": "done", "lane": value})) == ({value} if own else set())


def test_a_peer_s_address_counts_only_with_its_real_port() -> None:
    """An address behind a proxy carries port 0 and is everybody's."""
    assert identifiers(build.line('203.0.113.9:51234 - "WebSocket /ws" [accepted]'))
    assert not identifiers(build.line('203.0.113.9:0 - "WebSocket /ws" [accepted]'))


def test_only_the_beginning_of_a_line_is_searched() -> None:
    """An id behind a kilobyte of text is not found, and a megabyte costs nothing."""
    assert not identifiers(build.line("x " * 500_000 + "ses_9dd47112fa"))


@given(text=st.text(max_size=400))
def test_an_identifier_always_holds_a_digit(text: str) -> None:
    """Whatever a line says, a word without a digit is never an identifier."""
    assert all(any(c.isdigit() for c in one) for one in identifiers(build.line(text)))

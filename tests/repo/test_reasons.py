"""Whether a text of the code can have given the reason that a connection ended with."""

import pytest
from hypothesis import given, strategies as st

from rca.repo.findings import Match
from rca.repo.reasons import agreement
from rca.repo.values import (
    Computed,
    Either,
    Join,
    Meaning,
    Name,
    Number,
    Parameter,
    Pattern,
    Shortened,
    Text,
    Value,
)

LETTERS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Z")), min_size=4, max_size=200)


def patterns(value: Value) -> tuple[Pattern, ...]:
    """The texts that a value can stand for, where no name stands for anything."""
    return Meaning(lambda _: None).patterns(value)


def match(value: Value, reason: str) -> Match:
    """How a value agrees with a reason."""
    return agreement(patterns(value), [reason])[0]


@given(LETTERS)
def test_a_text_agrees_with_itself(text: str) -> None:
    """What is written is what is sent."""
    assert match(Text(text), text) is Match.EXACT


@given(LETTERS)
def test_a_reason_that_a_close_frame_cut_still_agrees(text: str) -> None:
    """A frame holds 123 bytes: whatever was sent of a longer text is known again, a letter cut in half or not."""
    long = text * 124
    cut = long.encode()[:123].decode("utf-8", "ignore")
    assert match(Text(long), cut) is Match.EXACT
    assert match(Join((Text(text), Computed(), Text(long))), cut) in (
        Match.EXACT,
        Match.PARTS,
        Match.COMPUTED,
    )


@given(
    st.lists(st.one_of(LETTERS, st.none()), min_size=1, max_size=6), st.lists(st.text(max_size=9), min_size=6)
)
def test_what_a_pattern_can_give_agrees_with_it(parts: list[str | None], computed: list[str]) -> None:
    """Fixed parts with any text between them match their own pattern."""
    value = Join(tuple(Computed() if one is None else Text(one) for one in parts))
    given_ = "".join(computed[at] if one is None else one for at, one in enumerate(parts))
    expected = {True: Match.EXACT, False: Match.PARTS}[None not in parts]
    letters = sum(letter.isalnum() for one in parts if one for letter in one)
    agreed = match(value, given_)
    assert agreed is (
        expected if letters >= 3 or None not in parts else Match.COMPUTED if given_.strip() else Match.OTHER
    )


@given(LETTERS, st.integers(5, 60))
def test_a_text_that_the_code_cuts_agrees_with_what_is_left(text: str, at: int) -> None:
    """`text[:at]` is known by its beginning."""
    long = text * 20
    assert match(Shortened(Text(long), at), long[:at]) is Match.EXACT


@pytest.mark.parametrize(
    ("value", "reason", "expected"),
    [
        (Text("torn"), "torn apart", Match.OTHER),
        (Text("torn apart"), "torn", Match.OTHER),
        (Text("torn"), "Torn", Match.OTHER),
        (Text(" torn\n"), "torn", Match.EXACT),
        (Text(""), "", Match.EXACT),
        (Text(""), "torn", Match.OTHER),
        (Computed(), "torn", Match.COMPUTED),
        (Computed(), "", Match.OTHER),
        (Parameter("why"), "torn", Match.COMPUTED),
        (Name("TORN"), "torn", Match.COMPUTED),
        (Number(7), "7", Match.EXACT),
        (Join((Computed(), Text(": "), Computed())), "a: b", Match.COMPUTED),
        (Join((Text("torn by "), Computed())), "worn by moths", Match.OTHER),
        (Join((Computed(), Text(" is torn"))), "sail is torn", Match.PARTS),
        (Join((Computed(), Text(" is torn"))), "sail is torn apart", Match.OTHER),
        (Join((Text("ab"), Computed(), Text("ba"))), "aba", Match.OTHER),
        (Shortened(Join((Text("torn by "), Computed())), 0), "torn by mot", Match.PARTS),
        (Either((Text("worn"), Text("torn"))), "torn", Match.EXACT),
        (Either(()), "torn", Match.COMPUTED),
    ],
)
def test_how_a_text_agrees(value: Value, reason: str, expected: Match) -> None:
    """Fixed text agrees letter for letter; around what is computed, the fixed parts must stand in order."""
    assert match(value, reason) is expected


def test_a_name_that_stands_for_itself_comes_to_an_end() -> None:
    """Names that stand for sums of each other are computed, and are given up on in time."""
    values: dict[str, Value] = {
        "a": Join((Name("b"),) * 60),
        "b": Join((Name("a"),) * 60),
        "c": Either((Name("c"), Text("x"))),
    }

    def named(name: str) -> Value | None:
        return values.get(name)

    meaning = Meaning(named)
    assert len(meaning.patterns(Name("a"))) == 1
    assert meaning.numbers(Name("c")) == frozenset()


def test_no_reasons_ask_nothing() -> None:
    """Where none is known, nothing is compared."""
    assert agreement(patterns(Text("torn")), []) == (Match.UNASKED, (), None)


def test_every_reason_that_agrees_as_well_is_named() -> None:
    """A computed reason can have given them all; a fixed one only its own."""
    reasons = ["torn", "worn", ""]
    assert agreement(patterns(Computed()), reasons)[1] == ("torn", "worn")
    assert agreement(patterns(Text("worn")), reasons)[1] == ("worn",)

"""AND, OR, NOT: precedence, what may be left out, lists of values, comments."""

import pytest

from rca.lql import parse
from rca.lql.tree import And, Comparison, Condition, Field, LogId, Not, Operator, Or, Term
from tests.lql.entries import entry, json, matches, text

A, B, C, D = (Term(letter) for letter in "abcd")


@pytest.mark.parametrize(
    ("query", "tree"),
    [
        ("a", A),
        ("a b", And((A, B))),
        ("a\nb\tc", And((A, B, C))),
        ("a AND b", And((A, B))),
        ("a AND b c", And((A, B, C))),
        ("a OR b", Or((A, B))),
        ("a OR b AND c", And((Or((A, B)), C))),
        ("a AND b OR c", And((A, Or((B, C))))),
        ("a b OR c d", And((A, Or((B, C)), D))),
        ("a OR b c OR d", And((Or((A, B)), Or((C, D))))),
        ("NOT a OR b", Or((Not(A), B))),
        ("NOT a b", And((Not(A), B))),
        ("a OR NOT b AND NOT c OR d", And((Or((A, Not(B))), Or((Not(C), D))))),
        ("-a OR -b", Or((Not(A), Not(B)))),
        ("NOT (a b)", Not(And((A, B)))),
        ("NOT(a OR b)", Not(Or((A, B)))),
        ("-(a OR b)", Not(Or((A, B)))),
        ("(((a)))", A),
        ("(a AND b) AND c", And((And((A, B)), C))),
        ("(a)(b)", And((A, B))),
        ("a AND(b OR c)", And((A, Or((B, C))))),
        ('-"b"', Not(B)),
        ("-5", Not(Term("5"))),
        ("a-b", Term("a-b")),
        ("NOTa", Term("NOTa")),
        ("ORa ANDb", And((Term("ORa"), Term("ANDb")))),
        ('-log_id("x")', Not(LogId("x"))),
        ("", And(())),
        (" \n\t", And(())),
    ],
)
def test_not_binds_before_or_and_or_before_and(query: str, tree: Condition) -> None:
    """Filters are read with NOT first, then OR, then AND, which may be left out."""
    assert parse(query).tree == tree


def compared(operator: Operator, value: str) -> Comparison:
    """A comparison of jsonPayload.f."""
    return Comparison(Field(("jsonPayload", "f")), operator, value)


@pytest.mark.parametrize(
    ("query", "tree"),
    [
        ("jsonPayload.f=(a)", compared(Operator.EQUAL, "a")),
        ("jsonPayload.f=(a OR b)", Or((compared(Operator.EQUAL, "a"), compared(Operator.EQUAL, "b")))),
        ("jsonPayload.f:(a b)", And((compared(Operator.HAS, "a"), compared(Operator.HAS, "b")))),
        (
            "jsonPayload.f:(a AND NOT b)",
            And((compared(Operator.HAS, "a"), Not(compared(Operator.HAS, "b")))),
        ),
        ("jsonPayload.f:(-a)", Not(compared(Operator.HAS, "a"))),
        ("jsonPayload.f:(-5 OR 6)", Or((compared(Operator.HAS, "-5"), compared(Operator.HAS, "6")))),
        (
            "jsonPayload.f!=(a OR (b c))",
            Or(
                (
                    compared(Operator.UNEQUAL, "a"),
                    And((compared(Operator.UNEQUAL, "b"), compared(Operator.UNEQUAL, "c"))),
                )
            ),
        ),
        (
            'jsonPayload.f=~("a" OR "b")',
            Or((compared(Operator.MATCHES, "a"), compared(Operator.MATCHES, "b"))),
        ),
    ],
)
def test_a_list_of_values_is_as_many_comparisons(query: str, tree: Condition) -> None:
    """Field and operator are applied to each element, joined as the list is."""
    assert parse(query).tree == tree


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("severity!=(ERROR OR WARNING)", True),
        ("NOT severity=(ERROR OR WARNING)", False),
        ('textPayload:("pool" AND ("empty" OR "closed"))', True),
        ('textPayload:("pool" -"closed")', False),
        ('textPayload:("pool" NOT ("a" OR "b"))', True),
        ('insertId="6b03f00d" OR "nothing here"', True),
        ('insertId=("zz" OR "pool")', False),
    ],
)
def test_lists_are_answered_element_by_element(query: str, expected: bool) -> None:  # noqa: FBT001 - a table's column
    """`!=` with a list holds for whatever differs from one of it; NOT before the list excludes all."""
    assert matches(query, text("Pool is CLOSED", severity="ERROR")) is expected


@pytest.mark.parametrize(
    "query",
    [
        "-- who calls\nseverity=ERROR",
        "severity=ERROR -- AND nothing",
        "severity=ERROR--\n",
        "severity=ERROR-- a note",
        "severity=(-- one\nERROR -- two\n)",
        "severity -- field\n= -- operator\nERROR -- value",
        "-- first\r\nseverity=ERROR\r\n-- last",
        "severity=ERROR ---- much\n",
    ],
)
def test_comments_end_with_their_line(query: str) -> None:
    """Two dashes where a token could begin, or before a space, hide the rest of the line."""
    assert parse(query).tree == Comparison(Field(("severity",)), Operator.EQUAL, "ERROR")


def test_dashes_inside_words_and_texts_are_no_comment() -> None:
    """Names may hold two dashes, and so may quoted texts."""
    assert matches("jsonPayload.pod=web--7f9", json(pod="web--7f9"))
    assert matches('textPayload:"a -- b"', text("x a -- b y"))


def test_a_filter_without_words_matches_everything() -> None:
    """No filter, and a filter of comments only, ask for nothing."""
    assert matches("", entry())
    assert matches("-- severity=ERROR", entry())
    assert matches("", {})


@pytest.mark.parametrize(("query", "expected"), [("cat or dog", False), ("or", True), ("not a", False)])
def test_operators_in_small_letters_are_terms(query: str, expected: bool) -> None:  # noqa: FBT001 - a table's column
    """`or` is looked for, as any word is."""
    assert matches(query, text("cat for sale")) is expected

"""Errors: the place, what is wrong there, and what to write instead."""

import pytest

from rca.errors import Exit, RcaError
from rca.lql import QueryError, parse
from tests.lql.entries import refused


@pytest.mark.parametrize(
    ("query", "line", "column", "said", "hint"),
    [
        ("severity=", 1, 10, 'expected a value after "="', '""'),
        ("severity=\nAND", 2, 1, 'expected a value after "="', '"AND"'),
        ("a\n  severity >= ", 2, 14, 'expected a value after ">="', '""'),
        ("(severity=)", 1, 11, 'expected a value after "="', '""'),
        ("severity=ERROR AND", 1, 16, "nothing follows AND", '"AND"'),
        ("NOT", 1, 1, "nothing follows NOT", '"NOT"'),
        ("AND severity=ERROR", 1, 1, "nothing stands before AND", '"AND"'),
        ("a AND OR b", 1, 7, "nothing stands before OR", '"OR"'),
        ("(OR a)", 1, 2, "nothing stands before OR", ""),
        ("NOT NOT a", 1, 5, "negated twice", "NOT (NOT"),
        ("NOT -a", 1, 5, "negated twice", ""),
        ("(severity=ERROR", 1, 1, "never closed", ")"),
        ("((a) AND (b)", 1, 1, "never closed", ")"),
        ("a AND (b OR\n(c", 2, 1, "never closed", ")"),
        ("log_id(a", 1, 7, "never closed", ")"),
        ("severity=ERROR)", 1, 15, "no parenthesis is open", ""),
        ("()", 1, 2, "nothing stands between", ""),
        ('f:("a" OR )', 1, 11, "nothing stands between", ""),
        ("log_id(a,)", 1, 10, "nothing stands between", ""),
        ("insertId = abc:def", 1, 15, "unquoted value", 'write "abc:def"'),
        ("timestamp>=2026-05-04T10:20:30Z", 1, 25, "unquoted value", 'write "2026-05-04T10:20:30Z"'),
        ("a=b=c", 1, 4, "unquoted value", 'write "b=c"'),
        ("a=b>c", 1, 4, "unquoted value", 'write "b>c"'),
        ('a="b"="c"', 1, 6, "compares what is compared already", "AND"),
        ("=x", 1, 1, "no field stands before", "field=value"),
        ("(a) = b", 1, 5, "compares what is compared already", ""),
        ("severity==ERROR", 1, 9, '"==" is no operator', "= != <"),
        ("severity<>ERROR", 1, 9, '"<>" is no operator', "!="),
        ("severity=>ERROR", 1, 9, '"=>" is no operator', ">="),
        ("severity~ERROR", 1, 9, '"~" alone', "=~"),
        ('textPayload:"open', 1, 13, "never closed", '"'),
        ("textPayload:'open", 1, 13, "never closed", "'"),
        ('a\ntextPayload:"x\ny', 2, 13, "never closed", '"'),
        ('textPayload:"say "hi""', 1, 19, "goes on without a space", '\\"'),
        ('textPayload:say"hi"', 1, 16, "inside an unquoted word", '\\"'),
        ("textPayload:.log", 1, 13, "a dot", '".log"'),
        ("textPayload:the.", 1, 16, "a dot", '".log"'),
        ("jsonPayload..a=1", 1, 12, "a dot", ""),
        ("textPayload:+5", 1, 13, '"+" cannot begin', '"+5"'),
        ("textPayload:-abc", 1, 13, '"-" cannot begin', '"-abc"'),
        ("a - b", 1, 3, '"-" cannot begin', "NOT"),
        ("textPayload:a*b", 1, 14, '"*" cannot stand', 'quotes: "a*b"'),
        ("textPayload=*", 1, 13, "only :", "field:*"),
        ("*", 1, 1, '"*" cannot stand', "wildcards"),
        ("textPayload:[x]", 1, 13, '"[" cannot stand', '"[x]"'),
        ("textPayload:a\\b", 1, 14, '"\\" cannot stand', ""),
        ("a, b", 1, 2, '"," cannot stand', '"a,b"'),
        ("severity=(ERROR, INFO)", 1, 16, '"," cannot stand', "(a OR b)"),
        ("severity=NOT ERROR", 1, 10, "NOT is an operator", "parentheses"),
        ("severity=(ERROR OR insertId=x)", 1, 20, "holds no comparison", ""),
        ("severity=(log_id(x))", 1, 11, "cannot be the value", ""),
        ("a && b", 1, 3, '"&&" is no operator', "write AND"),
        ("a || b", 1, 3, '"||" is no operator', "write OR"),
        ("!a", 1, 1, '"!" does not negate', "write NOT a"),
        ("severity=\u201cERROR\u201d", 1, 10, "typographic", "straight"),
        ("severity=\u2018ERROR\u2019", 1, 10, "typographic", "straight"),
        ("textPayload=~error", 1, 14, "stands in quotes", 'write "error"'),
        ("textPayload!~(error)", 1, 15, "stands in quotes", 'write "error"'),
        ('a."b"', 1, 1, "a quoted and an unquoted part", "all of it in quotes"),
        ('textPayload=~(a OR\n"(")', 1, 15, "stands in quotes", ""),
        ('textPayload=~("a" OR\n"(")', 2, 1, "RE2 refuses", ""),
    ],
)
def test_a_mistake_has_a_place_and_a_remedy(query: str, line: int, column: int, said: str, hint: str) -> None:
    """Line and column count from 1; the message says what is wrong, the hint what to write."""
    error = refused(query)
    assert (error.line, error.column) == (line, column)
    assert error.message.startswith(f"line {line}, column {column}: ")
    assert said in error.message
    assert hint in error.hint


def test_a_query_error_is_the_user_s() -> None:
    """It is caught where all of ours are, and the command line made no sense."""
    error = refused("severity=")
    assert isinstance(error, RcaError)
    assert error.exit_code is Exit.USAGE


def test_the_line_is_quoted_with_a_mark_below_the_place() -> None:
    """Only the line of the mistake is quoted."""
    error = refused("insertId:*\n  thud=5 AND x\nlast")
    assert error.message.splitlines()[1:] == ["      thud=5 AND x", "      ^"]


def test_of_a_long_line_the_surroundings_are_quoted() -> None:
    """The mark still stands below the place, and dots show what was cut."""
    error = refused("a " * 500 + "thud=5" + " b" * 500)
    _, quoted, mark = error.message.splitlines()
    assert len(quoted) < 140
    assert quoted[mark.index("^") :].startswith("thud=5")
    assert quoted.lstrip().startswith("…")
    assert quoted.endswith("…")


@pytest.mark.parametrize("hostile", ["\x1b[31m", "\x07", "\u202e", "\ud800", "\x9b2J"])
def test_nothing_in_a_message_acts_upon_a_terminal(hostile: str) -> None:
    """Control characters, direction marks and halves of pairs are replaced where the filter is quoted."""
    for query in [f"{hostile}x=1", f'nosuch("{hostile}")', f'"{hostile}" )', f'textPayload=~"({hostile}"']:
        error = refused(query)
        shown = error.message + error.hint
        assert hostile[0] not in shown
        shown.encode()


def test_a_filter_has_at_most_20000_characters() -> None:
    """Comments included; the limit itself is allowed."""
    parse("a" + " " * 19_999)
    parse("a --" + "x" * 19_996)
    for query in ["a" + " " * 20_000, "a --" + "x" * 19_997]:
        error = refused(query)
        assert "20,000" in error.message
        assert "20,001" in error.message


def test_parentheses_may_lie_fifty_deep() -> None:
    """One more is a mistake at the parenthesis; it is counted, not guessed from a full stack."""
    parse("(" * 50 + "a" + ")" * 50)
    error = refused("(" * 51 + "a" + ")" * 51)
    assert error.column == 51
    assert "50 deep" in error.message


def test_what_is_wrong_is_said_from_none_of_our_own_exceptions() -> None:
    """The cause shown to a developer is not lark's: the error stands alone."""
    with pytest.raises(QueryError) as raised:
        parse("a AND")
    assert raised.value.__suppress_context__

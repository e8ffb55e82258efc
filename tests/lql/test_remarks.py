"""What is allowed and hardly meant: the warnings of a filter."""

import pytest

from rca.lql import parse


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("severity=ERROR and textPayload:x", 'line 1, column 16: "and" in small letters'),
        ("a\nOr b", 'line 2, column 1: "Or" in small letters is searched for; the operator is OR'),
        ("not severity=ERROR", '"not" in small letters'),
        ("severity=WARN", 'line 1, column 10: never holds: "WARN" is not a severity; perhaps WARNING'),
        ("severity>=(ERROR OR FATAL)", "column 21: never holds"),
        ("severity=5xx", "there are DEFAULT"),
        ('timestamp>"yesterday"', '"2026-03-01T12:00:00Z"'),
        ("httpRequest.latency>5", '"1.5s"'),
        ("httpRequest.status=5xx", "is not an integer of 32 bits"),
        ("operation.first=yes", "true or false"),
        ('httpRequest.status=~"5.."', "regular expressions match text"),
        ('severity!~"INFO"', "regular expressions match text"),
        ("trace=NULL_VALUE", "trace:*"),
        ("jsonPayload.user=null", "NULL_VALUE"),
        ('log_id("a.b%2Fc")', '"a.b/c"'),
    ],
)
def test_what_is_hardly_meant_is_remarked(query: str, said: str) -> None:
    """One sentence with its place; the filter is taken all the same."""
    (warning,) = parse(query).warnings
    assert said in warning


@pytest.mark.parametrize(
    "query",
    [
        "",
        "severity>=WARNING",
        'severity=ERROR "and"',
        'textPayload:"or"',
        "android",
        'timestamp>="2026-05-04" httpRequest.latency>"1s" httpRequest.status=500 operation.first=true',
        'jsonPayload.user=NULL_VALUE labels.a="null "',
        'trace=~"x" NOT insertId:*',
        "cast(jsonPayload.n, INT64)>x",
    ],
)
def test_of_an_ordinary_filter_nothing_is_remarked(query: str) -> None:
    """Warnings are rare enough to be read."""
    assert parse(query).warnings == ()


def test_remarks_come_in_the_order_of_the_text() -> None:
    """From left to right, lists included."""
    warnings = parse("severity=(A OR B) and timestamp<c").warnings
    assert [one.partition(":")[0] for one in warnings] == [
        "line 1, column 11",
        "line 1, column 16",
        "line 1, column 19",
        "line 1, column 33",
    ]

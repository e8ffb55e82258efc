"""Texts: quotes and escapes, paths with quotes, comparison without letter case, regular expressions."""

import pytest

from rca.lql import parse
from rca.lql.tree import Comparison, Field
from tests.lql.entries import Entry, entry, json, matches, refused, text


def value_of(query: str) -> object:
    """The value of a filter that is one comparison."""
    tree = parse(query).tree
    assert isinstance(tree, Comparison)
    return tree.value


def path_of(query: str) -> tuple[str, ...]:
    """The path of a filter that is one comparison."""
    tree = parse(query).tree
    assert isinstance(tree, Comparison)
    assert isinstance(tree.operand, Field)
    return tree.operand.path


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("plain", "plain"),
        ("europe-west6", "europe-west6"),
        ("compute.googleapis.com", "compute.googleapis.com"),
        ("projects/p/logs/x%2Fy", "projects/p/logs/x%2Fy"),
        ("it's", "it's"),
        ("it\u2019s", "it\u2019s"),
        ("1e+5", "1e+5"),
        ("-3.2e-8", "-3.2e-8"),
        (".5", ".5"),
        ("5m", "5m"),
        ("a#b;c?d@e^f_g`h|i&j$k!", "a#b;c?d@e^f_g`h|i&j$k!"),
        ("größe", "größe"),
        ('"two words"', "two words"),
        ("'single quotes'", "single quotes"),
        ("'say \"hi\"'", 'say "hi"'),
        ('""', ""),
        (r'"say \"hi\""', 'say "hi"'),
        (r'"C:\\tmp"', "C:\\tmp"),
        (r'"a\tb\nc"', "a\tb\nc"),
        ('"line\nbreak"', "line\nbreak"),
        (r'"\u00e9\x41\101"', "éAA"),
        (r'"\ud83d\ude00"', "😀"),
        (r'"a\:b\=c"', "a:b=c"),
        (r'"\d\w"', r"\d\w"),
        ('"AND"', "AND"),
        ('"*"', "*"),
        ('"NULL_VALUE"', "NULL_VALUE"),
    ],
)
def test_a_value_is_what_it_stands_for(written: str, meant: str) -> None:
    """Unquoted words are themselves; quotes fall away and escapes are resolved."""
    assert value_of(f"jsonPayload.f={written}") == meant


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("jsonPayload.a.b", ("jsonPayload", "a", "b")),
        ('jsonPayload."a.b"', ("jsonPayload", "a.b")),
        ('jsonPayload."a b".c', ("jsonPayload", "a b", "c")),
        (r'jsonPayload."\"q\""', ("jsonPayload", '"q"')),
        ('"jsonPayload".a', ("jsonPayload", "a")),
        ('labels."k8s/app"', ("labels", "k8s/app")),
        ("labels.k8s-pod/app", ("labels", "k8s-pod/app")),
        ("jsonPayload.@type", ("jsonPayload", "@type")),
        ("jsonPayload.NOT", ("jsonPayload", "NOT")),
        ("jsonPayload.0", ("jsonPayload", "0")),
        ('jsonPayload.""', ("jsonPayload", "")),
    ],
)
def test_a_path_is_its_names(written: str, path: tuple[str, ...]) -> None:
    """Dots part names, unless they stand between quotes."""
    assert path_of(f"{written}:x") == path


@pytest.mark.parametrize(
    ("asked", "held"),
    [
        ("closed", "CLOSED"),
        ("ISTANBUL", "istanbul"),
        ("straße", "STRASSE"),
        ("ﬁle", "FILE"),
        ("①", "1"),
        ("\uff21\uff22\uff23", "abc"),
        ("é", "e\u0301"),
        ("Å", "\u212b"),
        ("\u03c3", "\u03c2"),
        ("soft\u00adhyphen", "softhyphen"),
        ("zero\u200bwidth", "zerowidth"),
        ("ǰ", "J\u030c"),
    ],
)
def test_texts_compare_folded(asked: str, held: str) -> None:
    """Equality, inequality, order and parts see neither letter case nor compatible forms, in both directions."""
    for value, other in [(asked, held), (held, asked)]:
        assert matches(f'jsonPayload.f="{value}"', json(f=other))
        assert not matches(f'jsonPayload.f!="{value}"', json(f=other))
        assert matches(f'jsonPayload.f:"{value}"', json(f=f"<{other}>"))
        assert matches(f'jsonPayload.f<="{value}" jsonPayload.f>="{value}"', json(f=other))
        assert matches(f'"{value}"', json(f=f"<{other}>"))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ('insertId>"a"', True),
        ('insertId<"Z"', True),
        ('insertId>"MIDDLE"', True),
        ('insertId>="middle1" insertId<"middle10"', False),
        ('insertId>"mid" insertId<"mie"', True),
        ('insertId:"DDL"', True),
        ('insertId:""', True),
        ('insertId=""', False),
        ("insertId=middle", False),
    ],
)
def test_texts_have_an_order(query: str, expected: bool) -> None:  # noqa: FBT001 - a table's column
    """Texts compare from left to right, folded; the shorter of two that begin alike comes first."""
    assert matches(query, entry(insertId="Middle10")) is expected


@pytest.mark.parametrize(
    ("pattern", "held", "expected"),
    [
        ("pool", "the pool is empty", True),
        ("pool", "POOL", False),
        ("(?i)pool", "POOL", True),
        ("^pool$", "pool\n", False),
        ("(?m)^pool$", "a\npool\nb", True),
        ("a.b", "a\nb", False),
        ("(?s)a.b", "a\nb", True),
        (r"\\d{4}", "code 1011", True),
        (r"\d{4}", "code 1011", True),
        (r"a\\.b", "axb", False),
        (r"a\.b", "axb", False),
        (r"\\bend\\b", "the end.", True),
        (r"say \"hi\"", 'say "hi"', True),
        (r"C:\\\\tmp", "C:\\tmp", True),
        ("", "anything", True),
        ("straße", "strasse", False),
        ("(?i)error|timeout", "TimeOut", True),
        ("(?i)error|timeout", "all well", False),
        ("error|timeout", "Timeout", False),
        ("(?i)s", "\u017f", True),
        ("(?i)k|x", "\u212a", True),
        ("é", "e\u0301", False),
        (r"\\x41", "A", True),
        (r"\\pL+\\z", "größe", True),
        ("^.{3}$", "größe"[:3], True),
        ("a\tb", "a\tb", True),
        (r"a\tb", "a\tb", True),
    ],
)
def test_patterns_are_re2_s(pattern: str, held: str, expected: bool) -> None:  # noqa: FBT001 - a table's column
    """Patterns see letter case, no folding, one line, and are not anchored; backslashes may be single or double."""
    assert matches(f'textPayload=~"{pattern}"', text(held)) is expected
    assert matches(f'textPayload!~"{pattern}"', text(held)) is not expected


@pytest.mark.parametrize(
    "pattern", ["a(?=b)", "(?<!a)b", "(a", "a)", "[z-a]", r"(a)\\1", r"(a)\1", "*a", "a{2000}"]
)
def test_what_re2_refuses_is_refused(pattern: str) -> None:
    """Look-around, references back and broken patterns are mistakes, found before any entry is asked."""
    error = refused(f'severity=ERROR\ntextPayload=~"{pattern}"')
    assert (error.line, error.column) == (2, 14)
    assert "RE2" in error.message


@pytest.mark.parametrize(
    ("query", "asked", "expected"),
    [
        ('jsonPayload.f=~"1"', json(f=1), False),
        ('jsonPayload.f!~"1"', json(f=2), False),
        ('jsonPayload.f=~"true"', json(f=True), False),
        ('jsonPayload.f=~"a"', json(f=["x", "cat"]), True),
        ('jsonPayload.f!~"a"', json(f=["x", "cat"]), True),
        ('jsonPayload.f!~"a"', json(f=["cat"]), False),
        ('jsonPayload.f=~"a"', json(f={"g": "a"}), False),
        ('httpRequest.status=~"5.."', entry(httpRequest={"status": 500}), False),
        ('severity=~"ERR"', entry(severity="ERROR"), False),
        ('labels.env=~"^p"', entry(labels={"env": "prod"}), True),
        ('logName=~"%2Fstderr$"', entry(), True),
    ],
)
def test_patterns_match_text_only(query: str, asked: Entry, expected: bool) -> None:  # noqa: FBT001 - a table's column
    """Numbers, booleans and objects never match a pattern, and never fail to: the comparison fails either way."""
    assert matches(query, asked) is expected


def test_a_backspace_in_a_pattern_is_a_mistake() -> None:
    r"""`"\b"` is the edge of a word to who writes it, and a backspace to who reads it."""
    error = refused(r'textPayload=~"\bend"')
    assert (error.column, error.hint) == (15, r'for the edge of a word write "\\b"')

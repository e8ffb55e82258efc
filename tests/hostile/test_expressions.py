"""No regular expression can hang a report: each is tried with texts made from its own pieces, and takes linear time."""

import re
import time

import pytest

from rca.known import entries
from tests.hostile.expressions import Expression, expressions, modules, of_data
from tests.hostile.growth import slow

SHARDS = 6
FEW = 6
"""Attacks on a pattern that the quick tests try."""

OWN_FILES = {"rca.resources:_PIECE": "reads the shipped queries and nothing else"}


def test_what_data_holds_takes_linear_time() -> None:
    """Four times the text takes a pattern of a table about four times as long, whichever piece of it is repeated."""
    found = [(one.place, one.pattern.pattern, next(slow(one, FEW), None)) for one in of_data()]
    assert len(found) > 150
    assert [one for one in found if one[2]] == []


@pytest.mark.slow
@pytest.mark.parametrize("shard", range(SHARDS))
def test_every_expression_takes_linear_time(shard: int) -> None:
    """The same for all that the program holds, by every attack that there is."""
    share = [one for one in expressions()[shard::SHARDS] if one.place not in OWN_FILES]
    found = [(one.place, one.pattern.pattern, next(slow(one, None), None)) for one in share]
    assert [one for one in found if one[2]] == []


@pytest.mark.slow
def test_the_expressions_are_found() -> None:
    """Those of modules, of tables and in place, of every package that reads what others wrote."""
    found = expressions()
    packages = {one.place.split(":")[0].split(".")[1] for one in found}
    assert len(modules()) > 150
    assert len(found) > 500
    assert {
        "cycles",
        "sources",
        "traces",
        "redact",
        "normalize",
        "lql",
        "repo",
        "closes",
        "naming",
    } <= packages
    assert {(one.place, one.pattern) for one in of_data()} <= {(one.place, one.pattern) for one in found}


@pytest.mark.parametrize(
    ("pattern", "method"),
    [
        (r"(a+)+$", "match"),
        pytest.param(r"\s+$", "search", marks=pytest.mark.slow),
        pytest.param(r"(?:x+x+)+y", "match", marks=pytest.mark.slow),
        pytest.param(r"a*b", "search", marks=pytest.mark.slow),
        pytest.param(r"^(.*?),(.*?);$", "match", marks=pytest.mark.slow),
        pytest.param(r"'(?:[^'\\]|\\.)*'", "search", marks=pytest.mark.slow),
    ],
)
def test_an_expression_that_is_slow_is_found_out(pattern: str, method: str) -> None:
    """The attacks tell what is exponential or quadratic: the tests above can fail."""
    expression = Expression("here", re.compile(pattern), frozenset({method}))
    assert next(slow(expression, None), None) is not None


@pytest.mark.parametrize(
    ("pattern", "method"),
    [
        (r"(?>a+)+$", "match"),
        (r"\w{1,9}=", "search"),
        (r"(?<![^,])[^,]*+,", "findall"),
        (r"a.{0,300}b", "search"),
    ],
)
def test_an_expression_that_is_linear_is_not_accused(pattern: str, method: str) -> None:
    """Bounded and possessive pieces pass every attack."""
    expression = Expression("here", re.compile(pattern), frozenset({method}))
    assert next(slow(expression, None), None) is None


# --- the user's own --------------------------------------------------------------------------------------

OWN = """\
[[cause]]
id = "own"
title = "Own"
kind = "cause"
category = "application_error"
why = "why"
remedy = "remedy"
{field} = '{pattern}'
matches = ["{sample}"]
not = ["nothing"]
"""


@pytest.mark.parametrize("field", ["message", "exception", "frame", "reason"])
@pytest.mark.parametrize("pattern", ["(a+)+$", "(?:a|a)*b", "(a*)*c", "(?i)(.*a){20}b", "a.*a.*a.*a.*b"])
def test_a_user_s_pattern_cannot_hang_a_report(field: str, pattern: str) -> None:
    """What makes a backtracking engine hang is asked of a megabyte in less than a second, or is refused."""
    found, findings = entries.read(OWN.format(field=field, pattern=pattern, sample="a"), "own.toml")
    assert len(found) + len(findings) == 1
    for _, find in (finder for one in found for finder in one.finders):
        began = time.process_time()
        find("a" * 1_000_000)
        assert time.process_time() - began < 1


@pytest.mark.parametrize(
    "pattern", ["(?=a)a", "(?<!a)b", r"(a)\1", "a{1001}", "(?>a+)b", "a++b", "(" * 1_500]
)
def test_what_re2_does_not_take_is_refused(pattern: str) -> None:
    """Look-around, back-references, endless counts: a finding that names the entry, and no entry."""
    found, findings = entries.read(OWN.format(field="message", pattern=pattern, sample="a"), "own.toml")
    assert found == ()
    assert [one.id for one in findings] == ["own"]
    assert "RE2" in findings[0].text

"""Terms that stand alone: any field that an entry explicitly has, by its type."""

import pytest

from rca.lql import parse
from tests.lql.entries import Entry, entry, http, json, matches, proto, text


@pytest.mark.parametrize(
    ("query", "asked", "expected"),
    [
        ("unicorn", text("A Unicorn"), True),
        ('"two words"', text("the TWO WORDS stand"), True),
        ('"two words"', text("two other words"), False),
        ("two words", json(a="two", b="words"), True),
        ("stderr", text("x"), True),
        ('"run.googleapis.com/stderr"', text("x"), False),
        ("6B03F00D", text("x"), True),
        ("europe-west6", text("x"), True),
        ("cloud_run_revision", text("x"), True),
        ("production", entry(labels={"env": "production"}), True),
        ("env", entry(labels={"env": "production"}), False),
        ("needle", json(a=[{"b": ["hay", "a needle"]}]), True),
        ("service_name", text("x"), False),
        ("update", proto(methodName="UpdateService"), True),
        ("AuditLog", proto(), True),
        ("1011", json(code=1011), True),
        ("101", json(code=1011), False),
        ("1011.0", json(code=1011), True),
        ("503", http(status=503), True),
        ("754", http(requestSize="754"), True),
        ("75", http(requestSize="754"), False),
        ("true", json(ok=True), True),
        ("error", entry(severity="ERROR"), True),
        ("500", entry(severity="ERROR"), True),
        ("erro", entry(severity="ERROR"), False),
        ("default", entry(), False),
        ("0", entry(httpRequest={"protocol": "h"}), True),
        ("999", entry(httpRequest={"protocol": "h"}), False),
        ('"2026-05-04T12:20:30.125+02:00"', entry(), True),
        ('"10:20:30"', entry(), False),
        ('"1500ms"', http(latency="1.5s"), True),
        ("NOT absent", text("x"), True),
        ("g1", entry(errorGroups=[{"id": "G1"}]), True),
        ('""', {}, True),
    ],
)
def test_any_value_of_the_entry_may_have_the_term(query: str, asked: Entry, expected: bool) -> None:  # noqa: FBT001 - a table's column
    """Texts contain it, other values are it; names do not count, nor do defaults."""
    assert matches(query, asked) is expected


def test_terms_that_stand_together_are_answered_one_by_one() -> None:
    """Each may lie in another field, joined as it is written."""
    asked = json(a="red", b="green")
    assert matches("red green", asked)
    assert not matches("red blue", asked)
    assert matches("blue OR green", asked)
    assert not matches("blue OR yellow", asked)
    assert matches("red AND (blue OR green) AND NOT yellow", asked)


def test_two_fields_are_not_one_text() -> None:
    """A term does not reach from the end of a field into the next, whatever character it holds."""
    asked = entry(jsonPayload={"a": "red", "b": "green"}, logName=None)
    for between in ["", " ", "\0", "\n"]:
        assert not matches(f'"red{between}green"', asked)
    assert matches('"x\0y"', text("x\0y"))


@pytest.mark.parametrize("query", ["foo.bar", "projects/p", "10.0.0.1", "it's"])
def test_an_unquoted_term_may_hold_what_a_value_may(query: str) -> None:
    """Dots do not make a field of it where no comparison follows."""
    assert parse(query).matches(text(f"<{query.upper()}>"))

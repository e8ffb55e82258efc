"""SEARCH: whole words and phrases, in a field or anywhere."""

import pytest

from tests.lql.entries import Entry, entry, json, matches, proto, refused, text


def answers(table: list[tuple[str, Entry, bool]]) -> pytest.MarkDecorator:
    """What is searched for, entries, and what is right."""
    return pytest.mark.parametrize(("query", "asked", "expected"), table)


@answers(
    [
        ('SEARCH("world")', text("Hello World"), True),
        ('search("WORLD")', text("hello world"), True),
        ('SEARCH("world")', text("worldwide"), False),
        ('SEARCH("world hello")', text("hello, world!"), True),
        ('SEARCH("hello world")', json(a="world", b=["x", {"c": "hello"}]), True),
        ('SEARCH("hello world")', json(a="world"), False),
        ('SEARCH("foo-bar")', text("bar foo"), True),
        ('SEARCH("foo_bar.baz")', text("baz/foo:bar"), True),
        ('SEARCH("10.0.0.1")', text("from 10.0.0.1 port"), True),
        ('SEARCH("ada@teal.example")', text("mail to ada@teal.example"), True),
        ('SEARCH("a%20b")', text("b a"), True),
        ('SEARCH("stderr")', entry(), False),
        ('SEARCH("2fstderr")', entry(), True),
        ('SEARCH("gate")', entry(), True),
        ('SEARCH("service_name")', entry(), False),
        ('SEARCH("größe")', text("die GRÖSSE zählt"), True),
        ('SEARCH("503")', entry(httpRequest={"status": 503}), False),
        ('SEARCH("503")', text("status 503"), True),
        ('SEARCH("error")', entry(severity="ERROR"), False),
        ('SEARCH("2026")', entry(), False),
        ('SEARCH("754")', entry(httpRequest={"requestSize": "754"}), False),
        ('SEARCH("a b c d e f g h i j")', text("j i h g f e d c b a"), True),
        ('NOT SEARCH("world")', text("hello"), True),
        ('-SEARCH("hello")', text("hello"), False),
        ('SEARCH("or")', text("this or that"), True),
    ],
)
def test_words_are_found_whole_in_any_order(query: str, asked: Entry, expected: bool) -> None:  # noqa: FBT001 - a table's column
    """Every word must be there, between delimiters, in any letter case; texts only, in whatever fields."""
    assert matches(query, asked) is expected


@answers(
    [
        ('SEARCH("`hello world`")', text("say Hello World now"), True),
        ('SEARCH("`world hello`")', text("hello world"), False),
        ('SEARCH("`hello world`")', text("hello  world"), False),
        ('SEARCH("`hello world`")', json(a="hello", b="world"), False),
        ('SEARCH("`foo.`")', text("foo.bar"), False),
        ('SEARCH("`foo.`")', text("foo..bar"), True),
        ('SEARCH("`foo.`")', text("foo."), True),
        ('SEARCH("`.bar`")', text("foo.bar"), False),
        ('SEARCH("`.bar`")', text("foo..bar"), True),
        ('SEARCH("`.bar`")', text(".bar"), True),
        ('SEARCH("`foo.bar`")', text("a/foo.bar:b"), True),
        ('SEARCH("`foo.bar`")', text("xfoo.bar"), False),
        ('SEARCH("`oo.ba`")', text("foo.bar foo.bar"), False),
        ('SEARCH("`a a`")', text("ba a ab a a"), True),
        ('SEARCH("`x=1`")', text("x=10 x=1"), True),
        ('SEARCH("`Hello World` again")', text("again: hello world"), True),
        ('SEARCH("`Hello World` again")', text("hello world"), False),
        ('SEARCH("`one two` `three four`")', json(a="one two", b="three four"), True),
        ('SEARCH("foo`bar`")', text("bar foo"), True),
    ],
)
def test_a_phrase_in_backticks_stands_as_it_is(query: str, asked: Entry, expected: bool) -> None:  # noqa: FBT001 - a table's column
    """In its order and with its delimiters, in any letter case, between delimiters or the text's ends."""
    assert matches(query, asked) is expected


@answers(
    [
        ('SEARCH(textPayload, "hello world")', text("world: hello"), True),
        ('SEARCH(textPayload, "hello world")', text("hello", labels={"x": "world"}), False),
        ('SEARCH(textPayload, "`hello world`")', text("hello world"), True),
        ('SEARCH(jsonPayload.message, "lost")', json(message="peer lost", other="found"), True),
        ('SEARCH(jsonPayload.message, "found")', json(message="peer lost", other="found"), False),
        ('SEARCH(jsonPayload.gone, "lost")', json(message="lost"), False),
        ('SEARCH(jsonPayload, "peer found")', json(message="peer lost", deep=[{"x": "found"}]), True),
        ('SEARCH(jsonPayload.deep, "found")', json(deep=[{"x": "found"}]), True),
        ('SEARCH(jsonPayload.n, "5")', json(n=5), False),
        ('SEARCH(labels, "prod")', entry(labels={"env": "prod"}), True),
        ('SEARCH(labels.env, "prod")', entry(labels={"env": "prod"}), True),
        ('SEARCH(labels.env, "prod")', entry(labels={"env": "production"}), False),
        ('SEARCH(resource, "gate")', entry(), True),
        ('SEARCH(resource, "gate")', entry(resource=None), False),
        (
            'SEARCH(protoPayload.methodName, "compute.instances.insert")',
            proto(methodName="v1.compute.instances.insert"),
            True,
        ),
        ('SEARCH(httpRequest.status, "503")', entry(httpRequest={"status": 503}), False),
        ('SEARCH(trace, "x")', entry(), False),
        ('SEARCH(errorGroups.id, "g1")', entry(errorGroups=[{"id": "G1"}]), True),
    ],
)
def test_a_field_is_searched_alone(query: str, asked: Entry, expected: bool) -> None:  # noqa: FBT001 - a table's column
    """All words must be in that field, or below it."""
    assert matches(query, asked) is expected


@pytest.mark.parametrize(
    "query",
    [
        "SEARCH()",
        'SEARCH("")',
        'SEARCH(" .,;")',
        'SEARCH("``")',
        "SEARCH(hello)",
        "SEARCH(textPayload)",
        'SEARCH("a `b")',
        'SEARCH(textPayload, "a", "b")',
        'SEARCH("textPayload", "a")',
        "SEARCH(textPayload, hello)",
    ],
)
def test_a_search_for_nothing_is_a_mistake(query: str) -> None:
    """A query is needed, in quotes, with at least one word, and backticks come in pairs."""
    assert "SEARCH" in refused(query).message or refused(query).hint

"""Filters and entries made to hurt: bounded time and memory, and no other exception than a `QueryError`."""

import time
from typing import Any

import pytest

from rca.lql import Query, QueryError, parse

LIMIT_S = 10.0
"""Far above what a slow machine needs, far below what anything quadratic takes."""

FILTERS = {
    "open parentheses": "(" * 20_000,
    "parentheses around one word": "(" * 9_999 + "a" + ")" * 9_999,
    "closing parentheses": ")" * 20_000,
    "calls in calls": "f(" * 10_000,
    "nots": "NOT " * 5_000,
    "minuses": "-a " * 6_666,
    "dashes": "-" * 20_000,
    "terms": "a " * 10_000,
    "alternatives": "a OR " * 3_999 + "b",
    "alternatives without an end": "a OR " * 4_000,
    "comparisons": "jsonPayload.a=x " * 1_250,
    "alternatives of one field": "textPayload:x OR " * 1_176 + "b",
    "patterns": 'textPayload=~"a.c" OR ' * 909 + "b",
    "a list of values": "textPayload:(" + "a OR " * 3_995 + "b)",
    "a list of numbers": "jsonPayload.f:(" + "-1 " * 6_600 + ")",
    "a long path": "jsonPayload" + ".a" * 9_990 + ":x",
    "a path of quoted names": "jsonPayload" + '."a"' * 4_990 + ":x",
    "a long word": "a" * 20_000,
    "a long name": "x" * 19_990 + "=1",
    "an open string": '"' + "a" * 19_999,
    "escaped quotes": '"' + '\\"' * 9_990,
    "quotes": '"' * 20_000,
    "apostrophes": "'a" * 10_000,
    "backslashes": "\\" * 20_000,
    "dots": "a." * 10_000,
    "operators": "=" * 20_000,
    "colons": "a:b" * 6_666,
    "lists in lists": "a=(" * 6_666,
    "commas": "log_id(" + "a," * 9_990 + "a)",
    "comments": "--\n" * 6_666,
    "lines": "\n" * 19_999 + ")",
    "spaces": " " * 20_000,
    "ligatures": "\ufb03" * 20_000,
    "combining marks": "a" + "\u0301" * 19_999,
    "a pattern that backtracks elsewhere": 'textPayload=~"' + "(a*)*" * 3_000 + '$"',
    "a pattern of alternatives": 'textPayload=~"(?i)' + "a|" * 9_980 + 'b"',
    "a search for many words": 'SEARCH("' + "wa " * 6_600 + '")',
    "a search for a long phrase": 'SEARCH("`' + "a1c " * 4_990 + 'x`")',
    "a search for many phrases": 'SEARCH("' + "`a b` " * 3_300 + '")',
    "octal escapes": '"' + "\\377" * 4_990 + '"',
    "surrogates": '"' + "\\ud800" * 3_330 + '"',
    "zones": 'cast(timestamp, STRING, TIMEZONE("' + "../" * 6_000 + '"))=x',
}


def big() -> dict[str, Any]:
    """An entry about as large as Cloud Logging takes."""
    deep: Any = "x"
    for _ in range(5_000):
        deep = [deep, {"a": deep}] if isinstance(deep, str) else [deep]
    return {
        "textPayload": "a1c " * 60_000,
        "timestamp": "2026-05-04T10:20:30Z",
        "jsonPayload": {"a": ["x"] * 5_000, "f": list(range(2_000)), "deep": deep},
    }


BIG = big()


def ready(text: str) -> Query | None:
    """The filter, or None where it is refused."""
    try:
        return parse(text)
    except QueryError:
        return None


@pytest.mark.slow
@pytest.mark.parametrize("name", FILTERS)
def test_a_hostile_filter_is_answered_in_time(name: str) -> None:
    """Twenty thousand characters are read, and asked of a large entry, in bounded time."""
    text = FILTERS[name]
    assert len(text) <= 20_000
    started = time.process_time()
    query = ready(text)
    if query is not None:
        query.matches(BIG)
    assert time.process_time() - started < LIMIT_S


@pytest.mark.slow
def test_a_payload_as_deep_as_json_can_be_is_read() -> None:
    """Lists inside lists and objects inside objects take no stack."""
    objects: Any = {"k": "needle"}
    lists: Any = ["needle"]
    for _ in range(50_000):
        objects, lists = {"k": objects}, [lists]
    try:
        for payload in [objects, {"k": lists}]:
            entry = {"jsonPayload": payload, "labels": payload, "protoPayload": payload}
            for query in [
                "needle",
                'SEARCH("needle")',
                "jsonPayload:needle",
                "jsonPayload.k:needle",
                "protoPayload:needle",
            ]:
                assert parse(query).matches(entry), query
            assert not parse("jsonPayload.k=hay OR protoPayload.k.k.k=hay OR labels.k=hay").matches(entry)
    finally:
        while isinstance(objects, dict):  # taken apart by hand: what frees it would recurse
            objects = objects["k"]
        while isinstance(lists, list):
            lists = lists.pop()


def test_nested_conditions_are_asked_without_a_full_stack() -> None:
    """A filter as deep as is allowed is read and asked from deep inside a program."""
    text = "(a OR NOT b AND " * 49 + "c" + ")" * 49

    def deeper(levels: int) -> bool:
        return deeper(levels - 1) if levels else parse(text).matches({"textPayload": "a c"})

    assert deeper(200)

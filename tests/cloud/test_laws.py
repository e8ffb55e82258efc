"""What holds for any logs, request and filter: pages lose nothing, and bounds of time are never too narrow."""

import contextlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.cloud.logging_v2.types import LogEntry
from google.protobuf import json_format
from hypothesis import given, strategies as st

from tests.cloud import tokens
from tests.cloud.bounds import time_bounds_of
from tests.cloud.calls import Request
from tests.cloud.clients import AUDIT, FULL
from tests.cloud.effects import Shape
from tests.cloud.faults import Plan, always
from tests.cloud.listing import DAY_S, Listing
from tests.cloud.logs import Entry, Logs, as_proto, query_language

pytestmark = pytest.mark.slow

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


def spelled(second: int) -> str:
    """A moment so many seconds after START, as RFC 3339."""
    return (START + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%SZ")


# --- pages -----------------------------------------------------------------------------------------------


def entry(second: int, insert_id: str, project: str) -> Entry:
    """One that may have duplicates, neighbors of the same time, and namesakes in another project."""
    return {"timestamp": spelled(second), "insertId": insert_id, "logName": f"projects/{project}/logs/x"}


entries_of = st.lists(
    st.builds(entry, st.integers(0, 4), st.sampled_from("abc"), st.sampled_from(["p", "q"])), max_size=25
)
shapes = st.builds(
    Shape,
    empty_before=st.integers(0, 2),
    empty_last=st.booleans(),
    token_when_full=st.booleans(),
    at_most=st.none() | st.integers(1, 3),
)


def pages_of(entries: list[Entry], order: str, size: int, shape: Shape) -> list[list[Entry]]:
    """What all pages of a query hold."""
    listing = Listing(Logs(entries), Plan(always(shape)), DAY_S)
    pages: list[list[Entry]] = []
    token = ""
    for _ in range(6 * len(entries) + 6):
        request = Request(("projects/demo",), "", f"timestamp {order}", size, token)
        page = listing.answer(request, "grpc", None, lambda _seconds: False).page
        pages.append([record.entry for record in page.records])
        token = page.next_page_token
        if not token:
            return pages
    raise AssertionError("the pages have no end")


def in_order(entries: list[Entry], order: str) -> list[Entry]:
    """By time in this direction, those of one time by insertId, then by project."""
    by_name = sorted(entries, key=lambda one: (one["insertId"], one["logName"]))
    return sorted(by_name, key=lambda one: one["timestamp"], reverse=order == "desc")


def once(entries: list[Entry]) -> list[Entry]:
    """Each entry where it comes first."""
    return [one for at, one in enumerate(entries) if one not in entries[:at]]


orders = st.sampled_from(["asc", "desc"])
sizes = st.integers(1, 6)


@given(entries=entries_of, order=orders, size=sizes, shape=shapes)
def test_pages_of_any_shape_hold_each_entry_once_in_order(
    entries: list[Entry], order: str, size: int, shape: Shape
) -> None:
    """However a result is cut into pages, put together it is the same."""
    pages = pages_of(entries, order, size, shape)
    assert [one for page in pages for one in page] == once(in_order(entries, order))
    assert all(len(page) <= size for page in pages)


@given(entries=entries_of, order=orders, size=sizes, repeated=st.integers(1, 4), doubles=st.booleans())
def test_repeated_entries_add_nothing_and_hide_nothing(
    entries: list[Entry], order: str, size: int, repeated: int, *, doubles: bool
) -> None:
    """Pages that overlap come to an end, and hold what they would without."""
    pages = pages_of(entries, order, size, Shape(repeated=repeated, doubles=doubles))
    assert once([one for page in pages for one in page]) == once(in_order(entries, order))


@given(entries=entries_of, order=orders, size=sizes)
def test_doubles_are_left_in_where_told(entries: list[Entry], order: str, size: int) -> None:
    """Then every copy is on a page."""
    pages = pages_of(entries, order, size, Shape(doubles=True))
    assert [one for page in pages for one in page] == in_order(entries, order)


# --- tokens ----------------------------------------------------------------------------------------------


@given(
    st.builds(
        tokens.Token,
        bound_to=st.text(),
        page=st.integers(2, 9),
        issued_s=st.floats(0, 1e9),
        after=st.none() | st.tuples(st.integers(-(2**60), 2**60), st.text(), st.text(), st.integers(0, 9)),
        empties=st.integers(0, 3),
    )
)
def test_a_token_comes_back_as_it_was(token: tokens.Token) -> None:
    """Written and read, it is the same; it can stand in a URL."""
    assert tokens.read(token.written()) == token
    assert token.written().isascii()


@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_foreign_tokens_are_told_from_ours(text: str) -> None:
    """Whatever a client sends as a token, it is refused as such; page 1 is asked for by no token alone."""
    with contextlib.suppress(tokens.TokenError):
        tokens.read(text)
    assert tokens.page_of(Request(page_token=text)) == (0 if text else 1)


# --- encoding --------------------------------------------------------------------------------------------


@given(
    whole=st.sampled_from([FULL, AUDIT]),
    names=st.sets(st.sampled_from(sorted(FULL | AUDIT))),
    more=st.dictionaries(st.sampled_from(["errorGroups", "apphub"]), st.just([{"id": "g"}])),
)
def test_an_entry_encoded_in_parts_is_the_entry(whole: Entry, names: set[str], more: Entry) -> None:
    """The quick encoding is what the protobuf library makes of the entry, whichever fields it has."""
    given_entry = {name: value for name, value in whole.items() if name in names} | more
    message: Any = LogEntry.pb()
    expected = json_format.ParseDict(given_entry, message(), ignore_unknown_fields=True)
    assert message.FromString(as_proto(given_entry)) == expected


# --- bounds ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Condition:
    """A filter, and the seconds after START at which it may be true, and at which it is."""

    text: str
    may: frozenset[int]
    must: frozenset[int]


SECONDS = frozenset(range(8))
OPERATORS = {
    ">": int.__gt__,
    ">=": int.__ge__,
    "=": int.__eq__,
    "!=": int.__ne__,
    "<": int.__lt__,
    "<=": int.__le__,
}


def comparison(field: str, operator: str, second: int, pad: str) -> Condition:
    """One comparison; of another field than the time, nothing is known."""
    text = f'{field}{pad}{operator}{pad}"{spelled(second)}"'
    true_at = frozenset(one for one in SECONDS if OPERATORS[operator](one, second))
    known = field == "timestamp"
    return Condition(text, true_at if known else SECONDS, true_at if known else frozenset())


def negated(sign: str, one: Condition) -> Condition:
    """Its contrary; the language has no double negation but through parentheses."""
    text = f"({one.text})" if one.text.startswith(("NOT ", "-")) else one.text
    return Condition(sign + text, SECONDS - one.must, SECONDS - one.may)


def combined(rows: list[list[Condition]], joint: str) -> Condition:
    """Of each row any, of the rows all: OR binds stronger than AND, which may be left out."""
    return Condition(
        joint.join(" OR ".join(one.text for one in row) for row in rows),
        SECONDS.intersection(*(frozenset().union(*(one.may for one in row)) for row in rows)),
        SECONDS.intersection(*(frozenset().union(*(one.must for one in row)) for row in rows)),
    )


def enclosed(one: Condition) -> Condition:
    """The same in parentheses."""
    return Condition(f"({one.text})", one.may, one.must)


def grouped(parts: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    """Some parts put together, without parentheses around them."""
    rows = st.lists(st.lists(parts, min_size=1, max_size=2), min_size=1, max_size=3)
    joints = st.sampled_from([" AND ", " ", "\n", ' -- timestamp>="2027-01-01" OR (\n'])
    return st.builds(combined, rows, joints)


comparisons = st.builds(
    comparison,
    st.sampled_from(["timestamp", "receiveTimestamp", 'labels."timestamp"', "jsonPayload.timestamp"]),
    st.sampled_from(sorted(OPERATORS)),
    st.sampled_from(sorted(SECONDS)),
    st.sampled_from(["", " "]),
)
words = st.just(Condition('"timestamp>="', SECONDS, frozenset()))
conditions = st.recursive(
    comparisons | words,
    lambda parts: (
        st.builds(enclosed, grouped(parts)) | st.builds(negated, st.sampled_from(["NOT ", "-"]), parts)
    ),
    max_leaves=12,
)


@given(grouped(conditions))
def test_bounds_are_never_too_narrow(condition: Condition) -> None:
    """Whatever the filter is made of, a time at which it may be true lies within its bounds."""
    lo_ns, hi_ns = time_bounds_of(condition.text)
    for second in condition.may:
        at_ns = int((START + timedelta(seconds=second)).timestamp()) * 10**9
        assert lo_ns is None or lo_ns <= at_ns
        assert hi_ns is None or at_ns <= hi_ns


@given(grouped(conditions))
def test_the_query_language_means_the_same(condition: Condition) -> None:
    """What the filters here are built to match, rca.lql matches; what they cannot match, it does not."""
    matches = query_language(condition.text)
    found = {second for second in SECONDS if matches(entry(second, "a", "p"))}
    assert condition.must <= found <= condition.may


@pytest.mark.parametrize(
    "text",
    [
        'timestamp>="2026-03-01T12:00:01Z" AND timestamp<"2026-03-01T12:00:03Z"',
        'severity>=ERROR\ntimestamp >= "2026-03-01T12:00:01Z"\ntimestamp < "2026-03-01T12:00:03Z"',
        '("a" OR "b") AND (timestamp<"2026-03-01T12:00:03Z" (timestamp>="2026-03-01T12:00:01Z"))',
        'timestamp>="2026-03-01T13:00:01+01:00" timestamp<"2026-03-01T12:00:03Z" timestamp>="2026-03-01"',
    ],
)
def test_bounds_are_found_where_they_bind(text: str) -> None:
    """Beside other conditions, in parentheses of their own, in any order; the narrowest count."""
    start_ns = int(START.timestamp()) * 10**9
    assert time_bounds_of(text) == (start_ns + 10**9, start_ns + 3 * 10**9 - 1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        '(timestamp>="2026-03-01") OR "a"',
        '"a" OR (timestamp>="2026-03-01")',
        'timestamp>="2026-03-01" OR "a"',
        'NOT timestamp>="2026-03-01" AND -(timestamp<"2026-03-01")',
        'timestamp!="2026-03-01" timestamp>="yesterday" timestamp:"2026-03-01"',
        'receiveTimestamp>="2026-03-01" labels.timestamp="2026-03-01" -- timestamp>="2026-03-01"',
        '"timestamp>=\\"2026-03-01\\""',
    ],
)
def test_bounds_are_open_where_nothing_binds(text: str) -> None:
    """Below OR and NOT, in strings and comments, of other fields, by other comparisons."""
    assert time_bounds_of(text) == (None, None)


@given(st.text(alphabet='timesap"\\()<>=-! \nORNT:~2026', max_size=200))
def test_no_text_breaks_the_bounds(text: str) -> None:
    """What is no filter at all has some bounds, too."""
    lo_ns, hi_ns = time_bounds_of(text)
    assert {type(lo_ns), type(hi_ns)} <= {int, type(None)}

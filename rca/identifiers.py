"""Identifiers in log lines: sessions, runs, requests, peer ports, by which lines of one connection are known."""

import re
from collections.abc import Iterator

from rca.model import Entry

_ID_KEY = re.compile(
    r"(?i)^(?:session|sess|sid|conn|connection|socket|client|channel|run|request|req|correlation|job|task|trace)"
    r"_?-?(?:id|key|uuid)?$"
)
_ID_TEXT = re.compile(
    r"""
    \b[A-Za-z]{1,12}[_-](?=[A-Za-z]*\d)[0-9A-Za-z]{6,}\b       # ses_9dd47112fa, run-65b7146506
    | \b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b
    | \b(?:session|conn(?:ection)?|sid|run|req(?:uest)?)(?:_?id)?[=:]\s?["']?[\w-]{4,}
    """,
    re.VERBOSE,
)
_MAY_HOLD = re.compile(r"[_-](?:(?=[A-Za-z]*\d)[0-9A-Za-z]{6}|[0-9a-f]{4}-)|[ndqt][=:]")
"""What stands in every text that holds one of them, and in few others: it is looked for in a fifth of the time."""

_PEER = re.compile(r"\(?'?\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?::|',\s)[1-9]\d{3,4}\b")
"""The peer that a line begins with, with a real port."""

_ID_VALUE = re.compile(
    r"[A-Za-z]{1,12}[_/-][0-9a-f]{6,}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
)
"""Values that are ids whatever their field is called: lane-fccf56."""

_KEY = re.compile(r"[A-Za-z_]+[=:]\s?[\"']?")
_DIGIT = re.compile(r"\d")

_LONGEST_ID = 80
_LONGEST_ID_TEXT = 600
"""Identifiers stand at the front of a line; a megabyte of text is not searched for them."""


def identifiers(entry: Entry) -> frozenset[str]:
    """The identifiers that an entry carries: payload fields named like one, and id-shaped words."""
    found = set(_in_fields(entry)) if entry.payload else set()
    message = entry.message[:_LONGEST_ID_TEXT]
    if (peer := _PEER.match(message)) is not None:
        found.add(peer.group())
    if _MAY_HOLD.search(message) is not None:
        for match in _ID_TEXT.finditer(message):
            named = _KEY.match(match.group())
            token = match.group()[named.end() :] if named else match.group()
            if _DIGIT.search(token):
                found.add(token)
    return frozenset(found)


def _in_fields(entry: Entry) -> Iterator[str]:
    for key, value in entry.payload.items():
        if isinstance(value, str | int) and _ID_KEY.match(key) and _of_an_id(str(value)):
            yield str(value)
        elif (
            isinstance(value, str)
            and len(value) <= _LONGEST_ID
            and _ID_VALUE.fullmatch(value)
            and _of_an_id(value)
        ):
            yield value


def _of_an_id(value: str) -> bool:
    """Whether a value holds a digit and is no mere counter."""
    return len(value) > 3 and _DIGIT.search(value) is not None  # noqa: PLR2004 - shorter is a counter, not an id

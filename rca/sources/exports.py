"""A file of exported logs -> the raw entries in it.

In: a stream of bytes. Out: raw entries with their place, and what was lost. Decides which kind of export it is:
a line an entry (NDJSON, streamed), one document (an array, a REST page, groups), or text that some tool printed.
Source: gcp.md's list of shapes is that of `gcloud logging read`, `entries.list`, sinks and the Python client.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from io import BufferedReader
from itertools import chain
from typing import Any

import orjson

from rca.errors import SourceError
from rca.sources import texts
from rca.sources.damage import Lost, as_json, documents, mended, salvaged
from rca.sources.items import CUT_SHORT, MORE_FOLLOW, Empty, Found, Gap, Item, Note
from rca.sources.markdown import is_fenced
from rca.sources.shapes import as_entry, entries_in, group_sizes, is_page, next_page_of

LOOKAHEAD = 20  # lines looked at to tell a line an entry from one document
_LONGEST_LINE = 1 << 23
_LARGEST_DOCUMENT = 1 << 27
"""Bytes of what has to be read as a whole; in memory it takes some ten times as much."""

_LIMITS = frozenset((50, 100, 200, 500, 1000))  # what people and scripts pass as a limit
_BEGINS_JSON = re.compile(r'\[\s{0,99}(?:\{\s{0,99}(?:"|\Z)|\Z|\])|\{\s{0,99}(?:"|\Z|\})')
_HINT = "export with: gcloud logging read 'FILTER' --format=json > logs.json"
_OWN_SCHEMA = "rca."


_NOT_UTF8 = Note("some of its text is not UTF-8; what could not be read shows as \ufffd")


def read(stream: BufferedReader, *, bare: bool, written: datetime | None = None) -> Iterator[Item]:
    """The entries of one export in its order, with what was lost between them.

    With `bare`, loggers' own lines count as entries. `written` is when the file was, for lines whose times name no
    year. Raises `SourceError` where it is no log in any form that is known.
    """
    head: list[bytes] = []
    while (
        len(head) < LOOKAHEAD
        and sum(map(len, head)) < _LONGEST_LINE
        and (line := stream.readline(_LONGEST_LINE))
    ):
        head.append(line)
    if not any(line.strip() for line in head):
        yield Empty("it is empty", export=True)
    elif one_a_line(head, bare=bare):
        lines = chain(head, iter(lambda: stream.readline(_LONGEST_LINE), b""))
        yield from read_rows(_bounded(lines), bare=bare, all_of_them=True)
    else:
        head.append(stream.read(_LARGEST_DOCUMENT))
        if len(head[-1]) == _LARGEST_DOCUMENT:
            raise SourceError(
                "the document is larger than 128 MiB, and neither an array nor an entry a line",
                "export one entry a line, which has no such limit; of text, keep the hours in question",
            )
        yield from _from_document(b"".join(head), bare=bare, written=written)


def one_a_line(head: Sequence[bytes], *, bare: bool) -> bool:
    """Whether a file that begins with these lines holds a JSON value on each."""
    lines = [line.strip() for line in head if line.strip()]
    if lines[0] in (b"[", b"{") or (len(lines) == 1 and len(head) < LOOKAHEAD):
        return False
    if lines[0].startswith(b"[") and lines[0].endswith(b","):  # an array, a member a line
        return False
    if isinstance(_loaded(lines[0]), dict | list):
        return True
    if any(is_fenced(line.decode("utf-8", "replace")) for line in lines):
        return False
    # A damaged first line, or one cut by `tail -c`: the next lines tell.
    return any(as_entry(_loaded(line), bare=bare) is not None for line in lines[1:])


def _loaded(line: bytes) -> Any:  # noqa: ANN401 - any JSON value
    try:
        return orjson.loads(line)
    except ValueError:
        return None


def read_rows(rows: Iterable[tuple[int, bytes | Lost]], *, bare: bool, all_of_them: bool) -> Iterator[Item]:
    """The entries of such rows of JSON, each with its line; unless they are `all_of_them`, none may be too few."""
    replaced = more = False
    position = given = 0
    for number, line in rows:
        if isinstance(line, Lost):
            yield line
            continue
        try:
            value = orjson.loads(line)
        except ValueError:
            value = _mended(number, line)
            replaced = replaced or (not isinstance(value, Lost) and _not_utf8(line))
        # By far the most are this, so it is asked first.
        if type(value) is dict and "timestamp" in value and "logName" in value:
            given += 1
            # Where all of them are read, none is passed by for how its JSON is spaced.
            yield Found(value, number, None if all_of_them else line)
        elif isinstance(value, Lost):
            yield value
            if not line.endswith(b"\n") and line.startswith(b"{"):
                yield Gap("its last line is cut short")
        elif (entry := as_entry(value, bare=bare)) is not None:
            given += 1
            yield Found(entry, number)
        elif (members := list(_members(value, bare=bare))) or value == [] or is_page(value):
            more = next_page_of(value)
            given += len(members)
            yield from (
                _placed(member, position + at, bare=bare) for at, member in enumerate(members, start=1)
            )
            position += len(members)
        else:
            yield Lost(number, "it is JSON, but no log entry", line[:400].decode("utf-8", "replace"))
    yield from _closing(given=given or not all_of_them, more=more, replaced=replaced)


def _bounded(lines: Iterator[bytes]) -> Iterator[tuple[int, bytes | Lost]]:
    """The lines with their numbers, blank ones left out; a `Lost` for one that no memory should hold."""
    number, overlong = 0, False
    for line in lines:
        number += not overlong
        whole = line.endswith(b"\n") or len(line) < _LONGEST_LINE
        if overlong:
            overlong = not whole
        elif not whole:
            overlong = True
            reason = "the line is longer than any log entry"
            yield number, Lost(number, reason, line[:400].decode("utf-8", "replace"))
        elif line.strip():
            yield number, line


def _mended(number: int, line: bytes) -> Any:  # noqa: ANN401 - any JSON value, or what was lost
    text = line.decode("utf-8", "replace")
    try:
        return mended(text.strip(" \t\r\n\x00"))
    except ValueError as error:
        return Lost(number, str(error).partition(": line ")[0], text[:400])


def _not_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return True
    return False


def _members(document: object, *, bare: bool) -> Iterator[object]:
    """What stands where entries stand; of our own reports and manifests nothing, though they cite entries."""
    if isinstance(document, dict) and str(document.get("schema", "")).startswith(_OWN_SCHEMA):
        return iter(())
    return entries_in(document, bare=bare)


def _placed(item: object, place: int, *, bare: bool) -> Found | Lost:
    entry = as_entry(item, bare=bare)
    if entry is not None:
        return Found(entry, place)
    return Lost(place, "it is JSON, but no log entry", as_json(item))


def _closing(*, given: int | bool, more: bool, replaced: bool) -> Iterator[Item]:
    if more:
        yield MORE_FOLLOW
    if replaced:
        yield _NOT_UTF8
    if not given:
        yield Empty("it holds no log entries", export=True)


def _from_document(raw: bytes, *, bare: bool, written: datetime | None) -> Iterator[Item]:
    value = _loaded(raw)
    if value is not None:
        yield from _from_documents([value], bare=bare, replaced=False)
        return
    text = raw.decode("utf-8", "replace")
    replaced = _not_utf8(raw)
    begins = _BEGINS_JSON.match(text.lstrip()) is not None
    told = None if begins else texts.printed(text, bare=bare, written=written)
    if told is not None:
        yield from told
    else:
        try:
            whole = list(documents(text))
        except ValueError:
            yield from _from_damaged(text, bare=bare, begins=begins, written=written)
        else:
            yield from _from_documents(whole, bare=bare, replaced=replaced)
            return
    if replaced:
        yield _NOT_UTF8


def _from_documents(whole: Sequence[Any], *, bare: bool, replaced: bool) -> Iterator[Item]:
    if not whole:
        yield Empty("it holds nothing but NUL bytes", export=True)
        return
    position = 0
    for document in whole:
        for item in _members(document, bare=bare):
            position += 1
            yield _placed(item, position, bare=bare)
        yield from _limited(group_sizes(document))
    if position:
        yield from _closing(given=position, more=next_page_of(whole[-1]), replaced=replaced)
    elif all(document == [] or is_page(document) for document in whole):
        yield from _closing(given=0, more=next_page_of(whole[-1]), replaced=False)
    else:
        yield Empty("it is JSON, but holds no log entries", export=False)


def _limited(sizes: Sequence[int]) -> Iterator[Note]:
    """Groups of one round size were each cut there."""
    for size in sorted(_LIMITS.intersection(sizes)):
        if sizes.count(size) > 1:
            yield Note(
                f"{sizes.count(size)} of its groups hold exactly {size} entries: a limit may have cut them"
            )


def _from_damaged(text: str, *, bare: bool, begins: bool, written: datetime | None) -> Iterator[Item]:
    salvage = salvaged(text, bare=bare)
    given = 0
    for found in salvage.found:
        if isinstance(found, Lost):
            yield found
        else:
            given += 1
            yield Found(found, given)
    if not given and text.rstrip().endswith("\n[]"):
        yield Empty("it holds no log entries", export=True)
        return
    if not given and not begins:
        told = texts.pasted(text, written) if bare else None
        if told is None:
            raise SourceError("it is no log in any form that is known", _HINT)
        yield from told
        return
    if not begins:
        yield Note("other text stands before its JSON; only log entries were read")
    if salvage.cut:
        yield CUT_SHORT
    if not given:
        yield Empty("nothing in it could be read", export=True)

"""A text that is no JSON -> the log entries in it.

In: text. Out: what it holds, as `exports` gives it; None where it is no log in any form that is known. Decides the
form by its beginning: a printed table, CSV, YAML, lines with times, or Markdown with such things in its blocks.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import orjson

from rca.sources import csv_rows, lines, markdown, table, yaml_documents
from rca.sources.clocks import Clock, latest_date
from rca.sources.damage import Lost, as_json, salvaged
from rca.sources.items import Empty, Found, Item, Note
from rca.sources.shapes import as_entry, entries_in

_LOOKAHEAD = 20  # lines before the first that shows a log: what a tool says before it prints
_BEGINS_JSON = ("{", "[")

_NO_BLOCKS = "its code blocks and paragraphs hold no log lines"


def printed(text: str, *, bare: bool, written: datetime | None) -> Iterator[Item] | None:
    """The entries of a printed log with their lines; None where the text is none.

    `written` is when the file was, for lines whose times name no year. Without `bare`, only what Logging's own field
    names tell is a log: a folder's other texts are not.
    """
    said = text.splitlines()
    first = next((line for line in said if line.strip()), "")
    if not bare or table.is_heading(first) or csv_rows.is_heading(first, bare=bare):
        return _columned(text, said, bare=bare)
    if lines.begins_entry(first):
        return lines.entries(said, _clock(text, written))
    if any(map(markdown.is_fenced, said)):
        return _from_markdown(text, written)
    found = _columned(text, said, bare=bare)
    if found is None and any(
        map(lines.begins_entry, [line for line in said[:200] if line.strip()][:_LOOKAHEAD])
    ):
        return lines.entries(said, _clock(text, written))
    return found


def pasted(text: str, written: datetime | None) -> Iterator[Item] | None:
    """The entries of a document without code blocks, whose paragraphs are log lines; None where none is."""
    found = list(_from_markdown(text, written))
    return iter(found) if any(isinstance(item, Found) for item in found) else None


def _clock(text: str, written: datetime | None) -> Clock:
    return Clock(latest_date(text) or written, lines.zones())


def _columned(text: str, said: list[str], *, bare: bool) -> Iterator[Item] | None:
    """The forms whose names or headings are Logging's own."""
    if any(table.is_heading(line) for line in said[:_LOOKAHEAD]):
        return (Found(row, number) for number, row in table.rows(said))
    if said and csv_rows.is_heading(said[0], bare=bare):
        return csv_rows.rows(text)
    return _from_yaml(text, bare=bare) if yaml_documents.is_yaml(text) else None


def _from_yaml(text: str, *, bare: bool) -> Iterator[Item]:
    for document in yaml_documents.documents(text):
        if isinstance(document, Lost):
            yield document
            continue
        line, value = document
        for member in entries_in(value, bare=bare):
            entry = as_entry(member, bare=bare)
            yield (
                Lost(line, "it is YAML, but no log entry", as_json(member))
                if entry is None
                else Found(entry, line)
            )


def _from_markdown(text: str, written: datetime | None) -> Iterator[Item]:
    """What the blocks hold, each entry once: a work log quotes the same line again and again."""
    clock = _clock(text, written)
    seen: set[bytes | None] = set()
    notes: set[str] = set()
    given = 0
    for block in _telling(text, clock):
        for item in _from_block(block, clock):
            if isinstance(item, Note):
                notes.add(item.text)
            elif isinstance(item, Found):
                key = _key(item.raw)
                if key is None or key not in seen:
                    seen.add(key)
                    given += 1
                    yield replace(item, place=block.line + item.place - 1)
            elif isinstance(item, Lost):
                given += 1
                yield replace(item, line=block.line + item.line - 1)
    yield from (Note(note) for note in sorted(notes))
    if given:
        yield Note("it is a text about logs: only its log lines were read, and they are somebody's choice")
    else:
        yield Empty(_NO_BLOCKS, export=False)


def _telling(text: str, clock: Clock) -> list[markdown.Block]:
    """The code blocks; where none of them is a log, the paragraphs, since a paste may have lost its fences."""
    found = list(markdown.blocks(text))
    code = [block for block in found if block.code]
    told = any(isinstance(item, Found | Lost) for block in code for item in _from_block(block, clock))
    return code if told else [block for block in found if not block.code]


def _key(raw: Mapping[str, Any]) -> bytes | None:
    """What copies of an entry share; None for one that holds a number too large for JSON's writer."""
    try:
        return orjson.dumps(raw, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # orjson's only error
        return None


def _from_block(block: markdown.Block, clock: Clock) -> Iterator[Item]:
    said = block.text.splitlines()
    first = next((line for line in said if line.strip()), "")
    if not block.code:
        return lines.entries(said, clock) if lines.begins_entry(first) else iter(())
    if first.lstrip().startswith(_BEGINS_JSON):
        found = _from_json(block.text)
        if found:
            return iter(found)
    columned = _columned(block.text, said, bare=True)
    return columned if columned is not None else lines.entries(said, clock)


def _from_json(text: str) -> list[Item]:
    """The entries of a block of JSON, one or many, with what a hand has cut out of them left away."""
    try:
        value = orjson.loads(text)
    except ValueError:
        entries = [found for found in salvaged(text, bare=True).found if not isinstance(found, Lost)]
        return [Found(entry, 1 + _line_of(text, entry)) for entry in entries]
    members = (as_entry(member, bare=True) for member in entries_in(value, bare=True))
    return [Found(entry, 1) for entry in members if entry is not None]


def _line_of(text: str, entry: Mapping[str, Any]) -> int:
    """How many lines stand before the first value that is the entry's alone."""
    for name in ("insertId", "timestamp"):
        if isinstance(value := entry.get(name), str) and (at := text.find(value)) >= 0:
            return text.count("\n", 0, at)
    return 0

"""`Key: value` as reports write it.

In: a line stripped of Markdown, or a table of two columns. Out: the key in lower case and its value. Decides what a
key looks like: a few words before the first colon.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rca.cycles.outline import Form, Outline

_FIELD = re.compile(
    r"^[^\w(]{0,12}(?:\d{1,2}[.)]\s+)?(?P<key>[A-Za-z#][\w /#&'().+-]{0,50}?)\s*:(?:\s+|$)(?P<value>.*)$"
)
_FIELD_LIKE = re.compile(r"\s[|·•]\s(?=[A-Za-z][\w ]{0,30}:\s)")
_COLUMNS = 2


@dataclass(frozen=True, slots=True)
class Field:
    """One key with its value."""

    key: str
    value: str
    line: int
    index: int
    """Of the block it stands in."""


def field_in(text: str) -> tuple[str, str] | None:
    """The key (lower case) and value of a line; None where the line is none."""
    match = _FIELD.match(text[:2000])
    if match is None:
        return None
    return " ".join(match["key"].lower().split()), match["value"].strip()


def fields_of(outline: Outline) -> Iterator[Field]:
    """Every field of the document in reading order; a table of two columns gives one a row."""
    for index, block in enumerate(outline.blocks):
        if block.form is Form.TABLE and len(block.rows[0].cells) == _COLUMNS:
            for row in block.rows:
                if len(row.cells) == _COLUMNS and row.cells[0]:
                    yield Field(row.cells[0].lower().strip(" :"), row.cells[1], row.line, index)
            continue
        for part in _FIELD_LIKE.split(block.text[:2000]):
            if (pair := field_in(part)) is not None:
                yield Field(*pair, block.line, index)

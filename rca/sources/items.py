"""What a file of logs is read as: entries with their places, and what was found out beside them."""

from dataclasses import dataclass

from rca.sources.damage import Lost
from rca.sources.shapes import Raw


@dataclass(frozen=True, slots=True)
class Found:
    """A raw entry and its place: the line of an NDJSON file or of a text, else its position, from 1."""

    raw: Raw
    place: int
    row: bytes | None = None
    """The bytes that it was parsed from, where they are at hand."""


@dataclass(frozen=True, slots=True)
class Gap:
    """The export is known not to be whole."""

    why: str


@dataclass(frozen=True, slots=True)
class Note:
    """Something a reader of the report should know about the export."""

    text: str


@dataclass(frozen=True, slots=True)
class Empty:
    """It was read, and it has no entries. `export`: it is one all the same, as `[]` is."""

    why: str
    export: bool


CUT_SHORT = Gap("its JSON ends early: the entries before the cut were read")
MORE_FOLLOW = Gap("its last page says that more entries follow (nextPageToken)")

Item = Found | Lost | Gap | Note | Empty

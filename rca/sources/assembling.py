"""Raw entries that a query gave -> `Pulled`: normalized, in order, each once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from rca.model import Entry, EntryRef, Pulled, Query
from rca.normalize import Unreadable, insert_id_of, lasts_ns, normalize, stamped_ns
from rca.questions import Ask
from rca.sources.copies import distinct
from rca.sources.damage import as_json, quoted
from rca.sources.spans import range_of, reaches
from rca.sources.splits import restored

HOME = "Cloud Logging"
"""What a report calls the place of an entry that came from the API: its insertId is its address."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a pull besides its entries."""

    source: str
    complete: bool | None
    queries: tuple[Query, ...]
    warnings: tuple[str, ...]
    gaps: tuple[str, ...] = ()


def assembled(raws: Iterable[Mapping[str, Any]], ask: Ask, facts: Facts) -> Pulled:
    """The entries whose life overlaps the question's window; what cannot be read is counted, and quoted once."""
    kept: list[Entry] = []
    read = unreadable = 0
    warnings = list(facts.warnings)
    span = range_of(ask.window)
    for raw in restored(raws):
        read += 1
        try:
            at_ns = stamped_ns(raw)
            if reaches(at_ns, lasts_ns(raw), span):
                kept.append(normalize(raw, EntryRef(insert_id_of(raw), HOME, None), at_ns))
        except Unreadable as error:
            unreadable += 1
            if unreadable == 1:
                warnings.append(f"an entry could not be read: {error.reason}: {quoted(as_json(raw))}")
    entries, duplicates = distinct(kept)
    entries = entries[: ask.first]
    return Pulled(
        entries=entries,
        source=facts.source,
        complete=facts.complete,
        queries=facts.queries,
        read=read,
        duplicates=duplicates,
        unreadable=unreadable,
        first_at=entries[0].at if entries else None,
        last_at=entries[-1].at if entries else None,
        warnings=tuple(warnings),
        gaps=facts.gaps,
    )


def overlaps(raw: Mapping[str, Any], ask: Ask) -> bool:
    """Whether an entry lies in the question's window, or is a request that lasted into it. Raises `Unreadable`."""
    return reaches(stamped_ns(raw), lasts_ns(raw), range_of(ask.window))

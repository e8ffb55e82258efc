"""Entries of which some are copies of each other -> each once, in order."""

from collections.abc import Sequence

from rca.model import Entry


def distinct(entries: Sequence[Entry]) -> tuple[tuple[Entry, ...], int]:
    """The entries in order, one of each (project, timestamp, insertId), and how many copies were left out.

    Source: LogEntry.insertId, "duplicates"; exports are not free of them. Of copies that differ, the one that tells
    the most stays. An entry without an insertId is never a copy.
    """
    best: dict[tuple[str | None, int, str], Entry] = {}
    nameless: list[Entry] = []
    for entry in entries:
        if entry.ref.insert_id is None:
            nameless.append(entry)
            continue
        key = (entry.project, entry.at_ns, entry.ref.insert_id)
        known = best.get(key)
        if known is None or _tells(entry) > _tells(known):
            best[key] = entry
    kept = nameless + list(best.values())
    kept.sort(key=lambda entry: (entry.at_ns, entry.ref.insert_id or ""))
    return tuple(kept), len(entries) - len(kept)


def _tells(entry: Entry) -> tuple[int, int, str, str]:
    """How much a copy says; a total order but for equal copies, so that the order of files decides nothing."""
    told = (
        entry.log,
        entry.request,
        entry.service,
        entry.trace_id,
        entry.labels,
        entry.payload,
    )
    return sum(map(bool, told)), len(entry.raw), entry.log, entry.raw

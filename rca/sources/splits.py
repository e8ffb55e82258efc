"""Entries that the service cut into several -> the one entry that was logged.

In: raw entries with a `split` field, from any number of files, copies among them. Out: one raw entry each, and how
many parts are missing. Decides by `split.uid` and `split.index`; what every part says of itself is taken from the
first.
Source: LogEntry reference, LogSplit: "all log entries with the same uid are part of the same sequence".
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from rca.model import EntryRef
from rca.sources.shapes import Raw

MISSING = "…"
"""Stands in the text where a part is not in the logs."""

_MOST_PARTS = 1_000
_NOWHERE = EntryRef(None, "", None)
_TEXTS = ("textPayload", "text_payload")
_PAYLOADS = ("jsonPayload", "json_payload")


@dataclass(slots=True)
class Parts:  # not frozen: it collects while files are read
    """The parts come across so far, by what they are parts of."""

    found: defaultdict[str, dict[int, tuple[Raw, EntryRef]]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    copies: int = 0

    def take(self, raw: Raw, ref: EntryRef) -> bool:
        """Takes in a part; tells whether the entry is one."""
        split = raw.get("split")
        uid = split.get("uid") if isinstance(split, Mapping) else None
        if not isinstance(uid, str) or not isinstance(split, Mapping):
            return False
        index = _number(split.get("index"))
        self.copies += index in self.found[uid]
        self.found[uid].setdefault(index, (raw, ref))
        return True

    def add(self, other: "Parts") -> None:
        """Counts in what another file held."""
        self.copies += other.copies
        for uid, parts in other.found.items():
            for index, part in parts.items():
                self.copies += index in self.found[uid]
                self.found[uid].setdefault(index, part)

    def whole(self) -> Iterator[tuple[Raw, EntryRef, int]]:
        """Each entry as it was logged, its first part's address, and how many of its parts are missing."""
        for parts in self.found.values():
            first, ref = parts[min(parts)]
            split = first["split"]
            total = min(
                max(_number(split.get("totalSplits", split.get("total_splits"))), max(parts) + 1), _MOST_PARTS
            )
            yield (
                _joined([parts[at][0] if at in parts else None for at in range(total)]),
                ref,
                total - len(parts),
            )

    @property
    def extra(self) -> int:
        """By how much more entries were read than were logged, copies left aside."""
        return sum(len(parts) - 1 for parts in self.found.values())


def restored(raws: Iterable[Raw]) -> Iterator[Raw]:
    """Yield the entries as they were logged, those that were cut into parts last."""
    parts = Parts()
    for raw in raws:
        if "split" not in raw or not parts.take(raw, _NOWHERE):
            yield raw
    yield from (raw for raw, _, _ in parts.whole())


def _joined(parts: list[Raw | None]) -> Raw:
    first = next(part for part in parts if part is not None)
    for name in _TEXTS:
        if isinstance(first.get(name), str):
            return {
                **first,
                name: "".join(MISSING if part is None else str(part.get(name) or "") for part in parts),
            }
    for name in _PAYLOADS:
        if isinstance(first.get(name), Mapping):
            return {**first, name: _payload([None if part is None else part.get(name) for part in parts])}
    return first


def _payload(parts: list[Any]) -> Mapping[str, Any]:
    """The message goes on from part to part; of any other field the first that is told counts."""
    told: dict[str, Any] = {}
    for part in parts:
        if isinstance(part, Mapping):
            told = {**part, **told}
    if isinstance(told.get("message"), str):
        said = (MISSING if part is None else part.get("message") for part in parts)
        told["message"] = "".join(text for text in said if isinstance(text, str))
    return told


def _number(value: object) -> int:
    """A count, which JSON may hold as text; 0 where it is absent or none."""
    if isinstance(value, str) and value.isdecimal() and len(value) < 7:  # noqa: PLR2004 - more parts no entry has
        return int(value)
    return int(value) if isinstance(value, int | float) and 0 <= value < 10**6 else 0

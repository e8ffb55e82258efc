"""Report -> the same report without secrets and personal data.

In: a `Report`. Out: an equal one whose texts hold a mask (kind and number) where a secret stood: the same mask for
the same secret everywhere, so that a reader still sees which lines belong together.
Decides what is a secret (by its shape, by its check sum, by the name beside it, or because it was one elsewhere in
the report) and which fields are never touched. The shapes and names are data: `shapes.toml`, `names.toml`.
"""

import dataclasses
from collections import defaultdict
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any, TypeVar, cast

from rca.contract import Evidence, Report
from rca.model import Cycle
from rca.redact import lines
from rca.redact.entries import redact_raw, redact_raws
from rca.redact.known import Known
from rca.redact.masks import Masks
from rca.redact.text import mask

__all__ = ["Masks", "mask", "redact", "redact_cycle", "redact_raw", "redact_raws", "redact_text", "unmasked"]

_UNMASKED = (
    "Nothing in this report is masked, as `--no-redact` asks: it can hold passwords, tokens and personal data. "
    "Do not hand it on as it is."
)
"""The first note of such a report, wherever it is shown."""

_UNTOUCHED = frozenset(
    {
        "connection", "file", "insert_id", "instance", "kind",
        "known_cause", "log", "redactions", "revision", "revisions", "schema", "service", "services", "severity",
        "sources", "status", "tie", "trace", "url", "verdict", "version",
    }
)  # fmt: skip
"""Fields that identify: a mask there would break every citation. All others are masked, also those added later: a
test's id as well, which can hold what it was called with."""

T = TypeVar("T")


def redact(report: Report, ids: Sequence[str] = ()) -> Report:
    """Return the report with every secret masked and `redactions` counting them by kind.

    Identifiers (insertId, trace, revision, file, line) stay, see `_UNTOUCHED`. A secret found beside
    its name in one place is masked in all others too. A second call changes nothing. `ids` names fields whose values
    are masked as well, as the settings say.
    """
    masks = Masks(report.redactions, ids)
    report = dataclasses.replace(
        report,
        evidence=_without_lines(report.evidence, masks),
        notes=tuple(note for note in report.notes if note != _UNMASKED),
        masked=True,
    )
    first = _each(report, lambda text: mask(text, masks))
    known = Known(masks.met)
    second = _each(first, known.masked) if known else first
    return dataclasses.replace(second, redactions=masks.counts)


def unmasked(report: Report) -> Report:
    """Return the report as it is, with a first note that says that nothing in it is masked."""
    notes = (_UNMASKED, *(note for note in report.notes if note != _UNMASKED))
    return dataclasses.replace(report, notes=notes, masked=False)


def redact_text(text: str, masks: Masks) -> str:
    """Return a text with its own secrets masked, and those that `masks` has met elsewhere."""
    return Known(masks.met).masked(mask(text, masks))


def redact_cycle(cycle: Cycle, masks: Masks | None = None) -> Cycle:
    """The cycle with the secrets in what it tells masked; `masks` goes on to the logs that belong to it."""
    masks = masks or Masks()
    first = _each(cycle, lambda text: mask(text, masks))
    known = Known(masks.met)
    return _each(first, known.masked) if known else first


def _without_lines(evidence: tuple[Evidence, ...], masks: Masks) -> tuple[Evidence, ...]:
    """The evidence with the lines masked of a key that was printed line by line."""
    streams: defaultdict[tuple[str | None, str | None], list[int]] = defaultdict(list)
    for number in sorted(range(len(evidence)), key=lambda n: (str(evidence[n].timestamp), n)):
        streams[evidence[number].log, evidence[number].instance].append(number)
    out = list(evidence)
    for numbers in streams.values():
        texts = [evidence[number].text for number in numbers]
        for number, text in zip(numbers, lines.masked(texts, masks.of), strict=True):
            out[number] = dataclasses.replace(out[number], text=text)
    return tuple(out)


def _each(value: T, change: Callable[[str], str]) -> T:
    """Return a dataclass with `change` made to every string in it, but for the fields that identify."""
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        return cast("T", _changed(value, change))
    fields = {
        field.name: _changed(getattr(value, field.name), change)
        for field in dataclasses.fields(value)
        if field.name not in _UNTOUCHED
    }
    return dataclasses.replace(value, **fields)


def _changed(value: Any, change: Callable[[str], str]) -> Any:  # noqa: ANN401 - whatever a report's field holds
    if isinstance(value, Enum):
        return value
    if isinstance(value, str):
        return change(value)
    if isinstance(value, tuple):
        return tuple(_changed(one, change) for one in value)
    return _each(value, change) if dataclasses.is_dataclass(value) else value

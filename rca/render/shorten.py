"""A report made smaller by cutting its texts and lists: the last resort of `rca.render.fit`.

In: a `Report`, and how far to go. Out: a smaller one, and in words what was cut. Decides which lists may be cut: those
whose length the report states as a number (its tests) stay whole, and the five whys stay five.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from rca.contract import Report
from rca.quote import cut

_WHYS = 5


@dataclass(frozen=True, slots=True)
class Step:
    """How far to go: characters of a text, items of a list, characters of a link."""

    text: int
    items: int
    link: int


STEPS = (Step(1000, 25, 1000), Step(300, 8, 500), Step(80, 3, 300), Step(20, 1, 0))
"""From a little to what fits anywhere. No report on a real cycle comes to the last, which takes the links as well."""

_LISTS: Mapping[str, str] = {
    "notes": "notes",
    "causes": "causes",
    "whys": "questions",
    "settle": "remarks",
    "code": "findings in the source",
    "status_checks": "checks",
    "next_actions": "next steps",
    "evidence": "entries of evidence",
    "ruled_out": "things ruled out",
    "alternatives": "other suspects",
    "timeline": "moments",
    "method": "remarks on the method",
}
"""Lists of a report that can be cut, and what they hold."""

_INNER = frozenset({"sources", "warnings", "services", "revisions", "signals", "frames", "chain", "gaps"})
"""Lists of its parts that can be cut."""

_WHOLE = frozenset({"id", "schema", "tests", "failing_tests", "unexplained", "windows", "queries"})
"""What parts are joined by, and what is counted; each is printed within bounds of its own. So are citations."""


def shortened(report: Report, step: Step) -> tuple[Report, tuple[str, ...]]:
    """Return the report with its texts and lists cut, and what was cut, in words."""
    said = [f"texts are cut to {step.text:,} characters"]
    lists: dict[str, Any] = {}
    for name, what in _LISTS.items():
        items = getattr(report, name)
        most = max(step.items, _WHYS) if name == "whys" else step.items
        if len(items) > most:
            lists[name] = items[:most]
            said.append(f"of {len(items):,} {what} the first {most} stand here")
    masked = dict(list(report.redactions.items())[: step.items])
    made: Report = _cut(replace(report, **lists), step)
    return replace(made, redactions={cut(kind, step.text): count for kind, count in masked.items()}), tuple(
        said
    )


def _cut(value: Any, step: Step) -> Any:  # noqa: ANN401 - any part of a report
    """Return a part of a report with the texts below it cut."""
    if isinstance(value, str) and not isinstance(value, Enum):
        return cut(value, step.text)
    if isinstance(value, tuple):
        return tuple(_cut(one, step) for one in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        return replace(value, **{name: _field(name, one, step) for name, one in fields.items()})
    return value


def _field(name: str, value: Any, step: Step) -> Any:  # noqa: ANN401 - as above
    if name in _WHOLE or (name == "evidence" and value and isinstance(value[0], str)):
        return value
    if name == "url":
        return value if value is not None and len(value) <= step.link else None
    if name == "tie":
        return None
    return _cut(value[: step.items] if name in _INNER else value, step)

"""What changed between two cycles besides their causes: tests, revisions, deploys, and what to read with care.

In: two reports. Out: the parts of a comparison that need no judgement on a fault.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from rca.comparison import Change, Side, TestChange
from rca.contract import Moment, Report, ReportCause, ReportTest
from rca.model import Outcome
from rca.quote import quote

_NAMED = 4
_FAILING = frozenset({Outcome.FAILED, Outcome.ERROR})


def labels_of(first: Report, second: Report) -> tuple[str, str]:
    """What the two are called in a sentence: by number; by date as well, or by place, where that is not enough."""
    one, other = _label(first), _label(second)
    if one != other and one and other:
        return one, other
    dated = tuple(_dated(report) for report in (first, second))
    if dated[0] and dated[1] and dated[0] != dated[1]:
        return dated[0], dated[1]
    return "the first run", "the second run"


def _label(report: Report) -> str:
    cycle = report.cycle
    if cycle is None or (cycle.number is None and cycle.date is None):
        return ""
    return f"cycle {cycle.number}" if cycle.number is not None else f"the run of {cycle.date}"


def _dated(report: Report) -> str:
    cycle = report.cycle
    if cycle is None or cycle.number is None or cycle.date is None:
        return ""
    return f"cycle {cycle.number} of {cycle.date}"


def side(report: Report, label: str) -> Side:
    """One of the two, in short."""
    cycle = report.cycle
    return Side(
        label=label,
        number=cycle.number if cycle else None,
        date=cycle.date if cycle else None,
        verdict=report.verdict,
        headline=report.headline,
        environment=cycle.environment if cycle else None,
        revisions=revisions_of(report),
        complete=report.pull.complete,
        failing=len(report.failing_tests),
        tests=len(report.tests),
        first_at=report.pull.first_at,
        last_at=report.pull.last_at,
    )


def revisions_of(report: Report) -> tuple[str, ...]:
    """Those that the failing connections ran on; where none failed, those that the cycle or its logs name."""
    failing = {one for end in (*report.closes, *report.refused) for one in end.evidence}
    found = _revisions(report, failing)
    if not found and report.cycle is not None and report.cycle.revision:
        return (report.cycle.revision,)
    return found or report.pull.revisions


def revisions_of_cause(cause: ReportCause, report: Report) -> tuple[str, ...]:
    """Those that the cause's entries are of; where they name none, those of the report."""
    return _revisions(report, set(cause.evidence)) or revisions_of(report)


def _revisions(report: Report, cited: set[str]) -> tuple[str, ...]:
    return tuple(sorted({one.revision for one in report.evidence if one.revision and one.id in cited}))


def changes(pairs: Sequence[tuple[ReportTest | None, ReportTest | None]]) -> tuple[TestChange, ...]:
    """The tests whose outcome changed, those that broke first; by name."""
    found = []
    for before, after in pairs:
        test = after or before
        outcomes = before.outcome if before else None, after.outcome if after else None
        if test is not None and outcomes[0] is not outcomes[1]:
            found.append(TestChange(test.name, *outcomes, _change(before, after)))
    order = [Change.BROKEN, Change.MENDED, Change.NEW, Change.MISSING, Change.OTHER]
    return tuple(sorted(found, key=lambda one: (order.index(one.change), one.name)))


def _change(before: ReportTest | None, after: ReportTest | None) -> Change:
    if before is None:
        return Change.NEW
    if after is None:
        return Change.MISSING
    if before.outcome in _FAILING and after.outcome is Outcome.PASSED:
        return Change.MENDED
    if before.outcome is Outcome.PASSED and after.outcome in _FAILING:
        return Change.BROKEN
    return Change.OTHER


def deploys(first: Report, second: Report) -> tuple[tuple[str, Moment], ...]:
    """Deploys that either report tells of after the first's last failure and before the second's end; by time.

    Each with the side whose report it stands in.
    """
    start, end = _ended(first), second.pull.last_at
    seen: set[tuple[datetime, str]] = set()
    found = []
    for which, report in (("second", second), ("first", first)):
        for moment in report.timeline:
            told = (moment.at, moment.text)
            within = (start is None or moment.at > start) and (end is None or moment.at <= end)
            if moment.kind == "deploy" and within and told not in seen:
                seen.add(told)
                found.append((which, moment))
    return tuple(sorted(found, key=lambda one: one[1].at))


def _ended(report: Report) -> datetime | None:
    """When the first cycle's failing connections had ended; where none did, when its logs end."""
    ends = [end.timestamp for end in (*report.closes, *report.refused) if end.timestamp is not None]
    return max(ends, default=report.pull.last_at)


def notes(first: Report, second: Report, labels: tuple[str, str]) -> tuple[str, ...]:
    """What to know before the answer is believed."""
    found = [
        f"The logs of {label} are known to have a gap: what was not read may hold more."
        for report, label in zip((first, second), labels, strict=True)
        if report.pull.complete is False
    ]
    one, other = first.pull.first_at, second.pull.first_at
    if one is not None and other is not None and other < one:
        found.append(f"{_capital(labels[1])} is the earlier of the two, by its logs: was the order meant?")
    if elsewhere(first, second):
        found.append(
            f"The two are of different services ({_of(first.pull.services)}; {_of(second.pull.services)}): "
            "what one does not show says nothing of the other."
        )
    if second.unexplained:
        named = ", ".join(quote(name) for name in second.unexplained[:_NAMED])
        more = f" and {len(second.unexplained) - _NAMED} more" if len(second.unexplained) > _NAMED else ""
        found.append(f"In {labels[1]}, the cause of {named}{more} was not found.")
    old, new = revisions_of(first), revisions_of(second)
    if old and set(old) == set(new) and first.failing_tests:
        found.append(
            f"Both ran on the same revision ({_of(new)}): what changed, if anything did, is not the code."
        )
    return tuple(found)


def elsewhere(first: Report, second: Report) -> bool:
    """Whether the two reports are of services that have none in common."""
    one, other = set(first.pull.services), set(second.pull.services)
    return bool(one and other and not one & other)


def _of(names: Iterable[str]) -> str:
    return ", ".join(quote(name) for name in list(names)[:_NAMED])


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]

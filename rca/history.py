"""The reports of many cycles -> which cause was met when, and which came back.

In: for each cycle its report, or why there is none. Out: a `History`. Decides the order of cycles (by number, then
date), and that a cause counts as gone in a cycle only where a comparison with the last cycle that met it says so.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from rca.comparison import Chapter, Fate, History, Recurrence
from rca.contract import Report, ReportCause
from rca.diff import compare
from rca.diff.between import revisions_of
from rca.diff.matching import counterpart, key


@dataclass(frozen=True, slots=True)
class Account:
    """One cycle, and what is known of it."""

    number: int | None
    date: date | None
    report: Report | None
    told_by: str


@dataclass(slots=True)
class _Cause:  # not frozen: it grows as the cycles are gone through
    """One cause, followed through the cycles."""

    met: ReportCause
    report: Report
    """The last that met it."""

    seen: list[str]
    absent: dict[Fate, list[str]] = field(default_factory=dict)
    again: bool = False


def of(accounts: Sequence[Account]) -> History:
    """The cycles in order, and each cause with the cycles that met it, or did not."""
    ordered = sorted(accounts, key=_order)
    labels = _labels(ordered)
    causes: list[_Cause] = []
    for account, label in zip(ordered, labels, strict=True):
        if account.report is not None:
            _go_on(causes, account.report, label)
    chapters = (_chapter(account, label) for account, label in zip(ordered, labels, strict=True))
    return History(tuple(chapters), tuple(_recurrence(cause) for cause in causes))


def _order(account: Account) -> tuple[bool, int, date, str]:
    return account.number is None, account.number or 0, account.date or date.min, account.told_by


def _labels(accounts: Sequence[Account]) -> list[str]:
    """Each cycle's number; with its date where several have one number; its date where it has none."""
    numbers = Counter(account.number for account in accounts)
    return [
        str(account.date or "?")
        if account.number is None
        else f"{account.number}"
        if numbers[account.number] == 1
        else f"{account.number} ({account.date or 'no date'})"
        for account in accounts
    ]


def _chapter(account: Account, label: str) -> Chapter:
    report = account.report
    lead = report.root_cause if report else None
    return Chapter(
        label=label,
        number=account.number,
        date=account.date,
        verdict=report.verdict if report else None,
        headline=report.headline if report else "",
        category=lead.category if lead else None,
        fingerprint=key(lead) if lead else None,
        confidence=lead.confidence if lead else None,
        revisions=revisions_of(report) if report else (),
        failing=len(report.failing_tests) if report else 0,
        tests=len(report.tests) if report else 0,
        told_by=account.told_by,
    )


def _go_on(causes: list[_Cause], report: Report, label: str) -> None:
    """Each cause that is known by now is met by the next report, or is not; what it meets first is added."""
    known: set[int] = set()
    fates: dict[int, dict[str, Fate]] = {}
    for cause in causes:
        found = counterpart(cause.met, report.causes)
        if found is not None:
            known.add(id(found))
            cause.seen.append(label)
            cause.again = cause.again or Fate.GONE in cause.absent
            cause.met, cause.report = found, report
            continue
        if id(cause.report) not in fates:
            made = compare(cause.report, report)
            fates[id(cause.report)] = {one.before.id: one.fate for one in made.causes}
        cause.absent.setdefault(fates[id(cause.report)][cause.met.id], []).append(label)
    causes += [_Cause(one, report, [label]) for one in report.causes if id(one) not in known]


def _recurrence(cause: _Cause) -> Recurrence:
    absent = {fate: tuple(labels) for fate, labels in cause.absent.items()}
    return Recurrence(
        fingerprint=key(cause.met),
        summary=cause.met.summary,
        category=cause.met.category,
        seen=tuple(cause.seen),
        gone=absent.get(Fate.GONE, ()),
        masked=absent.get(Fate.MASKED, ()),
        cannot_tell=absent.get(Fate.CANNOT_TELL, ()),
        again=cause.again,
    )

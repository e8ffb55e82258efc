"""Two reports -> did the fix hold?

In: the reports of two cycles. Out: a `Comparison`: what became of each cause of the first, which causes are new, which
tests changed, what was deployed between. Decides what "gone" needs: that the second cycle went where the cause lay and
did not meet it. Anything less is masked, or cannot be told.
"""

from collections.abc import Iterator, Sequence

from rca.comparison import (
    STILL_THERE,
    CauseFate,
    Citation,
    Comparison,
    Deploy,
    Exercise,
    Fate,
    Held,
    Retried,
    Sighting,
    shown,
)
from rca.contract import Evidence, Report, ReportCause, ReportTest, Verdict
from rca.diff import between
from rca.diff.matching import Match, counterpart, key, match, paired
from rca.diff.reach import PASSES, Scene, ends_of, retried, seen_working
from rca.model import Outcome
from rca.quote import quote

__all__ = ["Match", "compare", "match"]

_NAMES = 3


class _Cited:
    """Entries of both reports, numbered as they are cited. Not frozen: it counts while a comparison is made."""

    def __init__(self, first: Report, second: Report) -> None:
        self._known = {
            (side, one.id): one
            for side, report in (("first", first), ("second", second))
            for one in report.evidence
        }
        self._numbered: dict[tuple[str, str], Citation] = {}

    def of(self, side: str, ids: Sequence[str]) -> tuple[str, ...]:
        """The new numbers of a report's own; what it does not list is left out."""
        return tuple(self._number(side, one) for one in ids if (side, one) in self._known)

    def _number(self, side: str, own: str) -> str:
        known = self._numbered.get((side, own))
        if known is None:
            known = Citation(f"E{len(self._numbered) + 1}", side, self._known[side, own])
            self._numbered[side, own] = known
        return known.id

    def earliest(self, side: str, ids: Sequence[str]) -> Evidence | None:
        """The first log entry of those; where no time is known, the first that is listed."""
        entries = [
            one for own in ids if (one := self._known.get((side, own))) is not None and one.kind == "entry"
        ]
        timed = [one for one in entries if one.timestamp is not None]
        return min(timed, key=lambda one: (one.timestamp, one.id), default=next(iter(entries), None))

    def all(self) -> tuple[Citation, ...]:
        """Whatever was cited, in the order of the numbers."""
        return tuple(self._numbered.values())


def compare(first: Report, second: Report) -> Comparison:
    """What became of the first report's causes in the second; the same reports always give the same."""
    labels = between.labels_of(first, second)
    cited = _Cited(first, second)
    pairs = paired(first.tests, second.tests)
    before, after = ends_of(first), ends_of(second)
    later = _later(pairs)
    fates = tuple(
        _fate(Scene(cause, first, second, before, after, later, labels[1]), cited) for cause in first.causes
    )
    known = {id(found) for cause in first.causes if (found := counterpart(cause, second.causes)) is not None}
    new = tuple(
        _sighting(cause, second, "second", cited)
        for cause in second.causes
        if id(cause) not in known and not any(match(one, cause) is Match.SAME for one in first.causes)
    )
    verdict = _verdict(first, fates)
    changed = between.changes(pairs)
    deploys = tuple(
        Deploy(moment.at, moment.text, cited.of(which, moment.evidence))
        for which, moment in between.deploys(first, second)
    )
    known_revisions = between.revisions_of(first)
    return Comparison(
        verdict=verdict,
        headline=_headline(verdict, fates, labels) + _also(new, second, labels[1]),
        first=between.side(first, labels[0]),
        second=between.side(second, labels[1]),
        causes=fates,
        new_causes=new,
        unexplained=first.unexplained,
        tests=changed,
        unchanged=len(pairs) - len(changed),
        new_revisions=tuple(one for one in between.revisions_of(second) if one not in known_revisions),
        deploys=deploys,
        notes=between.notes(first, second, labels),
        evidence=cited.all(),
    )


def _sighting(cause: ReportCause, report: Report, side: str, cited: _Cited) -> Sighting:
    entry = cited.earliest(side, cause.evidence)
    return Sighting(
        id=cause.id,
        fingerprint=key(cause),
        summary=cause.summary,
        category=cause.category,
        exception=cause.exception,
        message=cause.message,
        frame=cause.frame,
        known_cause=cause.known_cause,
        confidence=cause.confidence,
        occurrences=cause.occurrences,
        revisions=between.revisions_of_cause(cause, report),
        tests=cause.tests,
        first=next(iter(cited.of(side, [entry.id])), None) if entry else None,
        first_at=entry.timestamp if entry else None,
    )


def _later(pairs: Sequence[tuple[ReportTest | None, ReportTest | None]]) -> dict[str, ReportTest | None]:
    """Tests of the first report, by name -> the same in the second; of several of one name, one that does not pass."""
    found: dict[str, ReportTest | None] = {}
    for test, other in pairs:
        if test is not None and (
            test.name not in found or other is None or other.outcome is not Outcome.PASSED
        ):
            found[test.name] = other
    return found


def _fate(scene: Scene, cited: _Cited) -> CauseFate:
    """What became of one cause, and the sentence that says so."""
    cause, second = scene.cause, scene.second
    before = _sighting(cause, scene.first, "first", cited)
    tests = retried(scene)
    found = counterpart(cause, second.causes)
    if found is not None:
        after = _sighting(found, second, "second", cited)
        fate, says = _still(before, after, match(cause, found), scene.label)
        return CauseFate(fate, says, before, after, tests, tuple(filter(None, [before.first, after.first])))
    fate, says = _absent(scene, tests)
    shown = cited.of("second", seen_working(scene)) if fate is Fate.GONE else ()
    return CauseFate(fate, says, before, None, tests, (*filter(None, [before.first]), *shown))


def _still(before: Sighting, after: Sighting, how: Match, label: str) -> tuple[Fate, str]:
    """The cause is there again: on which revision, and at which place."""
    new = bool(before.revisions) and bool(set(after.revisions) - set(before.revisions))
    where = _where(before, after, label) + (f" (it was {_revisions(before.revisions)})" if new else "")
    lines = [one.frame.line if one.frame else None for one in (before, after)]
    if how is Match.ALIKE:
        return (
            Fate.MOVED,
            f"The same cause under another fingerprint, {quote(shown(after.fingerprint))}, {where}.",
        )
    if lines[0] != lines[1]:
        return (
            Fate.MOVED,
            f"The same fingerprint {where}, at line {lines[1] or '?'} (it was {lines[0] or '?'}).",
        )
    return (Fate.ON_NEW_REVISION if new else Fate.SAME), f"The same fingerprint {where}."


def _absent(scene: Scene, tests: Sequence[Retried]) -> tuple[Fate, str]:
    """The cause is not among the second's: gone, unless anything speaks against that."""
    past = [one for one in tests if one.exercise is Exercise.PAST]
    later = [one for one in past if one.says != PASSES]
    how = f"; {quote(later[0].name)} {later[0].says}" if later else ""
    some = f"All {len(tests)}" if len(past) == len(tests) else f"{len(past)} of the {len(tests)}"
    came = (
        f"{some} tests that it failed came past it{how}."
        if len(tests) > 1
        else f"The test that it failed came past it{how}."
    )
    gone = (Fate.GONE, f"{came} The report on {scene.label} names it nowhere.")
    return next(_doubts(scene, tests, len(past)), gone)


def _doubts(scene: Scene, tests: Sequence[Retried], past: int) -> Iterator[tuple[Fate, str]]:
    """Why a cause that is not met cannot be said to be gone, the weightiest reason first."""
    masked = [one for one in tests if one.exercise is Exercise.MASKED]
    unclear = [one for one in tests if one.exercise is Exercise.UNCLEAR]
    ran = sum(one.exercise is not Exercise.NOT_RUN for one in tests)
    logged = next((one for one in scene.second.alternatives if match(scene.cause, one) is Match.SAME), None)
    if not tests:
        yield Fate.CANNOT_TELL, "It is not met, but no test is known to have failed by it."
    if not ran:
        yield Fate.CANNOT_TELL, "It is not met, but no test that it failed was run again."
    if between.elsewhere(scene.first, scene.second):
        yield Fate.CANNOT_TELL, "It is not met, but the second cycle ran on another service."
    if 2 * len(masked) >= ran:
        yield Fate.MASKED, f"Its place was not reached. {_of(masked, tests)}: {_so(masked)}."
    if logged is not None:
        times = f"{logged.occurrences} times" if logged.occurrences > 1 else "once"
        yield Fate.CANNOT_TELL, f"No failing test is tied to it, but {scene.label} still logs it ({times})."
    if unclear:
        yield (
            Fate.CANNOT_TELL,
            f"It is not met, which proves nothing for {_of(unclear, tests)}: {_so(unclear)}.",
        )
    if 2 * past < len(tests):
        few = f"only {past} of the {len(tests)} tests that it failed came past it"
        yield Fate.CANNOT_TELL, f"It is not met, but {few}."


def _of(some: Sequence[Retried], tests: Sequence[Retried]) -> str:
    names = ", ".join(quote(one.name) for one in some[:_NAMES])
    more = f" and {len(some) - _NAMES} more" if len(some) > _NAMES else ""
    return f"{names}{more} ({len(some)} of {len(tests)})"


def _so(some: Sequence[Retried]) -> str:
    """What became of these tests, after a colon: of each where it is the same, else of the first by its name."""
    who = "it" if len(some) == 1 else "each" if len({one.says for one in some}) == 1 else quote(some[0].name)
    return f"{who} {some[0].says}"


def _revisions(names: Sequence[str]) -> str:
    return ", ".join(quote(name) for name in names[:_NAMES])


def _verdict(first: Report, fates: Sequence[CauseFate]) -> Held:
    if first.verdict is Verdict.NOTHING_FAILED:
        return Held.NOTHING_TO_HOLD
    if any(one.fate in STILL_THERE for one in fates):
        return Held.DID_NOT_HOLD
    if fates and not first.unexplained and all(one.fate is Fate.GONE for one in fates):
        return Held.HELD
    return Held.UNKNOWN


def _headline(verdict: Held, fates: Sequence[CauseFate], labels: tuple[str, str]) -> str:
    """The answer in one line."""
    if verdict is Held.NOTHING_TO_HOLD:
        return f"Nothing failed in {labels[0]}, so there was nothing to mend"
    if verdict is Held.HELD:
        gone = (
            f"all {len(fates)} causes are"
            if len(fates) > 1
            else f"{quote(shown(fates[0].before.fingerprint), 120)} is"
        )
        return f"The fix held: {gone} gone in {labels[1]}"
    if verdict is Held.DID_NOT_HOLD:
        still = [one for one in fates if one.fate in STILL_THERE]
        some = f" for {len(still)} of {len(fates)} causes" if len(fates) > 1 else ""
        return f"The fix did not hold{some}: {_again(still[0], labels[1])}"
    one = next((one for one in fates if one.fate is not Fate.GONE), None)
    if one is None:
        return f"Not known whether the fix held: {labels[0]} has failing tests whose cause was never found"
    what = quote(shown(one.before.fingerprint), 120)
    if one.fate is Fate.MASKED:
        return f"Not known whether the fix held: {labels[1]} fails before it comes to {what}"
    return (
        f"Not known whether the fix held: {labels[1]} does not meet {what}, and does not show that it is gone"
    )


def _again(one: CauseFate, label: str) -> str:
    """The cause, and where it is again."""
    told = one.after or one.before
    alike = one.fate is Fate.MOVED and told.fingerprint != one.before.fingerprint
    what = f"the same {'cause as' if alike else 'fingerprint'} {quote(shown(one.before.fingerprint), 120)}"
    return f"{what} {_where(one.before, told, label)}"


def _where(before: Sighting, after: Sighting, label: str) -> str:
    """The revision that the cause is on now, and whether it is a new one."""
    new = [name for name in after.revisions if name not in before.revisions] if before.revisions else []
    if new:
        return f"on the new revision {_revisions(new)}"
    return f"on the same revision {_revisions(after.revisions)}" if after.revisions else f"in {label}"


def _also(new: Sequence[Sighting], second: Report, label: str) -> str:
    """What the second cycle brought besides, for the end of the first line."""
    if new:
        return f"; new in {label}: {quote(shown(new[0].fingerprint), 120)}" + (
            f" and {len(new) - 1} more" if len(new) > 1 else ""
        )
    left = len(second.unexplained)
    return (
        f"; in {label}, {left} failing {'tests have' if left > 1 else 'test has'} no known cause"
        if left
        else ""
    )

"""The report put together: cases in, one `Report` out, every citation numbered.

Decides the verdict; what must be read before the answer (gaps, doubts, contradictions); and, where two stretches of
logs fit the cycle equally and answer differently, that the answer is unknown.
"""

from collections.abc import Sequence
from dataclasses import replace

from rca import __version__, checks, next_steps, timeline, whys
from rca.answers import lead_of, named_in_short
from rca.case import Case
from rca.casebook import Casebook
from rca.contract import Report, ReportCause, Verdict
from rca.model import EventKind, Severity
from rca.quote import quote
from rca.rank import Ranking
from rca.report import code
from rca.report.framing import method, notes
from rca.report.parts import cause_of, closes_of, cycle_of, innocent_numbers, pull_of, test_of

_IN_ORDER = (1000, 1001)
"""Close codes of a connection that was meant to end. Source: RFC 6455, section 7.4.1."""

_MOST_OF_THEM = 2 / 3
"""Part of the stretches that must give an answer for it to stand, where the others give none."""

_SILENT = 0.25
"""What a stretch counts in which nothing failed, beside one in which all did that failed in the run."""

_DOUBT = "another stretch of the logs fits this cycle as well, and gives another answer"


def of(cases: Sequence[Case], command: str) -> Report:
    """The report on the best case; on none of them, where several fit equally and disagree."""
    case = _chosen(cases)
    book = Casebook()
    tests = case.cycle.tests if case.cycle else ()
    failing = tuple(test.name for test in tests if test.failed)
    causes = tuple(cause_of(f"C{i}", one, tests, book) for i, one in enumerate(case.ranking.established, 1))
    answers = whys.ask(case, book)
    others = enumerate(case.ranking.alternatives, len(causes) + 1)
    alternatives = tuple(cause_of(f"C{i}", one, tests, book) for i, one in others)
    verdict = _verdict(case, causes, failing)
    explained = {name for cause in causes for name in cause.tests}
    status = checks.check(case, book)
    ends = closes_of(case, causes, book)
    moments = timeline.of(case, book)
    ruled_out = innocent_numbers(case, book)
    source = code.of(case, book)
    return Report(
        verdict=verdict,
        headline=_headline(case, verdict),
        cycle=cycle_of(case),
        tests=tuple(test_of(i, test, case) for i, test in enumerate(tests)),
        failing_tests=failing,
        windows=case.windows,
        pull=pull_of(case),
        clock_offset_s=case.join.clock_offset_s if case.join else None,
        closes=tuple(end for end in ends if end.status is None),
        refused=tuple(end for end in ends if end.status is not None),
        root_cause=causes[0] if causes else None,
        causes=causes,
        alternatives=alternatives,
        unexplained=tuple(name for name in failing if name not in explained),
        whys=answers,
        status_checks=status,
        evidence=book.evidence(),
        timeline=moments,
        next_actions=next_steps.actions(case),
        impact=case.cycle.impact if case.cycle else None,
        ruled_out=ruled_out,
        notes=notes(case),
        method=method(case),
        settle=() if causes or verdict is Verdict.NOTHING_FAILED else next_steps.settle(case),
        code=source,
        command=command,
        version=__version__,
    )


# --- which case ------------------------------------------------------------------------------------------


def _chosen(cases: Sequence[Case]) -> Case:
    """The first case; without its answer where another that fits as well has a different one.

    A stretch whose connections the logs show to have ended in order is another run, if there is one that is not so.
    """
    cases = [case for case in cases if not _ended_well(case)] or cases
    best = cases[0]
    if len(cases) == 1:
        return best
    told = [(f"{case.windows[0].start:%Y-%m-%d %H:%M:%S} UTC", lead_of(case)) for case in cases]
    if len({lead.fingerprint if lead else None for _, lead in told}) == 1:
        times = " and ".join(time for time, _ in told)
        note = f"{len(cases)} stretches of the logs fit this cycle (from {times}); all give the same answer."
        return replace(best, notes=(*best.notes, note))
    if (agreed := _agreed(cases)) is not None:
        return agreed
    each = "; ".join(
        f"from {time}: {quote(named_in_short(lead), 100) if lead else 'unknown'}" for time, lead in told
    )
    note = (
        f"{len(cases)} stretches of the logs fit this cycle equally, and their answers differ ({each}). "
        "Choose one with --at TIME, or give the report a time of day."
    )
    doubted = tuple(replace(one, why_not=_DOUBT) for one in best.ranking.established)
    ranking = Ranking((), (*doubted, *best.ranking.alternatives), best.ranking.unexplained)
    return replace(best, ranking=ranking, notes=(*best.notes, note))


def _agreed(cases: Sequence[Case]) -> Case | None:
    """The first of the cases that give one answer, where the rest give none: less sure by what those weigh.

    Where an answer explains every failing test, that the logs of another stretch show nothing speaks against that one:
    something failed in the run.
    """
    found = [(case, lead) for case in cases if (lead := lead_of(case)) is not None]
    if len({lead.fingerprint for _, lead in found}) != 1:
        return None
    whole = not any(case.ranking.unexplained for case, _ in found)
    weighs = (len(cases) - len(found)) * (_SILENT if whole else 1.0)
    best, share = found[0][0], len(found) / (len(found) + weighs)
    if share < _MOST_OF_THEM:
        return None
    least = [replace(one, confidence=round(one.confidence * share, 2)) for one in best.ranking.established]
    silent = [f"{case.windows[0].start:%Y-%m-%d %H:%M:%S} UTC" for case in cases if lead_of(case) is None]
    note = (
        f"{len(cases)} stretches of the logs fit this cycle. {len(found)} of them "
        f"{'gives' if len(found) == 1 else 'give'} this answer, the other{'s' if len(silent) > 1 else ''} "
        f"(from {' and '.join(silent)}) none; the confidence is less for that."
    )
    return replace(best, ranking=replace(best.ranking, established=tuple(least)), notes=(*best.notes, note))


def _ended_well(case: Case) -> bool:
    """Whether most connections that would be the failing tests' ended in order, by the logs' own word."""
    if case.cycle is None or case.join is None:
        return False
    joined = zip(case.cycle.tests, case.join.served, strict=True)
    sockets = [socket for test, served in joined if test.failed for socket in served if socket.websocket]
    codes = [socket.close.code for socket in sockets if socket.close is not None]
    return sum(code in _IN_ORDER for code in codes) * 2 > len(sockets)


def _verdict(case: Case, causes: Sequence[ReportCause], failing: Sequence[str]) -> Verdict:
    if causes:
        return Verdict.CAUSE_FOUND
    if case.cycle is not None:
        return Verdict.UNKNOWN if failing or not case.cycle.tests else Verdict.NOTHING_FAILED
    # No entries at all is "unknown", never "nothing failed": nobody looked.
    return (
        Verdict.UNKNOWN
        if case.scene.bad or not case.pulled.entries or _errors(case)
        else Verdict.NOTHING_FAILED
    )


def _errors(case: Case) -> bool:
    """Whether something was logged as an error, though no connection, request or instance is seen to have failed."""
    return any(
        event.kind is EventKind.EXCEPTION
        or (event.kind is EventKind.ERROR_LINE and event.entry.severity >= Severity.ERROR)
        for event in case.events
    )


def _headline(case: Case, verdict: Verdict) -> str:
    lead = lead_of(case)
    if lead is not None:
        if lead.events[0].kind not in (EventKind.EXCEPTION, EventKind.ERROR_LINE):
            return lead.summary
        where = f" in {quote(lead.frame.function)}" if lead.frame and lead.frame.function else ""
        return f"{quote(named_in_short(lead), 120)}{where}"
    if verdict is Verdict.NOTHING_FAILED:
        what = (
            f"Cycle {case.cycle.number}" if case.cycle and case.cycle.number is not None else "In these logs"
        )
        return f"{what}: nothing failed"
    return "not established"

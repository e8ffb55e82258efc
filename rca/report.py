"""The report put together: cases in, one `Report` out, every citation numbered.

Decides the verdict; what must be read before the answer (gaps, doubts, contradictions); and, where two stretches of
logs fit the cycle equally and answer differently, that the answer is unknown.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from rca import __version__, checks, next_steps, timeline, whys
from rca.answers import close_of, count, lead_of, ties_of
from rca.case import Case
from rca.casebook import Casebook, telling
from rca.contract import (
    Report,
    ReportCause,
    ReportClose,
    ReportCycle,
    ReportFrame,
    ReportPull,
    ReportQuery,
    ReportTest,
    Ruled,
    Verdict,
)
from rca.model import Frame, Initiator, Kind, Socket, Suspect, Test, Trace
from rca.naming import named, short_type
from rca.quote import quote
from rca.rank import Ranking

_CITED = 6
"""Entries cited for one cause; `occurrences` counts the rest."""


def of(cases: Sequence[Case], command: str) -> Report:
    """The report on the best case; on none of them, where several fit equally and disagree."""
    case = _chosen(cases)
    book = Casebook()
    tests = case.cycle.tests if case.cycle else ()
    failing = tuple(test.name for test in tests if test.failed)
    causes = tuple(_cause(f"C{i}", one, book) for i, one in enumerate(case.ranking.established, 1))
    answers = whys.ask(case, book)
    others = enumerate(case.ranking.alternatives, len(causes) + 1)
    alternatives = tuple(_cause(f"C{i}", one, book) for i, one in others)
    verdict = _verdict(case, causes, failing)
    explained = {name for cause in causes for name in cause.tests}
    status = checks.check(case, book)
    closes = _closes(case, causes, book)
    moments = timeline.of(case, book)
    return Report(
        verdict=verdict,
        headline=_headline(case, verdict),
        cycle=_cycle(case),
        tests=tuple(_test(i, test, case) for i, test in enumerate(tests)),
        failing_tests=failing,
        windows=case.windows,
        pull=_pull(case),
        clock_offset_s=case.join.clock_offset_s if case.join else None,
        closes=closes,
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
        ruled_out=_innocent_numbers(case, book),
        notes=_notes(case),
        method=_method(case),
        settle=() if causes or verdict is Verdict.NOTHING_FAILED else next_steps.settle(case),
        command=command,
        version=__version__,
    )


# --- which case ------------------------------------------------------------------------------------------


def _chosen(cases: Sequence[Case]) -> Case:
    """The first case; without its answer where another that fits as well has a different one."""
    best = cases[0]
    if len(cases) == 1:
        return best
    answers = {lead.fingerprint if (lead := lead_of(case)) else None for case in cases}
    times = " and ".join(f"{case.windows[0].start:%Y-%m-%d %H:%M:%S} UTC" for case in cases if case.windows)
    choose = "choose with --at"
    if len(answers) == 1:
        note = f"{len(cases)} stretches of the logs fit this cycle (from {times}); all give the same answer."
        return replace(best, notes=(*best.notes, note))
    note = (
        f"{len(cases)} stretches of the logs fit this cycle equally (from {times}), and their answers differ: "
        f"{choose}, or give the report a time of day."
    )
    ranking = Ranking((), (*best.ranking.established, *best.ranking.alternatives), best.ranking.unexplained)
    return replace(best, ranking=ranking, notes=(*best.notes, note))


def _verdict(case: Case, causes: Sequence[ReportCause], failing: Sequence[str]) -> Verdict:
    if causes:
        return Verdict.CAUSE_FOUND
    if case.cycle is not None:
        return Verdict.UNKNOWN if failing or not case.cycle.tests else Verdict.NOTHING_FAILED
    # No entries at all is "unknown", never "nothing failed": nobody looked.
    return Verdict.UNKNOWN if case.scene.bad or not case.pulled.entries else Verdict.NOTHING_FAILED


def _headline(case: Case, verdict: Verdict) -> str:
    lead = lead_of(case)
    if lead is not None:
        first = lead.message.strip().split("\n", 1)[0]
        named_ = (
            f"{short_type(lead.exception)}: {first}"
            if lead.exception and lead.exception not in first
            else first
        )
        where = f" in {quote(lead.frame.function)}" if lead.frame and lead.frame.function else ""
        return f"{quote(named_ or lead.exception or '', 120)}{where}"
    if verdict is Verdict.NOTHING_FAILED:
        what = (
            f"Cycle {case.cycle.number}" if case.cycle and case.cycle.number is not None else "In these logs"
        )
        return f"{what}: nothing failed"
    return "not established"


# --- the parts -------------------------------------------------------------------------------------------


def _frame(frame: Frame) -> ReportFrame:
    return ReportFrame(frame.file, frame.line, frame.function, frame.code)


def _cause(number: str, one: Suspect, book: Casebook) -> ReportCause:
    ties = ties_of(one)
    events = [link.event for link in ties] or list(one.events[:1])
    entries = [entry for event in events[:_CITED] for entry in telling(event)]
    speaker = next((event for event in events if event.trace), events[0])
    chain, frames = _story(speaker.trace) if speaker.trace else ((), ())
    return ReportCause(
        id=number,
        category=one.category,
        exception=one.exception,
        message=one.message,
        summary=one.summary,
        confidence=one.confidence,
        calibrated=False,
        frame=_frame(one.frame) if one.frame else None,
        known_cause=None,
        signals=one.signals,
        tests=one.tests,
        evidence=tuple(dict.fromkeys(book.entry(entry) for entry in entries)),
        fingerprint=one.fingerprint,
        occurrences=len(one.events),
        chain=chain,
        frames=frames,
        why_not=one.why_not,
    )


def _story(trace: Trace) -> tuple[tuple[str, ...], tuple[ReportFrame, ...]]:
    """The chain's exceptions in words, root first, and the application's frames of the one that says it."""
    chain = tuple(f"{one.type}: {one.message}" if one.message else one.type for one in trace.exceptions)
    exception = named(trace).exception
    return chain, tuple(_frame(frame) for frame in exception.frames if frame.in_app)


def _cycle(case: Case) -> ReportCycle | None:
    cycle = case.cycle
    if cycle is None:
        return None
    return ReportCycle(
        number=cycle.number,
        date=cycle.date,
        environment=cycle.environment,
        target=cycle.target,
        revision=cycle.revision,
        sources=cycle.sources,
        warnings=cycle.warnings,
        run_time_text=cycle.run_time_text,
    )


def _test(position: int, test: Test, case: Case) -> ReportTest:
    kind = test.kind
    served = case.join.served[position] if case.join else ()
    if kind is Kind.UNKNOWN and served:
        kind = Kind.WEBSOCKET if any(socket.websocket for socket in served) else Kind.HTTP
    return ReportTest(
        id=f"test-{position + 1}",
        name=test.name,
        kind=kind,
        outcome=test.outcome,
        flaky=test.flaky,
        started_at=test.started_at,
        duration_s=test.duration_s,
        error=test.error,
        close_code=test.close_code,
        title=test.title,
    )


def _pull(case: Case) -> ReportPull:
    pulled = case.pulled
    return ReportPull(
        complete=pulled.complete,
        source=pulled.source,
        entries=len(pulled.entries),
        unreadable=pulled.unreadable,
        queries=tuple(ReportQuery(q.lql, q.start, q.end, q.calls) for q in pulled.queries),
        warnings=pulled.warnings,
        first_at=pulled.entries[0].at if pulled.entries else None,
        last_at=pulled.entries[-1].at if pulled.entries else None,
        services=_distinct(entry.service for entry in pulled.entries),
        revisions=_distinct(entry.revision for entry in pulled.entries),
        duplicates=pulled.duplicates,
    )


def _distinct(values: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(sorted({value for value in values if value}))


def _closes(case: Case, causes: Sequence[ReportCause], book: Casebook) -> tuple[ReportClose, ...]:
    """How the sockets of the failing tests ended (without a cycle: those that the logs show failing)."""
    tie_of = {
        link.socket.id: (cause.id, link)
        for one, cause in reversed(list(zip(case.ranking.established, causes, strict=True)))
        for link in ties_of(one)
    }
    shown = {socket.id: socket for socket in case.scene.bad if socket.path is not None}
    found = []
    for socket in shown.values():
        cause, link = tie_of.get(socket.id, (None, None))
        evidence = [book.entry(socket.entry)]
        if link is not None:
            evidence += [book.entry(entry) for entry in telling(link.event)[:1]]
        found.append(_close(case, socket, cause, link.tie.value if link else None, tuple(evidence)))
    return tuple(one for one in found if one.code is not None)


def _close(
    case: Case, socket: Socket, cause: str | None, tie: str | None, evidence: tuple[str, ...]
) -> ReportClose:
    close = close_of(case, socket)
    by_request = socket.entry.request is not None
    told = socket.entry if by_request or not close or not close.told_by else close.told_by
    return ReportClose(
        code=close.code if close else None,
        reason=close.reason if close else None,
        timestamp=socket.end or socket.start,
        insert_id=told.ref.insert_id,
        trace=socket.trace_id,
        instance=socket.instance,
        connection=socket.id,
        initiator=close.initiator if close else Initiator.UNKNOWN,
        lifetime_s=socket.lifetime_s,
        tests=case.scene.tests_of.get(socket.id, ()) if case.cycle else (),
        cause=cause,
        opened_at=socket.start,
        tie=tie,
        evidence=evidence,
    )


def _innocent_numbers(case: Case, book: Casebook) -> tuple[Ruled, ...]:
    """Where the close code of the failing tests stands in lines that have nothing to do with a close."""
    codes = {close.code for s in case.scene.bad if (close := case.scene.closes.get(s.id)) and close.code}
    if not codes:
        return ()
    number = str(max(codes))
    own = {id(line) for socket in case.scene.bad for line in socket.lines}
    lines = [e for e in case.pulled.entries if number in e.message and e.request is None and id(e) not in own]
    lines = [e for e in lines if f"code={number}" not in e.message and f"code {number}" not in e.message]
    if not lines:
        return ()
    what = f"{number} in {count(len(lines), 'other line')}, such as {quote(lines[0].message, 80)}"
    return (Ruled(what, "a duration, an id or a size: no close of a connection", (book.entry(lines[0]),)),)


# --- before and after the answer ---------------------------------------------------------------------------


def _notes(case: Case) -> tuple[str, ...]:
    """What a reader must know before believing the answer, gravest first."""
    notes = list(case.notes)
    pulled = case.pulled
    if pulled.complete is False:
        notes.append("The logs have a known gap: what is missing can change the answer.")
    if not pulled.entries:
        notes.append(f"No log entry was read from {pulled.source}: nothing can be said about the cause.")
    if pulled.unreadable:
        notes.append(
            f"{count(pulled.unreadable, 'log entry').replace('entrys', 'entries')} could not be read."
        )
    if case.cycle is not None and not case.cycle.tests:
        notes.append("The cycle's report gives no tests: nothing can be joined to the logs.")
    if case.cycle and case.join and pulled.entries:
        lost = [t.name for t, s in zip(case.cycle.tests, case.join.served, strict=True) if t.failed and not s]
        if lost:
            notes.append(
                f"No connection in the logs could be joined to {', '.join(quote(name) for name in lost[:5])}."
            )
    return tuple(notes)


def _method(case: Case) -> tuple[str, ...]:
    """How the answer was reached, in the order of the stages."""
    pulled = case.pulled
    sentences = [
        f"{len(pulled.entries)} entries from {quote(pulled.source)} were examined"
        + (
            f", {pulled.entries[0].at:%Y-%m-%d %H:%M:%S} to {pulled.entries[-1].at:%H:%M:%S} UTC"
            if pulled.entries
            else ""
        )
        + "."
    ]
    if pulled.complete is None and pulled.entries:
        sentences.append("Whether they are complete is not known: the file has no manifest.")
    sentences += [f"Window: {quote(window.why)}." for window in case.windows]
    if case.join is not None:
        sentences.append(f"Joining: {quote(case.join.basis, 400)}.")
        if case.join.clock_offset_s is not None:
            sentences.append(
                f"The tests' clock is {case.join.clock_offset_s:+.1f} s against the logs'; a pause before connecting "
                "and a wrong clock look alike here."
            )
    scene = case.scene
    sentences.append(
        f"Compared: {count(len(scene.bad), 'failing socket')} with {count(len(scene.good), 'socket')} that ended well, "
        f"over {scene.watched_s:.0f} instance-seconds."
    )
    if lead_of(case) is not None:
        sentences.append(
            "The confidence is not yet calibrated on labelled incidents, and is capped at 0.7 until it is."
        )
    return tuple(sentences)

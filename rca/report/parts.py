"""The parts of a report that restate what was found: causes, tests, the pull, the closes.

In: a `Case` and the casebook. Out: the contract's values. Decides how many entries a cause cites, and that `closes`
lists the ends of the failing tests' connections (without a cycle: those that the logs show failing).
"""

from collections.abc import Iterable, Sequence

from rca import closes
from rca.answers import close_of, count, ties_of
from rca.case import Case
from rca.casebook import Casebook, telling
from rca.contract import (
    ReportCause,
    ReportClose,
    ReportCycle,
    ReportFrame,
    ReportPull,
    ReportQuery,
    ReportTest,
    Ruled,
)
from rca.model import EventKind, Frame, Initiator, Kind, Link, Socket, Suspect, Test, Tie, Trace
from rca.naming import named
from rca.quote import quote
from rca.weights import weights

_CITED = 6
"""Entries cited for one cause; `occurrences` counts the rest."""


def _frame(frame: Frame) -> ReportFrame:
    return ReportFrame(frame.file, frame.line, frame.function, frame.code)


def _tests(one: Suspect, tests: Sequence[Test], book: Casebook) -> list[str]:
    """The tests that a cause on the client's side is read from."""
    if one.events[0].kind is not EventKind.CLIENT:
        return []
    return [book.test(test) for test in tests if test.name in one.tests]


def cause_of(number: str, one: Suspect, tests: Sequence[Test], book: Casebook) -> ReportCause:
    """The cause as the contract has it, its first entries cited."""
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
        calibrated=True,
        frame=_frame(one.frame) if one.frame else None,
        known_cause=one.known,
        signals=one.signals,
        tests=one.tests,
        evidence=(*dict.fromkeys(book.entry(entry) for entry in entries), *_tests(one, tests, book)),
        fingerprint=one.fingerprint,
        occurrences=len(one.events),
        chain=chain,
        frames=frames,
        why_not=one.why_not,
        exception_inferred=one.inferred,
    )


def _story(trace: Trace) -> tuple[tuple[str, ...], tuple[ReportFrame, ...]]:
    """The chain's exceptions in words, root first, and the application's frames of the one that says it."""
    chain = tuple(f"{one.type}: {one.message}" if one.message else one.type for one in trace.exceptions)
    exception = named(trace).exception
    return chain, tuple(_frame(frame) for frame in exception.frames if frame.in_app)


def cycle_of(case: Case) -> ReportCycle | None:
    """The cycle the report is about; None where none was given."""
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


def test_of(position: int, test: Test, case: Case) -> ReportTest:
    """One test, its kind known from what served it where its name does not tell."""
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


def pull_of(case: Case) -> ReportPull:
    """What was read, from which services and revisions, and whether it was all."""
    pulled = case.pulled
    return ReportPull(
        complete=pulled.complete,
        source=pulled.source,
        entries=len(pulled.entries),
        unreadable=pulled.unreadable,
        queries=tuple(ReportQuery(q.lql, q.start, q.end, q.calls) for q in pulled.queries),
        warnings=(*pulled.gaps, *pulled.warnings),
        first_at=pulled.entries[0].at if pulled.entries else None,
        last_at=pulled.entries[-1].at if pulled.entries else None,
        services=_distinct(entry.service for entry in pulled.entries),
        revisions=_distinct(entry.revision for entry in pulled.entries),
        duplicates=pulled.duplicates,
        gaps=pulled.gaps,
    )


def _distinct(values: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(sorted({value for value in values if value}))


def closes_of(case: Case, causes: Sequence[ReportCause], book: Casebook) -> tuple[ReportClose, ...]:
    """How the sockets of the failing tests ended (without a cycle: those that the logs show failing).

    A handshake or request that was refused has a status and no code; of the others those are listed whose code
    somebody tells.
    """
    tie_of = {
        link.socket.id: (cause.id, link)
        for one, cause in reversed(list(zip(case.ranking.established, causes, strict=True)))
        for link in ties_of(one)
    }
    found = []
    for socket in case.scene.bad:
        if socket.path is None:
            continue
        cause, link = tie_of.get(socket.id, (None, None))
        evidence = [book.entry(socket.entry)]
        if link is not None:
            evidence += [book.entry(entry) for entry in telling(link.event)[:1]]
        found.append(_close(case, socket, cause, _tie(link) if link else None, tuple(evidence)))
    return tuple(one for one in found if one.code is not None or one.status is not None)


def _tie(link: Link) -> str:
    """What ties a cause to a socket, in words."""
    if link.tie is not Tie.INSTANCE:
        return link.tie.value
    ties = weights().tie
    near = next(
        (width for width in (ties.flush_s, ties.near_s, ties.tail_s) if abs(link.gap_s) <= width), None
    )
    return f"same instance, within {near:g} s of its end" if near else "same instance, while it was open"


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
        status=None if socket.accepted else socket.status,
    )


def innocent_numbers(case: Case, book: Casebook) -> tuple[Ruled, ...]:
    """Where the close code of the failing tests stands in lines that have nothing to do with a close."""
    codes = {close.code for close in case.scene.ends_of(case.scene.bad) if close.code}
    if not codes:
        return ()
    number = str(max(codes))
    own = {id(line) for socket in case.scene.bad for line in socket.lines}
    lines = [e for e in case.pulled.entries if number in e.message and e.request is None and id(e) not in own]
    lines = [e for e in lines if closes.read_server(e) is None and closes.read_client(e.message) is None]
    if not lines:
        return ()
    what = f"{number} in {count(len(lines), 'other line')}, such as {quote(lines[0].message, 80)}"
    return (Ruled(what, "a duration, an id or a size: no close of a connection", (book.entry(lines[0]),)),)

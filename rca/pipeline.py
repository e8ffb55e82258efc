"""The whole story on one page: a cycle and a source of logs in, a report out.

cycle -> span -> probe -> windows -> pull -> traces, sockets, platform events -> join -> link -> rank -> words.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

from rca import (
    client_side,
    cloudrun,
    faults,
    instances,
    known,
    questions,
    repo,
    report,
    scene,
    server,
    sockets,
    traces,
    windows,
)
from rca.case import Case
from rca.contract import Report
from rca.errors import CycleError
from rca.join import join
from rca.link import fatal_at_start, link
from rca.model import Cycle, Entry, Event, EventKind, Initiator, Pulled, Query, Window
from rca.naming import lasting_words
from rca.questions import Ask
from rca.rank import rank
from rca.redact import redact, unmasked
from rca.sources import LogSource
from rca.sources.copies import distinct
from rca.weights import weights


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: why a cycle failed, or what happened around a moment, or in all that the source holds."""

    cycle: Cycle | None = None
    moment: datetime | None = None
    span: Window | None = None
    zone: tzinfo | None = None
    """The runner's, where a report gives none."""

    catalogue: tuple[str, ...] = ()
    """Folders of the user's own known causes."""

    repo: Path | None = None
    """A checkout of the service's source."""

    command: str = "rca why"

    mask: tuple[str, ...] = ()
    """Names whose values are masked beside what is a secret by itself."""

    masked: bool = True
    """Whether the report is; it says so where it is not."""


_INTERNAL_ERROR = 1011

_FIRST = 1000
"""Occurrences looked through for the first: a page of the API."""


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Logs that could tell of the question, read whole, and what a probe saw around them."""

    pulled: Pulled
    windows: tuple[Window, ...]
    deploys: tuple[Event, ...] = ()
    searched: Window | None = None


def investigate(question: Question, source: LogSource) -> Report:
    """The report on a question, masked unless the question says otherwise; the same logs always give the same."""
    noted = _Noted(source)
    cases = [_examine(question, stretch) for stretch in _stretches(question, noted)]
    cases = [_with_first(case, noted) for case in cases]
    cases = [replace(case, pulled=noted.of_all(case.pulled)) for case in cases]
    if question.repo is not None:
        cases = [_with_code(case, question.repo) for case in cases]
    made = report.of(cases, question.command)
    return redact(made, question.mask) if question.masked else unmasked(made)


def opening(question: Question) -> tuple[Ask, ...]:
    """What is asked of the logs first: what answers it can answer the rest."""
    search = _search(question)
    if search.exact:
        return tuple(questions.everything(window) for window in search.windows)
    return (_probe(question, search.span),)


class _Noted(LogSource):
    """A source, and what its answers cost and lacked altogether. Not frozen: it adds up while a run lasts."""

    def __init__(self, source: LogSource) -> None:
        self._source = source
        self._queries: list[Query] = []
        self._warnings: list[str] = []
        self._gaps: list[str] = []

    @property
    def scarce(self) -> bool:
        return self._source.scarce

    def pull(self, ask: Ask) -> Pulled:
        return self.pull_all((ask,))[0]

    def pull_all(self, asks: Sequence[Ask]) -> tuple[Pulled, ...]:
        answers = self._source.pull_all(asks)
        for pulled in answers:
            self._queries += pulled.queries
            self._warnings += pulled.warnings
            self._gaps += pulled.gaps
        return answers

    def of_all(self, pulled: Pulled) -> Pulled:
        """The same entries, with the queries, the warnings and the gaps of every answer."""
        return replace(
            pulled,
            queries=tuple(self._queries),
            warnings=tuple(dict.fromkeys((*pulled.warnings, *self._warnings))),
            gaps=tuple(dict.fromkeys(self._gaps)),
            complete=False if self._gaps else pulled.complete,
        )


def _stretches(question: Question, source: LogSource) -> list[_Stretch]:
    """The stretches of logs that could tell of the question, best first."""
    search = _search(question)
    if search.exact:
        return [_read_whole(search.windows, source)]
    if source.scarce and search.span is None:
        raise CycleError(
            "the report has no date: there is no telling which logs to read",
            "give --at, or --since and --until",
        )
    asked, wider = _probe(question, search.span), questions.probe(search.span, None)
    probe = source.pull(asked)
    everything = windows.whole(probe.first_at, probe.last_at)
    if not source.scarce and (everything is None or question.cycle is None or _short(everything)):
        return [_Stretch(source.pull(questions.everything(search.span)), _those(search.span or everything))]
    found = _bursts(question, probe)
    if not found and source.scarce and wider != asked:
        # A connection can outlive its run, where the service does not notice that its client has gone.
        probe = source.pull(wider)
        found = _bursts(question, probe)
    if not found:
        rest = questions.failures(search.span) if source.scarce else questions.everything(search.span)
        return [_Stretch(source.pull(rest), _those(search.span or everything))]
    deploys = tuple(event for event in _events(probe.entries) if event.kind is EventKind.DEPLOY)
    searched = search.span if source.scarce or everything is None else windows.within(search.span, everything)
    answers = source.pull_all([questions.everything(burst.window) for burst in found])
    return [
        _Stretch(pulled, (burst.window,), deploys, searched)
        for burst, pulled in zip(found, answers, strict=True)
    ]


def _read_whole(windows_asked: Sequence[Window | None], source: LogSource) -> _Stretch:
    """All that was logged in the windows, and the deploys that a source of files passes on the way."""
    asks = [questions.everything(window) for window in windows_asked]
    if source.scarce:
        return _Stretch(_together(source.pull_all(asks)), _those(*windows_asked))
    *answers, passed = source.pull_all([*asks, questions.deploys()])
    deploys = tuple(event for event in cloudrun.detect(passed.entries) if event.kind is EventKind.DEPLOY)
    return _Stretch(_together(answers), _those(*windows_asked), deploys)


def _those(*found: Window | None) -> tuple[Window, ...]:
    return tuple(one for one in found if one is not None)


def _together(answers: Sequence[Pulled]) -> Pulled:
    """The answers to several questions as one; what was counted once for all of them is counted once."""
    if len(answers) == 1:
        return answers[0]
    entries, _ = distinct([entry for pulled in answers for entry in pulled.entries])
    told = [pulled.complete for pulled in answers]
    firsts = [pulled.first_at for pulled in answers if pulled.first_at]
    lasts = [pulled.last_at for pulled in answers if pulled.last_at]
    return replace(
        answers[0],
        entries=entries,
        complete=False if False in told else None if None in told else True,
        queries=tuple(query for pulled in answers for query in pulled.queries),
        read=max(pulled.read for pulled in answers),
        duplicates=max(pulled.duplicates for pulled in answers),
        unreadable=max(pulled.unreadable for pulled in answers),
        first_at=min(firsts, default=None),
        last_at=max(lasts, default=None),
        warnings=tuple(dict.fromkeys(word for pulled in answers for word in pulled.warnings)),
        gaps=tuple(dict.fromkeys(gap for pulled in answers for gap in pulled.gaps)),
    )


def _bursts(question: Question, probe: Pulled) -> tuple[windows.Burst, ...]:
    tests, stated = (question.cycle.tests, question.cycle.run_start) if question.cycle else ((), None)
    return windows.bursts(tests, sockets.detect(probe.entries), stated)


def _short(span: Window) -> bool:
    return span.end - span.start <= timedelta(seconds=weights().window.short_s)


def _probe(question: Question, span: Window | None) -> Ask:
    return questions.probe(span, windows.run_s(question.cycle.tests) if question.cycle else None)


def _events(entries: tuple[Entry, ...]) -> tuple[Event, ...]:
    """Faults, platform events and deploys of the entries, sorted by time."""
    found = [*faults.detect(entries, traces.reassemble(entries)), *cloudrun.detect(entries)]
    return tuple(sorted(found, key=lambda event: event.at))


def _search(question: Question) -> windows.Search:
    if question.span is not None:
        return windows.Search(question.span, exact=True)
    if question.moment is not None:
        return windows.around(question.moment)
    if question.cycle is not None:
        return windows.search_of(question.cycle, question.zone)
    return windows.Search(None, exact=False)


def _examine(question: Question, stretch: _Stretch) -> Case:
    """One stretch of logs, from entries to ranked suspects."""
    entries = stretch.pulled.entries
    connections = sockets.detect(entries)
    events = _events(entries)
    span = windows.whole(entries[0].at, entries[-1].at) if entries else None
    names = {entry.instance for entry in entries if entry.instance}
    watched = scene.watched(connections, len(names), span.end - span.start if span else timedelta(0))
    deaths = instances.deaths(entries, events)
    tests = question.cycle.tests if question.cycle else ()
    joined = join(tests, connections) if question.cycle else None
    if joined is not None:
        compared = scene.of_cycle(tests, joined, connections, deaths, watched)
    else:
        compared = scene.of_logs(connections, deaths, watched)
    fatal = fatal_at_start(events, connections, weights().tie)
    compared = replace(
        compared, server=server.fingerprint(entries), fatal=frozenset(id(one) for one in fatal)
    )
    relevant = {socket.id: socket for socket in (*connections, *compared.bad)}
    made_by_tests = client_side.detect(tests, joined) if joined else ()
    links = (*link(events, tuple(relevant.values())), *made_by_tests)
    events = tuple(sorted((*events, *(one.event for one in made_by_tests)), key=lambda event: event.at))
    return Case(
        cycle=question.cycle,
        pulled=stretch.pulled,
        windows=stretch.windows or _those(span),
        sockets=connections,
        join=joined,
        scene=compared,
        events=events,
        links=links,
        ranking=rank(events, links, compared, known.catalogue(question.catalogue)),
        catalogue=question.catalogue,
        deploys=stretch.deploys,
        searched=stretch.searched,
    )


def _with_code(case: Case, checkout: Path) -> Case:
    """The case, with what the service's source says of its cause's frames and of the closes of its failing tests."""
    ends = case.scene.ends_of(case.scene.bad)
    by_server = [one for one in ends if one.code and one.initiator is not Initiator.CLIENT]
    code = max((one.code or 0 for one in by_server), default=_INTERNAL_ERROR)
    reasons = tuple(dict.fromkeys(one.reason or "" for one in by_server if one.code == code))
    lead = next(iter(case.ranking.established), None)
    trace = next((event.trace for event in lead.events if event.trace), None) if lead else None
    frames = [frame for one in trace.exceptions for frame in one.frames if frame.in_app] if trace else []
    return replace(case, repo=repo.look(checkout, code, reasons, list(dict.fromkeys(frames))))


def _with_first(case: Case, source: LogSource) -> Case:
    """The case, with the first entry of all that was searched that shows its leading cause."""
    lead = next(iter(case.ranking.established), None)
    words = lasting_words(lead.message, None if lead.inferred else lead.exception) if lead else None
    if lead is None or words is None or case.searched is None:
        return case
    entries = source.pull(questions.occurrences(words, case.searched, _FIRST)).entries
    same = [event.entry for event in _events(entries) if event.fingerprint == lead.fingerprint]
    said = lead.message.strip().split("\n", 1)[0]
    same += [entry for entry in entries if said and said in entry.text]
    return replace(case, first=min(same, key=lambda entry: entry.at_ns, default=None))

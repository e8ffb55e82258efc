"""The whole story on one page: a cycle and a source of logs in, a report out.

cycle -> span -> probe -> windows -> pull -> traces, sockets, platform events -> join -> link -> rank -> words.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo

from rca import client_side, cloudrun, faults, instances, report, scene, sockets, traces, windows
from rca.case import Case
from rca.contract import Report
from rca.join import join
from rca.link import fatal_events, link
from rca.model import Cycle, Entry, Event, Pulled, Window
from rca.rank import rank
from rca.redact import redact
from rca.sources import LogSource
from rca.weights import weights


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: why a cycle failed, or what happened around a moment, or in all that the source holds."""

    cycle: Cycle | None = None
    moment: datetime | None = None
    span: Window | None = None
    zone: tzinfo | None = None
    """The runner's, where a report gives none."""

    services: tuple[str, ...] = ()
    """Only entries of these, or of none, are looked at; empty for all."""

    command: str = "rca why"


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Logs that could tell of the question, read whole, and what a probe saw around them."""

    pulled: Pulled
    window: Window | None
    history: tuple[Event, ...] = ()
    searched: Window | None = None


def investigate(question: Question, source: LogSource) -> Report:
    """The report on a question, masked and ready to leave the machine; the same logs always give the same."""
    source = _OnlyServices(source, question.services) if question.services else source
    cases = [_examine(question, stretch) for stretch in _stretches(question, source)]
    return redact(report.of(cases, question.command))


@dataclass(frozen=True, slots=True)
class _OnlyServices:
    """A source without the entries of other services; entries that name none (deploys, builds) stay."""

    source: LogSource
    services: tuple[str, ...]

    def pull(self, window: Window | None, *, probe: bool = False) -> Pulled:
        pulled = self.source.pull(window, probe=probe)
        kept = tuple(entry for entry in pulled.entries if entry.service in {None, *self.services})
        return replace(pulled, entries=kept)


def _stretches(question: Question, source: LogSource) -> list[_Stretch]:
    """The stretches of logs that could tell of the question, best first."""
    search = _search(question)
    if search.exact:
        return [_Stretch(source.pull(search.span), search.span)]
    probe = source.pull(search.span, probe=True)
    everything = windows.whole(probe.first_at, probe.last_at)
    short = timedelta(seconds=weights().window.short_s)
    if everything is None or question.cycle is None or everything.end - everything.start <= short:
        return [_Stretch(source.pull(search.span), search.span or everything)]
    found = windows.bursts(question.cycle.tests, sockets.detect(probe.entries), question.cycle.run_start)
    if not found:
        return [_Stretch(source.pull(search.span), search.span or everything)]
    history = _events(probe.entries)
    searched = windows.within(search.span, everything)
    return [_Stretch(source.pull(burst.window), burst.window, history, searched) for burst in found]


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
    compared = scene.with_fatal(compared, frozenset(id(one) for one in fatal_events(events, weights().tie)))
    relevant = {socket.id: socket for socket in (*connections, *compared.bad)}
    made_by_tests = client_side.detect(tests, joined) if joined else ()
    links = (*link(events, tuple(relevant.values())), *made_by_tests)
    events = tuple(sorted((*events, *(one.event for one in made_by_tests)), key=lambda event: event.at))
    return Case(
        cycle=question.cycle,
        pulled=stretch.pulled,
        windows=tuple(one for one in (stretch.window or span,) if one),
        sockets=connections,
        join=joined,
        scene=compared,
        events=events,
        links=links,
        ranking=rank(events, links, compared),
        history=stretch.history,
        searched=stretch.searched,
    )

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
from rca.model import Cycle, Pulled, Window
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


def investigate(question: Question, source: LogSource) -> Report:
    """The report on a question, masked and ready to leave the machine; the same logs always give the same."""
    source = _OnlyServices(source, question.services) if question.services else source
    cases = [_examine(question, pulled, window) for pulled, window in _pulls(question, source)]
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


def _pulls(question: Question, source: LogSource) -> list[tuple[Pulled, Window | None]]:
    """The stretches of logs that could tell of the question, best first, each read whole."""
    search = _search(question)
    if search.exact:
        return [(source.pull(search.span), search.span)]
    probe = source.pull(search.span, probe=True)
    everything = windows.whole(probe.first_at, probe.last_at)
    short = timedelta(seconds=weights().window.short_s)
    if everything is None or question.cycle is None or everything.end - everything.start <= short:
        return [(source.pull(search.span), search.span or everything)]
    found = windows.bursts(question.cycle.tests, sockets.detect(probe.entries), question.cycle.run_start)
    return [(source.pull(burst.window), burst.window) for burst in found] or [
        (probe, search.span or everything)
    ]


def _search(question: Question) -> windows.Search:
    if question.span is not None:
        return windows.Search(question.span, exact=True)
    if question.moment is not None:
        return windows.around(question.moment)
    if question.cycle is not None:
        return windows.search_of(question.cycle, question.zone)
    return windows.Search(None, exact=False)


def _examine(question: Question, pulled: Pulled, window: Window | None) -> Case:
    """One stretch of logs, from entries to ranked suspects."""
    entries = pulled.entries
    found = traces.reassemble(entries)
    connections = sockets.detect(entries)
    events = tuple(
        sorted([*faults.detect(entries, found), *cloudrun.detect(entries)], key=lambda one: one.at)
    )
    span = windows.whole(entries[0].at, entries[-1].at) if entries else None
    names = {entry.instance for entry in entries if entry.instance}
    watched = scene.watched(connections, len(names), span.end - span.start if span else timedelta(0))
    deaths = instances.deaths(entries, events)
    joined = None
    if question.cycle is not None:
        joined = join(question.cycle.tests, connections)
        compared = scene.of_cycle(question.cycle.tests, joined, connections, deaths, watched)
    else:
        compared = scene.of_logs(connections, deaths, watched)
    compared = scene.with_fatal(compared, frozenset(id(one) for one in fatal_events(events, weights().tie)))
    relevant = {socket.id: socket for socket in (*connections, *compared.bad)}
    made_by_tests = client_side.detect(question.cycle.tests, joined) if question.cycle and joined else ()
    links = (*link(events, tuple(relevant.values())), *made_by_tests)
    events = (*events, *(one.event for one in made_by_tests))
    return Case(
        cycle=question.cycle,
        pulled=pulled,
        windows=tuple(one for one in (window or span,) if one),
        sockets=connections,
        join=joined,
        scene=compared,
        events=events,
        links=links,
        ranking=rank(events, links, compared),
    )

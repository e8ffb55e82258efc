"""Cloud Logging as a source: questions in, entries out, and what a recording keeps of them.

In: an `Ask`. Out: `Pulled`. Decides of which services the logs are asked, when late arrivals are looked for once
more, and what is still known when a pull could not be completed.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from rca.errors import AccessError, RcaError
from rca.lql import parse
from rca.model import Pulled, Query, Window
from rca.normalize import Unreadable
from rca.normalize.times import in_ns
from rca.questions import Ask, arrived, at_host, whole_query
from rca.resources import rfc3339, rfc3339_ns
from rca.sources import LogSource
from rca.sources.assembling import overlaps
from rca.sources.cloud.reading import Read, Reader
from rca.sources.cloud.services import service_in
from rca.sources.cloud.wire import Wire
from rca.sources.fetches import Fetch, identity, pulled_from
from rca.sources.origin import Origin
from rca.sources.outside import Outside

_RECENT = timedelta(hours=24)
"""Entries may arrive so late. Source: LogEntry, timestamp; Logging quotas."""

_LAG = timedelta(minutes=5)
"""Looked back before the first reading, for clocks that differ and entries that were being indexed."""

_ENOUGH = 50
"""Requests to a host that tell which service answers there."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a run wants of the API, besides its questions."""

    origin: Origin
    host: str | None = None
    """The host that the cycle's tests called; tells the service where none is named."""

    most_calls: int = 200
    left: tuple[Fetch, ...] = ()
    """What an earlier run, that could not finish, left behind: gone on from, not asked again."""


class CloudLogging(LogSource):
    """Log entries from the API. Not frozen: it remembers what it fetched, for the recording and for gaps."""

    scarce = True

    def __init__(self, wire: Wire, wanted: Wanted, outside: Outside) -> None:
        self.origin = wanted.origin
        self._wire = wire
        self._wanted = wanted
        self._outside = outside
        self._reader = Reader(wire, self.origin, outside, wanted.most_calls)
        self._fetches: list[Fetch] = []
        self._found = bool(self.origin.services) or not wanted.host
        self._warnings: list[str] = []
        self._gaps: list[str] = []
        self._asked: list[Query] = []

    @property
    def fetches(self) -> tuple[Fetch, ...]:
        """What was fetched, question by question."""
        return tuple(self._fetches)

    def pull(self, ask: Ask) -> Pulled:
        """The entries that answer a question; `complete` is True unless there is a gap, which a warning states.

        Raises `RcaError` where nothing could be read at all.
        """
        fetch = self._kept(ask) or self._fetch(ask)
        self._fetches.append(fetch)
        return pulled_from(fetch, ask, self.origin.told)

    def _kept(self, ask: Ask) -> Fetch | None:
        """What an earlier run fetched whole."""
        return next((one for one in self._wanted.left if one.answers(ask) and not one.gaps), None)

    def _fetch(self, ask: Ask) -> Fetch:
        now = self._outside.now()
        self._asked = []
        if not self._found and not self.origin.services:
            self._find_services(ask)
        begun = next((one for one in self._wanted.left if one.answers(ask)), None)
        first_asked = begun.asked_at if begun else now  # of what was read then, more may have arrived since
        read = self._read(ask, begun)
        if not read.raws and not self._found and read.gap is None:
            read = self._again_by_host(ask, read)
        self._found = True
        warnings = list(self._warnings)
        if not read.raws and read.gap is None and self.origin.services and ask.name in ("window", "probe"):
            named = ", ".join(self.origin.services)
            none = f"no entry of service {named} lies in {_stretch(ask)}: rca doctor tells which services have logs"
            warnings.insert(0, none)
        recent = ask.window is not None and ask.window.end > first_asked - _RECENT
        if recent and read.gap is None and ask.first is None:
            read = self._with_late(ask, read, first_asked)
            warnings += _still_open(ask.window, now)
        raws = read.raws
        gaps = (
            *self._gaps,
            *([f"{read.gap}; missing: {_missing(ask, read.upto)}"] if read.gap is not None else []),
        )
        if read.gap is not None:
            raws = self._with_known(ask, read.raws)
        return Fetch.of(
            ask,
            queries=(*(begun.queries if begun else ()), *self._asked),
            raws=raws,
            gaps=gaps,
            upto=read.upto,
            warnings=tuple(dict.fromkeys(warnings)),
            asked_at=first_asked,
        )

    def _read(self, ask: Ask, begun: Fetch | None = None) -> Read:
        """The answer to a question, which is noted down with what it cost."""
        left = (begun.raws, begun.upto) if begun else ()
        query = whole_query(ask, self.origin.services, self.origin.wanted)
        before = self._reader.calls
        try:
            read = self._reader.read(query, ask.window, ask.first, *left)
        except AccessError as denied:
            self._only_readable(denied, self._outside.now())
            read = self._reader.read(query, ask.window, ask.first, *left)
        start, end = (ask.window.start, ask.window.end) if ask.window else (None, None)
        self._asked.append(Query(query, start, end, self._reader.calls - before))
        return read

    def _only_readable(self, denied: RcaError, asked_at: datetime) -> None:
        """Reads on from those of several projects that may be read; raises what was met where none may."""
        if len(self.origin.projects) == 1:
            raise denied
        self._reader.ended = None
        open_to_us = []
        for project in self.origin.projects:
            self._reader.origin = replace(self.origin, projects=(project,))
            refused = self._reader.refused(f'timestamp>="{rfc3339(asked_at)}"\n')
            if refused is None:
                open_to_us.append(project)
            else:
                self._gaps.append(f"{refused.message.rstrip('.')}; missing: all of project {project}")
        if not open_to_us:
            raise denied
        self.origin = self._reader.origin = replace(self.origin, projects=tuple(open_to_us))

    # --- of which service ----------------------------------------------------------------------------------

    def _find_services(self, ask: Ask) -> None:
        """The origin names the services of the cycle's host: as Cloud Run named it, else by its requests."""
        name = service_in(self._wanted.host or "")
        if name is not None:
            self.origin = replace(self.origin, services=(name,))
            return
        self._ask_host(ask)

    def _ask_host(self, ask: Ask) -> None:
        self._found = True
        of_host = at_host(self._wanted.host or "", ask.window, _ENOUGH)
        self.origin = replace(self.origin, services=())
        read = self._read(of_host)
        names = Counter(_service(raw) for raw in read.raws)
        found = tuple(sorted(name for name in names if name))
        self.origin = replace(self.origin, services=found)
        if not found:
            self._warnings.append(
                f"no request to {self._wanted.host} is in these logs: every service of the project was asked; "
                "name one with --service"
            )

    def _again_by_host(self, ask: Ask, before: Read) -> Read:
        """The question once more, of those that answered on the host: the service read in its name has no logs."""
        guessed = self.origin.services
        self._ask_host(ask)
        if self.origin.services:
            return self._read(ask)
        self.origin = replace(self.origin, services=guessed)
        self._warnings[:] = [f"nor is there any request to {self._wanted.host} in it"]
        return before

    # --- what comes late, and what is left -----------------------------------------------------------------

    def _with_late(self, ask: Ask, read: Read, since: datetime) -> Read:
        """The reading, with what was received since it began: one more call."""
        late = self._read(arrived(since - _LAG, ask))
        known = {identity(raw) for raw in read.raws} if late.raws else set()
        more = tuple(raw for raw in late.raws if identity(raw) not in known)
        upto = rfc3339_ns(in_ns(ask.window.end)) if ask.window else None
        return Read((*read.raws, *more), late.gap, upto)

    def _with_known(self, ask: Ask, raws: tuple[Mapping[str, Any], ...]) -> tuple[Mapping[str, Any], ...]:
        """What was read, and what earlier questions brought that answers this one as well."""
        meets = parse(ask.condition).matches
        got = {identity(raw): raw for raw in raws}
        for fetch in self._fetches:
            for raw in fetch.raws:
                try:
                    if identity(raw) not in got and overlaps(raw, ask) and meets(raw):
                        got[identity(raw)] = raw
                except Unreadable:
                    continue  # counted where it was fetched
        return tuple(got.values())


def _service(raw: Mapping[str, Any]) -> str | None:
    resource = raw.get("resource")
    labels = resource.get("labels") if isinstance(resource, Mapping) else None
    name = labels.get("service_name") if isinstance(labels, Mapping) else None
    return name if isinstance(name, str) and name else None


def _still_open(window: Window | None, asked_at: datetime) -> list[str]:
    """A warning where connections of the window may not have been written yet."""
    if window is None or asked_at - window.end > timedelta(minutes=1):
        return []
    says = (
        "the window had not ended a minute before the logs were read: requests still open then are not in them yet, "
        "since Cloud Run writes a request when it ends"
    )
    return [says]


def _stretch(ask: Ask) -> str:
    """The time of a question, in words."""
    window = ask.window
    return f"{rfc3339(window.start)} to {rfc3339(window.end)}" if window else "these logs"


def _missing(ask: Ask, upto: str | None) -> str:
    """What a reading that broke off did not bring."""
    what = _SOUGHT.get(ask.name, "what answers the question")
    end = rfc3339(ask.window.end) if ask.window else "their end"
    return f"{what}, from {upto} to {end}" if upto else f"{what}, {_stretch(ask)}"


_SOUGHT = {
    "window": "the entries",
    "probe": "the search for the run",
    "failures": "the search for failures",
    "first_occurrence": "the search for the cause's first occurrence",
    "host": "the search for the service",
}

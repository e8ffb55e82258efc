"""The casebook: every entry and test that a sentence cites, numbered in the order in which it is first cited.

A sentence about the system cites what shows it: `[E1]` for a log entry, `[T1]` for a test, `[S1]` for a line of the
service's source. The casebook gives the numbers and keeps what they stand for.
"""

from collections.abc import Iterable

from rca.contract import Evidence
from rca.links import entry_url
from rca.model import Entry, Event, Link, Test, Tie
from rca.naming import named
from rca.resources import rfc3339_ns

_LONGEST = 6_000
"""Characters of an entry that a report keeps; a longer one is cut in the middle when it is rendered."""

_SHOWN = 3
"""Citations in one place; the rest is counted."""


class Casebook:
    """Numbers citations; mutable while a report is written, read once when it is done."""

    def __init__(self) -> None:
        self._entries: dict[int, Evidence] = {}
        self._tests: dict[str, Evidence] = {}
        self._sources: dict[str, Evidence] = {}

    def entry(self, entry: Entry) -> str:
        """The number of an entry, `E1` and on."""
        known = self._entries.get(id(entry))
        if known is None:
            known = _of_entry(f"E{len(self._entries) + 1}", entry)
            self._entries[id(entry)] = known
        return known.id

    def test(self, test: Test) -> str:
        """The number of a test, `T1` and on."""
        key = f"{test.ref.file}:{test.ref.line}:{test.name}"
        known = self._tests.get(key)
        if known is None:
            known = _of_test(f"T{len(self._tests) + 1}", test)
            self._tests[key] = known
        return known.id

    def source(self, path: str, line: int | None, text: str) -> str:
        """The number of a line of the service's source, `S1` and on."""
        key = f"{path}:{line}"
        known = self._sources.get(key)
        if known is None:
            known = _of_source(f"S{len(self._sources) + 1}", path, line, text)
            self._sources[key] = known
        return known.id

    def evidence(self) -> tuple[Evidence, ...]:
        """All that was cited: entries, then tests, then source, each in the order of its numbers."""
        return (*self._entries.values(), *self._tests.values(), *self._sources.values())


def cited(ids: Iterable[str], most: int = _SHOWN) -> str:
    """Citations as they stand after a sentence: ` [E1] [E2] [E3] (and 4 more)`; empty without any."""
    unique = list(dict.fromkeys(ids))
    if not unique:
        return ""
    shown = " ".join(f"[{one}]" for one in unique[:most])
    return f" {shown} (and {len(unique) - most} more)" if len(unique) > most else f" {shown}"


def telling(event: Event) -> tuple[Entry, ...]:
    """The entries of an event that say it best: of a trace over many entries, its last line and its header."""
    if event.trace is None or len(event.entries) == 1:
        return event.entries
    exception = named(event.trace).exception
    last = f"{exception.type}: {exception.message}".split("\n", 1)[0].rstrip(": ")[:80]
    says = next((e for e in reversed(event.entries) if last in e.text), event.entries[-1])
    return (says, event.entries[0])


def first_of_each(links: Iterable[Link]) -> tuple[Link, ...]:
    """One link a socket: the strongest tie, then one with a stack trace; in order of the sockets' starts."""
    best: dict[str, Link] = {}
    for link in links:
        known = best.get(link.socket.id)
        if known is None or _strength(link) < _strength(known):
            best[link.socket.id] = link
    return tuple(sorted(best.values(), key=lambda link: (link.socket.start, link.socket.id)))


def _strength(link: Link) -> tuple[int, bool]:
    return _BY_STRENGTH[link.tie], link.event.trace is None


_BY_STRENGTH = {tie: rank for rank, tie in enumerate(Tie)}


def _of_entry(number: str, entry: Entry) -> Evidence:
    return Evidence(
        id=number,
        kind="entry",
        insert_id=entry.ref.insert_id,
        file=entry.ref.file,
        line=entry.ref.line,
        timestamp=entry.at,
        log=entry.log,
        severity=entry.severity.name,
        service=entry.service,
        revision=entry.revision,
        instance=entry.instance,
        trace=entry.trace_id,
        text=_text(entry),
        url=entry_url(entry.ref.insert_id, rfc3339_ns(entry.at_ns), entry.project),
    )


def _text(entry: Entry) -> str:
    request = entry.request
    said = entry.raw
    if entry.stacks:
        said = "\n".join([said, *(stack for stack in entry.stacks if stack not in said)])
    if request is not None:
        took = "" if request.latency_s is None else f" after {request.latency_s:.3f} s"
        line = f"{request.method} {request.path} answered {request.status}{took}"
        said = f"{line}: {said}" if said else line
    return said[:_LONGEST]


def _of_test(number: str, test: Test) -> Evidence:
    return Evidence(
        id=number,
        kind="test",
        insert_id=None,
        file=test.ref.file,
        line=test.ref.line,
        timestamp=test.started_at,
        log=None,
        severity=None,
        service=None,
        revision=None,
        instance=None,
        trace=None,
        text=f"{test.name}: {test.error or test.outcome}",
        url=None,
    )


def _of_source(number: str, path: str, line: int | None, text: str) -> Evidence:
    return Evidence(
        id=number,
        kind="source",
        insert_id=None,
        file=path,
        line=line,
        timestamp=None,
        log=None,
        severity=None,
        service=None,
        revision=None,
        instance=None,
        trace=None,
        text=text[:_LONGEST],
        url=None,
    )

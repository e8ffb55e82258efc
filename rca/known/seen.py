"""What is seen of one failure, in the terms in which the catalogue recognizes it.

In: a suspect with the closes of its connections, a close alone, or an entry's own sample. Out: a `Seen`. Decides which
texts count (the cause's message and headers; of the whole chain each exception's), and that a close's reason is a text
to be recognized only where no suspect is.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rca import closes as wordings, platform
from rca.known.entries import Sample
from rca.model import Close, Event, Frame, Initiator, Relation, Suspect, Trace
from rca.naming import named

_LONGEST = 2_000
_EVENTS = 20
"""Occurrences of one fault that are looked at: they are alike."""

_FRAMES = 300

_TYPED = re.compile(r"(?P<type>[A-Za-z_]\w{0,100}(?:\.\w{1,100}){0,10})(?:: |$)")
"""The type that a line begins with: `redis.exceptions.TimeoutError: Timeout reading`."""


@dataclass(frozen=True, slots=True)
class End:
    """How one connection ended."""

    code: int | None
    reason: str
    initiator: Initiator


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything an entry can be recognized by."""

    texts: tuple[str, ...] = ()
    exceptions: tuple[str, ...] = ()
    frames: tuple[str, ...] = ()
    tags: frozenset[str] = frozenset()
    ends: tuple[End, ...] = ()
    lived_s: tuple[float, ...] = ()
    servers: frozenset[str] = frozenset()
    quiet: bool = False
    """Whether the logs tell of no fault that is tied to the failing connections."""

    of_a_fault: bool = False
    """Whether it is a fault that is to be named, and not only the way in which connections ended."""


def of_suspect(suspect: Suspect, closes: Sequence[Close], servers: frozenset[str], *, whole: bool) -> Seen:
    """What is seen of a suspect and of the ends of its connections; `whole`: of its chain too, not only its name."""
    events = (tuple(link.event for link in suspect.links) or suspect.events)[:_EVENTS]
    chain = [exception for event in events if event.trace for exception in event.trace.exceptions]
    names = [suspect.exception] if suspect.exception else []
    texts = [suspect.message, *(f"{name}: {suspect.message}" for name in names), *map(_header, events)]
    if whole:
        names += [exception.type for exception in chain]
        texts += [text for event in events if event.trace for text in _roots(event.trace)]
    frames = [_spelled(one) for exception in chain for one in exception.frames][:_FRAMES]
    return Seen(
        texts=_short(texts),
        exceptions=_short(names),
        frames=_short(frames),
        tags=frozenset(event.tag for event in events if event.tag),
        ends=_ends(closes),
        lived_s=tuple(s for link in suspect.links if (s := link.socket.lifetime_s) is not None),
        servers=servers,
        of_a_fault=True,
    )


def of_close(close: Close, lived_s: Sequence[float], servers: frozenset[str], *, quiet: bool) -> Seen:
    """What is seen of connections that ended so, where no fault is blamed."""
    texts = _short([close.reason]) if close.reason else ()
    return Seen(texts=texts, ends=_ends([close]), lived_s=tuple(lived_s), servers=servers, quiet=quiet)


def of_sample(sample: Sample) -> Seen:
    """What an entry's sample shows."""
    ends: tuple[End, ...] = ()
    wording = wordings.read_client(sample.error or sample.line)
    if wording is not None and not wording.loose:
        ends = (End(wording.code, wording.reason or "", wording.initiator),)
    line = sample.line or ""
    typed = _TYPED.match(line)
    told = [line] if line else [end.reason for end in ends if end.reason and sample.frame is None]
    return Seen(
        texts=_short(told),
        exceptions=(typed["type"],) if typed else (),
        frames=(sample.frame,) if sample.frame else (),
        tags=_tags(line[:_LONGEST]),
        ends=ends,
        lived_s=sample.lived_s,
        servers=frozenset(sample.server),
        quiet=sample.logged == "nothing",
        of_a_fault=bool(line or sample.frame),
    )


def _tags(line: str) -> frozenset[str]:
    """The platform's message that a line is, as `platform.recognize` takes it: the first that matches."""
    found = (one.tag for one in platform.messages() if line and one.pattern.search(line))
    return frozenset(next(([tag] for tag in found), []))


def _header(event: Event) -> str:
    """The line that the fault was logged under, without the words of another exception of its chain."""
    if event.trace is None:
        return event.title
    last = event.trace.exceptions[-1].message
    return event.trace.header.replace(last, "") if last else event.trace.header


def _roots(trace: Trace) -> list[str]:
    """The exceptions that the named one came from. Those of a group stand side by side: none is another's root."""
    if any(one.relation is Relation.GROUP for one in trace.exceptions):
        return []
    at = trace.exceptions.index(named(trace).exception)
    return [f"{one.type}: {one.message}" for one in trace.exceptions[:at]]


def _spelled(frame: Frame) -> str:
    return f"{frame.file}:{frame.function or '?'}"


def _ends(closes: Iterable[Close]) -> tuple[End, ...]:
    return tuple(dict.fromkeys(End(one.code, (one.reason or "").strip(), one.initiator) for one in closes))


def _short(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text[:_LONGEST] for text in texts if text))

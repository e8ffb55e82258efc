"""Which server, WebSocket back end and framework a service runs on, told from the dialect of its logs.

In: entries. Out: a `Fingerprint`, and what it forbids: on uvicorn an exception that leaves the handler drops the
connection (1006), on hypercorn the same exception sends 1011 without a reason. Decides by the marks of servers.toml.
Two servers in one pull are none: nothing is forbidden then.
"""

import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Annotated, Any, Literal

import msgspec

from rca import closes
from rca.lql.patterns import any_of_texts, finder, first_group
from rca.model import Close, Entry, Event, EventKind, Initiator

_LONGEST = 4_000
"""Characters of a line that are looked at."""

_PREFIX = 200
"""Characters in which a line's prefix ends."""

_FEW = 3
"""Accepted connections without one "connection open" after which uvicorn's back end is wsproto."""

_SIDES = ("server", "backend", "framework")


class Mechanics(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one server or framework does on the wire."""

    layer: Literal["server", "manager", "framework"]
    sample: str
    header: str = ""
    uncaught: tuple[int, ...] = ()
    own_reason: bool = False
    returns: tuple[int, ...] = ()
    keeps_reason: bool = True
    pings: bool = False
    within: tuple[str, ...] = ()
    differs: str = ""


class Mark(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing by which a server, back end or framework is known."""

    sample: str
    server: str | None = None
    backend: str | None = None
    framework: str | None = None
    pattern: str | None = None
    logger: str | None = None
    file: str | None = None
    keys: tuple[str, ...] = ()
    """Fields that a JSON line has all of, the first of them a number."""


class _Frameworks(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    over: dict[str, tuple[str, ...]]


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    server: dict[str, Mechanics]
    mark: Annotated[tuple[Mark, ...], msgspec.Meta(min_length=1)]
    framework: _Frameworks


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What a service runs on, as far as its logs tell."""

    server: str | None = None
    """None where nothing tells, or where several servers speak."""

    backend: str | None = None
    framework: str | None = None
    manager: str | None = None
    """gunicorn, where it starts the server."""

    hint: str = ""
    """How the server's releases differ in what they do; empty where they do not."""

    told_by: tuple[Entry, ...] = ()
    """The first entry for each of them."""

    several: tuple[str, ...] = ()
    """The servers that speak, where there is more than one."""

    @property
    def names(self) -> frozenset[str]:
        """Every name that holds: server, back end, framework, manager."""
        return frozenset(one for one in (self.server, self.backend, self.framework, self.manager) if one)

    @property
    def text(self) -> str:
        """In a reader's words: `uvicorn (websockets-sansio) under gunicorn, with fastapi`; empty where unknown."""
        if self.server is None:
            return f"several servers: {', '.join(self.several)}" if self.several else ""
        back = f" ({self.backend})" if self.backend else ""
        under = f" under {self.manager}" if self.manager else ""
        return f"{self.server}{back}{under}" + (f", with {self.framework}" if self.framework else "")


UNKNOWN = Fingerprint()


@cache
def _table() -> _Table:
    text = resources.files("rca").joinpath("servers.toml").read_text(encoding="utf-8")
    table: _Table = msgspec.convert(tomllib.loads(text), _Table)
    return table


def mechanics() -> dict[str, Mechanics]:
    """What each known server and framework does, by name."""
    return dict(_table().server)


def marks() -> tuple[Mark, ...]:
    """All marks, in the order in which they are tried."""
    return _table().mark


# --- recognizing -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Tests:
    """The marks as functions, and one that most lines fail."""

    any_file: Any
    any_pattern: Any
    """Whether a message holds what one of the patterns looks for, or the name of a known logger."""

    each: tuple[tuple[str, str, Any, tuple[str, ...], Mark], ...]
    """Side, name, test of a message, beginnings of loggers, the mark itself."""

    beginnings: tuple[str, ...]
    prefix: str
    """Finds a known logger in the prefix of a line whose dialect is not known: `10:00:04 INFO [tornado.access] …`."""

    keys: tuple[tuple[str, ...], ...]


_KEPT = 1 << 9
"""Messages of which it is kept whether they tell of something: a service says most of its lines again and again."""


@cache
def _tests() -> _Tests:
    each = []
    for mark in marks():
        side = next(name for name in _SIDES if getattr(mark, name))
        loggers = tuple(mark.logger.split("|")) if mark.logger else ()
        test = finder(mark.pattern) if mark.pattern else None
        each.append((side, getattr(mark, side), test, loggers, mark))
    files = any_of_texts(mark.file for mark in marks() if mark.file)
    beginnings = tuple(name for _, _, _, loggers, _ in each for name in loggers)
    prefix = rf"^[^\"']{{0,60}}?[\[ ]((?:{any_of_texts(beginnings)})[\w.]*)(?:\]|:| \|)"
    patterns = [*(mark.pattern for mark in marks() if mark.pattern), any_of_texts(beginnings)]
    said = lru_cache(maxsize=_KEPT)(finder("|".join(f"(?:{pattern})" for pattern in patterns)))
    keys = tuple(mark.keys for mark in marks() if mark.keys)
    return _Tests(finder(files), said, tuple(each), beginnings, prefix, keys)


def _told(entry: Entry) -> Iterator[tuple[str, str]]:
    """Side and name of everything that one entry tells of."""
    tests = _tests()
    message = entry.message[:_LONGEST]
    said = bool(message) and tests.any_pattern(message)
    logger = entry.logger or (said and first_group(tests.prefix, message[:_PREFIX])) or ""
    known = logger.startswith(tests.beginnings)
    keyed = bool(entry.payload) and any(_has(entry, keys) for keys in tests.keys)
    if said or known or keyed:
        for side, name, test, loggers, mark in tests.each:
            if (
                (said and test is not None and test(message))
                or (known and loggers and logger.startswith(loggers))
                or (keyed and mark.keys and _has(entry, mark.keys))
            ):
                yield side, name
    for stack in (entry.text, *entry.stacks):
        if "-packages" in stack or "at " in stack:
            yield from _framed(stack[:_LONGEST])


@lru_cache(maxsize=1 << 11)
def _framed(text: str) -> tuple[tuple[str, str], ...]:
    """Side and name of everything whose files stand in the frames of a text; the same frames come again and again."""
    tests = _tests()
    if not tests.any_file(text):
        return ()
    return tuple(
        (side, name)
        for side, name, _, _, mark in tests.each
        if mark.file is not None and _a_frame(text, mark.file)
    )


def _has(entry: Entry, keys: tuple[str, ...]) -> bool:
    payload = entry.payload
    return isinstance(payload.get(keys[0]), int | float) and all(key in payload for key in keys)


def _a_frame(text: str, file: str) -> bool:
    """Whether the piece of a path stands in a frame, of an installed package or of node, not in a request's URL."""
    at = text.find(file)
    while at >= 0:
        line = text[text.rfind("\n", 0, at) + 1 : at]
        if line.endswith(("site-packages", "dist-packages")) or line.lstrip().startswith("at "):
            return True
        at = text.find(file, at + 1)
    return False


def fingerprint(entries: Iterable[Entry]) -> Fingerprint:
    """What the service of these entries runs on; every part that nothing tells, or that two things tell, is None."""
    first: dict[tuple[str, str], Entry] = {}
    opened: Counter[str] = Counter()
    for entry in entries:
        for told in _told(entry):
            first.setdefault(told, entry)
        if entry.message.endswith('" [accepted]'):
            opened["accepted"] += 1
        elif entry.message == "connection open":
            opened["open"] += 1
    found = {side: {name for told, name in first if told == side} for side in _SIDES}
    servers, managers = _servers(found["server"])
    server = next(iter(servers)) if len(servers) == 1 else None
    backend = _backend(server, found["backend"], opened)
    framework = _framework(found["framework"])
    manager = next(iter(managers), None) if server else None
    chosen = {("server", server), ("backend", backend), ("framework", framework), ("server", manager)}
    row = _table().server.get(server or "")
    return Fingerprint(
        server=server,
        backend=backend,
        framework=framework,
        manager=manager,
        hint=row.differs if row else "",
        told_by=tuple({id(entry): entry for told, entry in first.items() if told in chosen}.values()),
        several=tuple(sorted(servers)) if len(servers) > 1 else (),
    )


def _servers(found: set[str]) -> tuple[set[str], set[str]]:
    """Servers and managers: what another uses inside is no second server."""
    table = _table().server
    inner = {name for name in found if set(table[name].within) & found}
    managers = {name for name in inner if table[name].layer == "manager"}
    return found - inner, managers


def _backend(server: str | None, found: set[str], opened: Counter[str]) -> str | None:
    if server != "uvicorn":
        return None
    if len(found) == 1:
        return next(iter(found))
    silent = opened["accepted"] >= _FEW and not opened["open"]
    return "wsproto" if silent and not found else None


def _framework(found: set[str]) -> str | None:
    over = _table().framework.over
    top = found - {below for name in found for below in over.get(name, ())}
    return next(iter(top)) if len(top) == 1 else None


# --- forbidding ------------------------------------------------------------------------------------------


def uncaught_by(event: Event) -> str | None:
    """The server or framework whose header tells that this exception left the handler; None where none does."""
    if event.kind not in (EventKind.EXCEPTION, EventKind.ERROR_LINE):
        return None
    header = (event.trace.header if event.trace else event.title)[:_LONGEST]
    found = (name for name, row in _table().server.items() if row.header and finder(row.header)(header))
    return next(found, None)


def contradiction(server: Fingerprint, event: Event, close: Close | None) -> str | None:
    """Why this server cannot have ended a connection so by this exception; None where it can, or is not known.

    Only a client's word is held against an exception: a service that logs a code need not have sent it.
    """
    layer = uncaught_by(event)
    if layer is None or layer not in server.names or close is None or close.code is None:
        return None
    if close.initiator is not Initiator.SERVER or closes.is_keepalive(close.reason):
        return None
    row = _table().server[layer]
    if close.code not in row.uncaught:
        gives = " or ".join(str(code) for code in row.uncaught)
        return (
            f"on {layer} an exception that leaves the handler ends the connection with {gives}, not with {close.code}, "
            f"unless the handler closes with {close.code} before it raises"
        )
    if close.reason and not row.own_reason:
        return (
            f"on {layer} an exception that leaves the handler sends {close.code} without a reason, "
            "unless the handler closes before it raises"
        )
    return None

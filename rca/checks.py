"""The service status check list: each line answered from entries or tests, or said to be unknown.

Nothing is ticked because nothing was heard of it: a check is "ok" only where an entry or a passing test shows it.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from rca.answers import close_of, count, ties_of
from rca.case import Case
from rca.casebook import Casebook, telling
from rca.closes import NORMAL_CODES
from rca.contract import StatusCheck
from rca.model import Entry, Event, EventKind, Socket, Suspect
from rca.platform import kills
from rca.quote import quote
from rca.weights import weights

_Check = Callable[[Case, Casebook, str], StatusCheck]

_DATABASE = re.compile(
    r"(?i)postgres|psycopg|asyncpg|sqlalchemy|mysql|mongo|database|clickhouse|sqlite|cloud ?sql"
)
_SIGNED_IN = re.compile(
    r"(?i)\b(?:authenticated|signed in|login ok|token (?:valid|accepted)|connected\b.*\buser)\b"
)
_OK = 400
_SERVER_ERROR = 500
_ENOUGH_LINES = 20


def check(case: Case, book: Casebook) -> tuple[StatusCheck, ...]:
    """The eight checks, in a fixed order."""
    checks: tuple[tuple[str, _Check], ...] = (
        ("deployed and serving", _serving),
        ("settings", _settings),
        ("database", _database),
        ("WebSocket event handlers", _handlers),
        ("dependencies", _dependencies),
        ("event loop", _event_loop),
        ("sign-in", _sign_in),
        ("service discovery", _discovery),
    )
    return tuple(ask(case, book, name) for name, ask in checks)


def _blamed(book: Casebook, name: str, cause: Suspect | None) -> StatusCheck | None:
    """The check failed, by the entries of the cause that shows it."""
    if cause is None:
        return None
    ties = ties_of(cause)
    entries = telling(ties[0].event if ties else cause.events[0])
    return StatusCheck(
        name, "failed", tuple(book.entry(entry) for entry in entries[:1]), quote(cause.message, 100)
    )


def _cause(case: Case, *categories: str) -> Suspect | None:
    return next((one for one in case.ranking.established if one.category in categories), None)


def _serving(case: Case, book: Casebook, name: str) -> StatusCheck:
    plain = [s for s in case.sockets if not s.websocket and s.status is not None]
    fine = [s for s in [*plain, *case.scene.good] if (s.status or _OK) < _OK]
    broken = [s for s in case.sockets if (s.status or 0) >= _SERVER_ERROR]
    deaths = [event for event in case.events if kills(event.tag)]
    if deaths and not fine:
        return StatusCheck(name, "failed", (book.entry(deaths[0].entry),), "instances exit before they serve")
    if broken and not fine:
        return StatusCheck(
            name, "failed", (book.entry(broken[0].entry),), f"HTTP {broken[0].status} to every request"
        )
    if fine:
        note = f"{count(len(fine), 'request')} answered" + (
            f", {len(broken)} with a server error" if broken else ""
        )
        return StatusCheck(name, "ok", (book.entry(fine[0].entry),), note)
    return StatusCheck(name, "unknown", (), "no request entry tells")


def _settings(case: Case, book: Casebook, name: str) -> StatusCheck:
    failed = _blamed(book, name, _cause(case, "configuration_error"))
    return failed or StatusCheck(name, "unknown", (), "no entry tells")


def _database(case: Case, book: Casebook, name: str) -> StatusCheck:
    for cause in case.ranking.established:
        said = f"{cause.exception} {cause.message}"
        if cause.category in ("dependency_failure", "resource_exhaustion") and _DATABASE.search(said):
            failed = _blamed(book, name, cause)
            if failed:
                return failed
    return StatusCheck(name, "unknown", (), "no entry tells")


def _handlers(case: Case, book: Casebook, name: str) -> StatusCheck:
    for cause in case.ranking.established:
        on_socket = any(link.socket.websocket and link.socket.accepted for link in cause.links)
        if on_socket and cause.events[0].kind in (EventKind.EXCEPTION, EventKind.ERROR_LINE):
            check = _blamed(book, name, cause)
            place = cause.frame.function if cause.frame else None
            if check is not None:
                return replace(check, note=f"in {quote(place)}") if place else check
    ended = [s for s in case.scene.good if (c := close_of(case, s)) and c.code in NORMAL_CODES]
    if ended and not case.scene.bad:
        return StatusCheck(
            name, "ok", (book.entry(ended[0].entry),), f"{count(len(ended), 'socket')} ended in order"
        )
    return StatusCheck(name, "unknown", (), "no entry tells what the handlers did")


def _dependencies(case: Case, book: Casebook, name: str) -> StatusCheck:
    failed = _blamed(book, name, _cause(case, "dependency_failure"))
    return failed or StatusCheck(name, "unknown", (), "no entry tells")


def _event_loop(case: Case, book: Casebook, name: str) -> StatusCheck:
    failed = _blamed(book, name, _cause(case, "event_loop_blocked"))
    if failed:
        return failed
    silences = [
        e for e in case.events if e.kind is EventKind.SILENCE and any(_during(e, s) for s in case.scene.bad)
    ]
    lines = sum(entry.request is None for entry in case.pulled.entries)
    if silences:
        number = book.entry(silences[0].entry)
        return StatusCheck(
            name, "unknown", (number,), f"{quote(silences[0].title)}; it does not explain their end"
        )
    if lines < _ENOUGH_LINES:
        return StatusCheck(name, "unknown", (), "too few lines to tell")
    return StatusCheck(name, "ok", (), "no instance fell silent while a failing connection was open")


def _during(event: Event, socket: Socket) -> bool:
    until = event.until or event.at
    return (
        event.entry.instance == socket.instance
        and event.at <= (socket.end or socket.start)
        and until >= socket.start
    )


def _sign_in(case: Case, book: Casebook, name: str) -> StatusCheck:
    failed = _blamed(book, name, _cause(case, "authentication_failure"))
    if failed:
        return failed
    served = [socket for sockets in (case.join.served if case.join else ()) for socket in sockets]
    for socket in served or (*case.scene.bad, *case.scene.good):
        line = _signed_in_on(case, socket) if socket.websocket and socket.accepted else None
        if line is not None:
            return StatusCheck(name, "ok", (book.entry(line),), "connections are accepted and named")
    return StatusCheck(name, "unknown", (), "no line tells of a sign-in")


def _signed_in_on(case: Case, socket: Socket) -> Entry | None:
    """A line of a sign-in that is the connection's own, or was logged on its instance right after it opened."""
    opening = timedelta(seconds=weights().tie.id_open_s)
    beside = (
        entry
        for entry in case.pulled.entries
        if entry.instance == socket.instance
        and socket.start <= entry.at <= min(socket.end or entry.at, socket.start + opening)
    )
    return next((entry for entry in (*socket.lines, *beside) if _SIGNED_IN.search(entry.message[:400])), None)


def _discovery(case: Case, book: Casebook, name: str) -> StatusCheck:
    tests = case.cycle.tests if case.cycle else ()
    told = [t for t in tests if re.search(r"(?i)discovery|registry", f"{t.name} {t.title or ''}")]
    if told:
        failed = [t for t in told if t.failed]
        note = "its test fails" if failed else "its test passes"
        return StatusCheck(name, "failed" if failed else "ok", (book.test((failed or told)[0]),), note)
    calls = [s for s in case.sockets if s.path and re.search(r"(?i)discovery|registry", s.path) and s.status]
    fine = [s for s in calls if (s.status or 0) < _OK]
    if fine:
        return StatusCheck(
            name, "ok", (book.entry(fine[0].entry),), f"{count(len(fine), 'request')} answered"
        )
    return StatusCheck(name, "unknown", (), "no test and no request tells")

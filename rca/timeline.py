"""What happened when: the moments of a case worth reading in a row, by the logs' clock.

In: a case. Out: at most 60 moments, each citing its entry. Decides what is worth a reader's time: of what happens
over and over, as in a crash loop, the first few are told, and how many more there were.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from rca.answers import close_of, count, lead_of, named_in_short, ties_of
from rca.case import Case
from rca.casebook import Casebook, telling
from rca.contract import Moment
from rca.model import Entry, EventKind
from rca.platform import message_of
from rca.quote import quote

_MOST = 60
_OF_A_KIND = 5
"""Platform messages of one kind that are told one by one."""

_AROUND = timedelta(minutes=10)
_RANK = {"deploy": 0, "cause": 0, "socket": 1, "close": 1, "platform": 2}
"""What is left out last where there is too much to tell."""


@dataclass(frozen=True, slots=True)
class _Told:
    """A moment before it is known to be worth a citation."""

    at: datetime
    kind: str
    text: str
    entry: Entry
    tag: str | None = None
    """Of a platform message: which it is."""


def of(case: Case, book: Casebook) -> tuple[Moment, ...]:
    """Failing sockets with their ends, the cause, deaths, starts and deploys near them; sorted by time."""
    told = [*_sockets(case), *_causes(case), *_platform(case)]
    told.sort(key=lambda one: (_RANK[one.kind], one.at))
    kept = sorted(told[:_MOST], key=lambda one: (one.at, one.kind))
    return tuple(
        Moment(one.at, one.kind, one.text, (book.entry(one.entry),), one.entry.instance) for one in kept
    )


def _sockets(case: Case) -> Iterator[_Told]:
    for socket in case.scene.bad:
        names = (
            ", ".join(quote(name) for name in case.scene.tests_of.get(socket.id, ())) if case.cycle else ""
        )
        if socket.path is not None:
            what = "handshake" if socket.websocket else "request"
            yield _Told(socket.start, "socket", f"{what} of {names}" if names else what, socket.entry)
        if socket.end is not None and socket.accepted:
            close = close_of(case, socket)
            code = f" with {close.code}" if close and close.code else ""
            lived = f" after {socket.lifetime_s:.3f} s" if socket.lifetime_s is not None else ""
            yield _Told(socket.end, "close", f"connection ended{code}{lived}", socket.entry)
        elif socket.path is not None:
            yield _Told(socket.end or socket.start, "close", f"answered HTTP {socket.status}", socket.entry)


def _causes(case: Case) -> Iterator[_Told]:
    lead = lead_of(case)
    # What kept an instance from starting is tied to every request that it could not serve: told once.
    for event in {id(link.event): link.event for link in ties_of(lead)}.values() if lead else ():
        text = named_in_short(lead) if lead else event.title
        yield _Told(event.at, "cause", quote(text, 120), telling(event)[0])


def _platform(case: Case) -> Iterator[_Told]:
    """Deploys, starts and deaths in the minutes around the failures; of many of a kind the first few, and a count."""
    of_kind: defaultdict[str | None, list[_Told]] = defaultdict(list)
    for one in _each(case):
        of_kind[one.tag].append(one)
    for group in of_kind.values():
        yield from group[:_OF_A_KIND]
        rest = group[_OF_A_KIND:]
        if rest:
            instances = {one.entry.instance for one in rest} - {None}
            where = f", on {count(len(instances), 'instance')}" if instances else ""
            more = f"{rest[0].text}, the first of {len(rest)} more of its kind until {rest[-1].at:%H:%M:%S}{where}"
            yield replace(rest[0], text=more) if len(rest) > 1 else rest[0]


def _each(case: Case) -> Iterator[_Told]:
    bad = case.scene.bad
    if not bad:
        return
    low = min(socket.start for socket in bad) - _AROUND
    high = max(socket.end or socket.start for socket in bad) + _AROUND
    lead = lead_of(case)
    causes = {id(event) for event in lead.events} if lead else set()
    seen: dict[tuple[str | None, str | None], datetime] = {}
    for event in case.events:
        message = message_of(event.tag)
        deploy = event.kind is EventKind.DEPLOY
        worth = deploy or (
            event.kind is EventKind.PLATFORM and message is not None and message.tag != "probe_ok"
        )
        if id(event) in causes or not worth or not low <= event.at <= high or event.entry.request is not None:
            continue
        key = (event.entry.instance, event.tag)
        if key in seen and event.at - seen[key] < timedelta(seconds=1):
            continue
        seen[key] = event.at
        kind = "deploy" if deploy else "platform"
        yield _Told(event.at, kind, quote(event.title, 120), event.entry, "deploy" if deploy else event.tag)

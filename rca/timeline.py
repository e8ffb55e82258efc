"""What happened when: the moments of a case worth reading in a row, by the logs' clock."""

from datetime import datetime, timedelta

from rca.answers import close_of, lead_of, named_in_short, ties_of
from rca.case import Case
from rca.casebook import Casebook, telling
from rca.contract import Moment
from rca.model import EventKind
from rca.platform import message_of
from rca.quote import quote

_MOST = 60
_AROUND = timedelta(minutes=10)


def of(case: Case, book: Casebook) -> tuple[Moment, ...]:
    """Failing sockets with their ends, the cause, deaths, starts and deploys near them; sorted by time."""
    moments: list[Moment] = []
    for socket in case.scene.bad:
        names = (
            ", ".join(quote(name) for name in case.scene.tests_of.get(socket.id, ())) if case.cycle else ""
        )
        cite = (book.entry(socket.entry),)
        what = "handshake" if socket.websocket else "request" if socket.path is not None else "instance"
        if socket.path is not None:
            of_test = f" of {names}" if names else ""
            moments.append(Moment(socket.start, "socket", f"{what}{of_test}", cite, socket.instance))
        if socket.end is not None and socket.accepted:
            close = close_of(case, socket)
            code = f" with {close.code}" if close and close.code else ""
            lived = f" after {socket.lifetime_s:.3f} s" if socket.lifetime_s is not None else ""
            moments.append(
                Moment(socket.end, "close", f"connection ended{code}{lived}", cite, socket.instance)
            )
        elif socket.path is not None:
            moments.append(
                Moment(
                    socket.end or socket.start,
                    "close",
                    f"answered HTTP {socket.status}",
                    cite,
                    socket.instance,
                )
            )
    lead = lead_of(case)
    # What kept an instance from starting is tied to every request that it could not serve: told once.
    for event in {id(link.event): link.event for link in ties_of(lead)}.values() if lead else ():
        told = tuple(book.entry(entry) for entry in telling(event)[:1])
        text = named_in_short(lead) if lead else event.title
        moments.append(Moment(event.at, "cause", quote(text, 120), told, event.entry.instance))
    moments += _platform(case, book)
    return tuple(sorted(moments, key=lambda moment: (moment.at, moment.kind))[:_MOST])


def _platform(case: Case, book: Casebook) -> list[Moment]:
    """Deploys, starts and deaths in the minutes around the failures; everything where nothing failed."""
    bad = case.scene.bad
    if not bad:
        return []
    low = min(socket.start for socket in bad) - _AROUND
    high = max(socket.end or socket.start for socket in bad) + _AROUND
    lead = lead_of(case)
    causes = {id(event) for event in lead.events} if lead else set()
    found: list[Moment] = []
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
        found.append(
            Moment(event.at, kind, quote(event.title, 120), (book.entry(event.entry),), event.entry.instance)
        )
    return found

"""The fourth why: what works, and that it never met the fault."""

import re
from urllib.parse import parse_qsl

from rca.answers import answered, capital, close_of, count, lead_of, listed, seconds, share
from rca.case import Case
from rca.casebook import Casebook, cited
from rca.closes import in_order
from rca.contract import Why
from rca.model import Socket, Tie
from rca.quote import quote

_OK = 400
_SHORT = 40
_SECRET = re.compile(r"(?i)token|key|secret|auth|pass|sig|code|jwt|credential|session")


def answer(case: Case, book: Casebook) -> Why:
    """The sockets that ended well and the plain requests that were answered, with one entry of each."""
    sockets, shown = _sockets(case, book)
    requests, more = _requests(case, book)
    says = " ".join(part for part in (sockets, requests) if part)
    if not says:
        says = "The logs hold nothing that worked: no socket that ended well, and no HTTP request."
        return answered(says, "unknown", 0.0, ())
    return answered(says, "answered" if shown or more else "partly", 0.8 if shown else 0.5, [*shown, *more])


def _sockets(case: Case, book: Casebook) -> tuple[str, list[str]]:
    good, lead = case.scene.good, lead_of(case)
    if not good:
        return "", []
    met = {
        link.socket.id
        for link in case.links
        if lead and link.event.fingerprint == lead.fingerprint and link.tie is not Tie.BROKEN
    }
    clean = [socket for socket in good if socket.id not in met]
    proper = [s for s in clean if in_order(close_of(case, s))]
    number = book.entry((proper or clean or list(good))[0].entry)
    lived = seconds(s.lifetime_s for s in good if s.lifetime_s is not None)
    span = f" after {lived}" if lived else ""
    if lead is None:
        fate = "."
    elif len(clean) == len(good):
        fate = ", and none of them met this fault."
    else:
        fate = f"; {len(good) - len(clean)} of them met this fault as well."
    noun = "other socket" if case.scene.bad else "socket"
    apart = _apart(case)
    return f"{count(len(good), noun)} ended well{span}{fate} [{number}]{apart}", [number]


def _apart(case: Case) -> str:
    """What every failing socket has and no good one: path, query, revision, client."""
    bad, good = case.scene.bad, case.scene.good
    if not bad or not good:
        return ""
    elsewhere = {trait for socket in good for trait in _traits(socket)}
    shared = set.intersection(*(_traits(socket) for socket in bad)) - elsewhere
    if not shared:
        return ""
    traits = ", ".join(f"{name} {quote(value, 60)}" for name, value in sorted(shared))
    return f" Only the failing ones have {traits}."


def _traits(socket: Socket) -> set[tuple[str, str]]:
    """Name and value of what tells a socket from another; nothing that could be a secret."""
    request = socket.entry.request
    found = {("path", socket.path), ("revision", socket.revision), ("client", request and request.user_agent)}
    query = parse_qsl(request.url.partition("?")[2].partition("#")[0]) if request else []
    found |= {
        ("query", f"{key}={value}") for key, value in query if not _SECRET.search(key) and len(value) < _SHORT
    }
    return {(name, value) for name, value in found if value}


def _requests(case: Case, book: Casebook) -> tuple[str, list[str]]:
    plain = [socket for socket in case.sockets if not socket.websocket and socket.status is not None]
    fine = [socket for socket in plain if (socket.status or 0) < _OK]
    if not plain:
        return "", []
    if not fine:
        return f"None of {count(len(plain), 'plain HTTP request')} got an answer below 400.", []
    number = book.entry(fine[0].entry)
    paths = listed(sorted({socket.path or "/" for socket in fine}), 3)
    some = capital(share(len(fine), len(plain), "plain HTTP request"))
    return f"{some} got an answer below 400: {paths}.{cited([number])}", [number]

"""The fourth why: what works, and that it never met the fault."""

from rca.answers import answered, close_of, count, lead_of, listed, seconds
from rca.case import Case
from rca.casebook import Casebook, cited
from rca.closes import NORMAL_CODES
from rca.contract import Why

_OK = 400


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
    met = {link.socket.id for link in lead.links} if lead else set()
    clean = [socket for socket in good if socket.id not in met]
    in_order = [s for s in clean if (close := close_of(case, s)) and close.code in NORMAL_CODES]
    number = book.entry((in_order or clean or list(good))[0].entry)
    lived = seconds(s.lifetime_s for s in good if s.lifetime_s is not None)
    span = f" after {lived}" if lived else ""
    if lead is None:
        fate = "."
    elif len(clean) == len(good):
        fate = ", and none of them met this fault."
    else:
        fate = f"; {len(good) - len(clean)} of them met this fault as well."
    noun = "other socket" if case.scene.bad else "socket"
    return f"{count(len(good), noun)} ended well{span}{fate} [{number}]", [number]


def _requests(case: Case, book: Casebook) -> tuple[str, list[str]]:
    plain = [socket for socket in case.sockets if not socket.websocket and socket.status is not None]
    fine = [socket for socket in plain if (socket.status or 0) < _OK]
    if not plain:
        return "", []
    if not fine:
        return f"None of {count(len(plain), 'plain HTTP request')} was answered below 400.", []
    number = book.entry(fine[0].entry)
    paths = listed(sorted({socket.path or "/" for socket in fine}), 3)
    many = count(len(plain), "plain HTTP request")
    return f"{len(fine)} of {many} were answered below 400: {paths}.{cited([number])}", [number]

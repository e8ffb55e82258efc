"""The first why: what the clients saw of the end of their connections."""

from collections.abc import Sequence

from rca import closes
from rca.answers import Seen, answered, capital, count, seconds, seen_by_tests
from rca.case import Case
from rca.casebook import Casebook, cited
from rca.closes import in_order
from rca.contract import Why
from rca.model import Initiator, Socket
from rca.quote import quote

_GROUPS = 3


def answer(case: Case, book: Casebook) -> Why:
    """How the failing tests' connections ended, and which side ended them."""
    if case.cycle is None:
        return _by_logs(case, book)
    groups = seen_by_tests(case.cycle.tests)
    if not case.cycle.tests:
        return answered("The report gives no tests, so which failed is not known.", "unknown", 0.0, ())
    if not groups:
        return answered(
            f"They do not: none of {count(len(case.cycle.tests), 'test')} failed.", "answered", 0.95, ()
        )
    sentences, evidence = [], []
    for seen in groups[:_GROUPS]:
        ids = [book.test(test) for test in seen.tests]
        names = {test.name for test in seen.tests}
        sockets = [socket for socket in case.scene.bad if names & set(case.scene.tests_of[socket.id])]
        entries = [book.entry(socket.entry) for socket in sockets]
        sentences.append(_symptom(seen, sockets) + cited(ids) + cited(entries))
        evidence += [*ids, *entries]
    rest = sum(len(seen.tests) for seen in groups[_GROUPS:])
    if rest:
        sentences.append(f"{rest} more {'fails' if rest == 1 else 'fail'} in other ways.")
    told = any(seen.code or seen.status for seen in groups)
    return answered(" ".join(sentences), "answered" if told else "partly", 0.95 if told else 0.5, evidence)


def _stood(sockets: Sequence[Socket]) -> str:
    """Where the connections were fine: what failed is what was to come on them, an agent's run for one."""
    fine = all(s.websocket and s.accepted and (s.close is None or in_order(s.close)) for s in sockets)
    if not sockets or not fine:
        return ""
    lived = seconds(s.lifetime_s for s in sockets if s.lifetime_s is not None)
    whose = {1: "Its connection was", 2: "Both connections were"}.get(
        len(sockets), f"All {len(sockets)} connections were"
    )
    return (
        f" {whose} accepted and stood{f' for {lived}' if lived else ''}: what failed lies behind the connection "
        "(a handler, an agent's run, what these wait for) or in the test."
    )


def _symptom(seen: Seen, sockets: Sequence[Socket]) -> str:
    who = "One test fails" if len(seen.tests) == 1 else f"{len(seen.tests)} tests fail"
    lived = seconds(s.lifetime_s for s in sockets if s.lifetime_s is not None)
    after = f", {lived} after the handshake" if lived and any(s.accepted for s in sockets) else ""
    reason = f" and the reason {quote(seen.reason)}" if seen.reason else ""
    if seen.status is not None:
        return f"{who}: the service answered HTTP {seen.status}."
    if seen.code is None:
        told = (
            " The service's own line says how the connection ended." if any(s.close for s in sockets) else ""
        )
        return f"{who} with {quote(seen.error or 'no error text')}, which tells of no close.{told}{_stood(sockets)}"
    if seen.initiator is Initiator.NOBODY:
        return f"{who}: the connection was lost without a close frame (1006){after}."
    if seen.initiator is Initiator.CLIENT:
        return f"{who}: the client closed with {seen.code}{reason}{after}; the service sent no close frame."
    if seen.initiator is Initiator.SERVER:
        return (
            f"{who}: the service closed the connection with {seen.code}{reason}{after}. In the client's error "
            f"\u201creceived\u201d stands before \u201csent\u201d: the service closed first. "
            f"{capital(closes.author_of(seen.reason).says)}."
        )
    return f"{who} with close code {seen.code}{after}; the report's words do not tell which side closed."


def _by_logs(case: Case, book: Casebook) -> Why:
    """Without a cycle: what the logs themselves show failing."""
    bad = case.scene.bad
    if not bad:
        says = "The entries show no refused handshake, no server error, no abnormal close and no instance that died."
        return answered(says, "unknown", 0.5, ())
    groups = (
        ([s for s in bad if s.path is None], "instance death"),
        ([s for s in bad if s.path is not None and not s.accepted], "refused request"),
        ([s for s in bad if s.accepted], "abnormal close"),
    )
    parts, evidence = [], []
    for group, noun in groups:
        ids = [book.entry(socket.entry) for socket in group]
        evidence += ids
        if group:
            parts.append(count(len(group), noun) + cited(ids, 2))
    return answered(f"The logs show {', '.join(parts)}; no cycle was given.", "answered", 0.9, evidence)

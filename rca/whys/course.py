"""The second why: what happened on the failing connections between their opening and their end."""

from collections.abc import Sequence
from datetime import timedelta

from rca import closes
from rca.answers import answered, lead_of, named_in_short, nothing_failed, seconds, service_of, share, ties_of
from rca.case import Case
from rca.casebook import Casebook, cited, telling
from rca.client_side import UNANSWERED
from rca.contract import Why
from rca.model import Entry, Event, EventKind, Link, Socket, Suspect, Tie
from rca.naming import short_type
from rca.questions import scope
from rca.quote import quote
from rca.resources import filled
from rca.weights import weights

_TAIL = timedelta(seconds=2)


def answer(case: Case, book: Casebook) -> Why:
    """What the cause did on each failing connection, and what the connection logged just before."""
    lead = lead_of(case)
    if lead is None:
        return _unknown(case, book)
    ties = ties_of(lead)
    evidence = [book.entry(entry) for link in ties for entry in telling(link.event)]
    first = ties[0]
    what, aside = _happened(lead, first.event)
    if first.tie is Tie.STATE and not first.socket.accepted:
        says = (
            f"No instance of the revision was able to serve: {what}, and the instance ended.{cited(evidence)}"
        )
        return answered(says + aside, "answered", lead.confidence, evidence)
    some = share(len(ties), len(case.scene.bad))
    when = "while the connection was open" if first.event.until else _when([link.gap_s for link in ties])
    says = f"On {some}, {when}, {what}.{cited(evidence)}{aside} {_tied(lead, first)}"
    before = _just_before(first)
    if before is not None:
        number = book.entry(before)
        evidence.append(number)
        says += f" Just before it the same connection logged {quote(before.message)}. [{number}]"
    return answered(says, "answered", lead.confidence, evidence)


def _happened(lead: Suspect, event: Event) -> tuple[str, str]:
    """What the entries show, and what must be said beside it (a sentence of its own, or nothing)."""
    if event.kind is EventKind.EXCEPTION:
        where = ""
        if lead.frame is not None:
            at = f"{lead.frame.file}:{lead.frame.line}"
            where = f", raised {'in' if lead.frame.function else 'at'} {quote(lead.frame.function or at)}"
        named = f"{short_type(lead.exception)}: {lead.message}" if lead.exception else lead.message
        return f"the service logged {quote(named)}{where}", ""
    if event.kind is EventKind.SILENCE:
        before, after = event.entries[0], event.entries[-1]
        silent = ((event.until or event.at) - event.at).total_seconds()
        between = f"between {quote(before.message)} and {quote(after.message)}"
        return (
            f"the instance had logged nothing for {silent:.1f} s, {between}",
            " A blocked event loop answers no ping.",
        )
    if event.kind is EventKind.PLATFORM:
        return f"the platform or server logged {quote(event.title)}", ""
    if event.tag == UNANSWERED:
        return (
            f"the service's keepalive gave the client up: {quote(event.title)}",
            " A client answers pings as long as its own event loop runs: something in the test held it.",
        )
    if event.kind is EventKind.CLIENT:
        return (
            f"the service logged {quote(event.entry.message)}",
            f" The test had failed by itself: {quote(event.title)}.",
        )
    aside = " It is one line without a traceback: the error was caught, so the logs do not say where it was raised."
    return f"the service logged {quote(event.title)}", aside


def _when(gaps_s: Sequence[float]) -> str:
    """How long before or after the connection's end it was logged."""
    gaps = seconds(abs(gap) for gap in gaps_s)
    if min(gaps_s) >= 0:
        return f"{gaps} before the connection's end"
    if max(gaps_s) <= -weights().tie.flush_s:
        return f"{gaps} after the connection had ended"
    return f"within {gaps} of the connection's end"


def _tied(lead: Suspect, first: Link) -> str:
    words = {
        Tie.TRACE: "Both carry the same trace id.",
        Tie.ID: "Both carry the connection's own id.",
        Tie.STATE: "No instance was able to serve.",
        Tie.DEATH: "The instance ended, and the connection with it.",
        Tie.BROKEN: "The instance had lost that task before, and what needs it fails from then on.",
    }
    if first.tie in words:
        return words[first.tie]
    time = next(signal for signal in lead.signals if signal.name == "time")
    return f"Tied by instance and time: {time.hint}."


def _just_before(link: Link) -> Entry | None:
    """The connection's own last line before the event."""
    taken = {id(entry) for entry in link.event.entries}
    lines = [
        e for e in link.socket.lines if e.at < link.event.at and id(e) not in taken and e.message.strip()
    ]
    return lines[-1] if lines else None


def _unknown(case: Case, book: Casebook) -> Why:
    """What the failing connections logged, where it does not say why they ended."""
    bad = [socket for socket in case.scene.bad if socket.path is not None]
    if nothing_failed(case):
        return answered("No connection of a failing test: none failed.", "answered", 0.95, ())
    if not bad:
        says = "No connection or request of a failing test was found in the logs, so there is nothing to look into."
        return answered(says, "unknown", 0.0, (), _around(case))
    evidence = [book.entry(socket.entry) for socket in bad]
    vague = next((one for one in case.ranking.alternatives if one.links and _only_says_that(one)), None)
    if vague is not None:
        ties = ties_of(vague)
        lines = [book.entry(link.event.entry) for link in ties]
        says = (
            f"On {share(len(ties), len(bad))} the service logged only "
            f"{quote(ties[0].event.title)}: that something failed, not what.{cited(lines)}"
        )
        return answered(says, "partly", 0.3, [*lines, *evidence], _lines_of(case, bad[0]))
    refused = next((one for one in case.ranking.alternatives if one.links and _well_tied(one)), None)
    if refused is not None:
        ties = ties_of(refused)
        lines = [book.entry(entry) for link in ties for entry in telling(link.event)[:1]]
        says = (
            f"On {share(len(ties), len(bad))} the service logged {quote(named_in_short(refused))}, but it is not "
            f"taken for the cause: {refused.why_not}.{cited(lines)}"
        )
        return answered(says, "partly", 0.3, [*lines, *evidence], _lines_of(case, bad[0]))
    own = any(socket.lines for socket in bad)
    said = "logged no error of its own" if own else "logged no error that can be told to be theirs"
    says = f"On {share(len(bad), len(bad))} the service {said} between opening and end.{cited(evidence)}"
    last = next((line for socket in bad if (line := _last_line(socket)) is not None), None)
    if last is not None:
        number = book.entry(last)
        evidence.append(number)
        says += f" The last that such a connection logged was {quote(last.message)}. [{number}]"
    return answered(says, "unknown", 0.0, evidence, _lines_of(case, bad[0]))


def _well_tied(suspect: Suspect) -> bool:
    return any(signal.name in ("tie", "time") and signal.contributes for signal in suspect.signals)


def _only_says_that(suspect: Suspect) -> bool:
    return any(signal.name == "wording" and signal.contributes for signal in suspect.signals)


def _last_line(socket: Socket) -> Entry | None:
    """The connection's own last line that does not merely tell of its end."""
    lines = [line for line in socket.lines if line.message.strip() and closes.read_server(line) is None]
    return lines[-1] if lines else None


def _lines_of(case: Case, socket: Socket) -> str | None:
    """The query for everything that the instance logged while the connection was open."""
    service = service_of(case)
    if service is None or socket.instance is None:
        return _around(case)
    end = (socket.end or socket.start) + _TAIL
    return scope((service,)) + filled("socket.lql", instance=socket.instance, start=socket.start, end=end)


def _around(case: Case) -> str | None:
    service = service_of(case)
    if service is None or not case.windows:
        return None
    window = case.windows[0]
    return scope((service,)) + filled("around.lql", start=window.start, end=window.end)

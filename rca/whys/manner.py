"""The third why: why the connection ended in this way, with this code; what lies below in the chain."""

from rca import closes
from rca.answers import answered, capital, close_of, lead_of, nothing_failed, ties_of
from rca.case import Case
from rca.casebook import Casebook, cited, telling
from rca.contract import Why
from rca.knowledge import ending_of, entry_of, meaning_of
from rca.known import Known
from rca.model import Close, Initiator, Tie, Trace
from rca.naming import named, short_type
from rca.quote import quote
from rca.whys.handshakes import carried

_INTERNAL_ERROR = 1011
_RESTART = 1012


def answer(case: Case, book: Casebook) -> Why:
    """Where the exception was caught, what it wraps, and what that makes of the close code."""
    lead = lead_of(case)
    close = next((c for socket in case.scene.bad if (c := close_of(case, socket))), None)
    if lead is None:
        return _unknown(case, close)
    first = ties_of(lead)[0]
    event = first.event
    evidence = [book.entry(entry) for entry in telling(event)]
    code = _code(close)
    if first.tie is Tie.STATE and not first.socket.accepted and first.socket.status:
        code = f"HTTP {first.socket.status} is Cloud Run's own answer where no instance can take the request."
        evidence.append(book.entry(first.socket.entry))
    elif not first.socket.accepted and first.socket.status:
        code = f"HTTP {first.socket.status} refuses the handshake: no WebSocket was ever opened."
        evidence.append(book.entry(first.socket.entry))
    if event.trace is None:
        ending = ending_of(case, lead) or entry_of(case, lead)
        says = code or (
            "" if ending else "The entries do not tell how the error became the end of the connection."
        )
        says = " ".join(part for part in (*_how(says, close, ending), carried(case)) if part)
        return answered(f"{says}{cited(evidence)}", "partly", lead.confidence * 0.8, evidence)
    ending = ending_of(case, lead)
    parts = [_caught(event.trace), _chain(event.trace), *_how(code, close, ending), carried(case)]
    says = " ".join(part for part in parts if part)
    return answered(says + cited(evidence), "answered", lead.confidence, evidence)


def _how(code: str, close: Close | None, ending: Known | None) -> tuple[str, str]:
    """What the code says, and how the fault became it; a reason of the application's own is explained once."""
    if ending is None:
        return code, ""
    ours = close is not None and closes.author_of(close.reason).author == "application"
    if ours and close is not None and close.code == _INTERNAL_ERROR and close.initiator is Initiator.SERVER:
        code = f"1011 came with the reason {quote(close.reason or '')}."
    return code, ending.spec.why


def _caught(trace: Trace) -> str:
    """Where the exception was caught and logged: the outermost function of the application that it reached."""
    outer = next((frame for frame in trace.exceptions[-1].frames if frame.in_app), None)
    if outer is None or not trace.header:
        return ""
    at = f"{quote(outer.file)}, line {outer.line}"
    place = f"{quote(outer.function)} ({at})" if outer.function else at
    return f"The exception reached {place}, and was logged under {quote(trace.header)}."


def _chain(trace: Trace) -> str:
    exceptions = trace.exceptions
    if len(exceptions) == 1:
        return "Nothing lies deeper in the traceback." if trace.complete else "The traceback is cut short."
    steps = " \u2192 ".join(quote(f"{short_type(e.type)}: {e.message}", 100) for e in exceptions)
    name = quote(short_type(named(trace).exception.type))
    return f"It is a chain, root first: {steps}; {name} is the one that says what failed."


def _code(close: Close | None) -> str:
    """What the close code says, together with its reason and sender."""
    if close is None or close.code is None:
        return ""
    author = closes.author_of(close.reason)
    if close.initiator is Initiator.NOBODY:
        return "No close frame was sent: the handler, the process or the path to it ended without one."
    if close.initiator is Initiator.CLIENT and author.author == "library":
        return f"The client's library sent {close.code} with {quote(close.reason or '')}: {author.says}."
    if close.code == _INTERNAL_ERROR and close.initiator is Initiator.SERVER:
        return _internal_error(close)
    restart = "; it means that the server restarts: it was told to stop while the connection was open"
    return f"The close code was {close.code}{restart if close.code == _RESTART else ''}."


def _internal_error(close: Close) -> str:
    author = closes.author_of(close.reason)
    if author.author != "application":
        return f"1011 means an unexpected condition on the side that sent it; {author.says}."
    return (
        f"1011 with the reason {quote(close.reason or '')} is sent by application code that catches the error and "
        "closes the connection."
    )


def _unknown(case: Case, close: Close | None) -> Why:
    if nothing_failed(case):
        return answered("No connection of a failing test ended: none failed.", "answered", 0.95, ())
    says = " ".join(part for part in (_code(close), carried(case)) if part)
    if not says:
        return answered("Not known: neither side tells how the connections ended.", "unknown", 0.0, ())
    meaning = meaning_of(case)
    if meaning is not None:
        return answered(f"{capital(says)} {meaning.spec.why}", "partly", 0.5, ())
    return answered(
        f"{capital(says)} What was caught there is not in the logs that were read.", "partly", 0.5, ()
    )

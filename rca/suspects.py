"""What a suspect is called: its exception, message, frame, category and summary, from its events.

In: the occurrences of one fault. Out: a `Suspect` without a score. Decides which occurrence speaks for all:
the first that is tied to a failing socket, with its trace if any has one.
"""

from collections.abc import Sequence

from rca.categories import category_of
from rca.client_side import UNANSWERED
from rca.model import Event, EventKind, ExceptionInfo, Frame, Link, Suspect
from rca.naming import named, short_type
from rca.platform import message_of
from rca.quote import cut
from rca.traces import one_liner

_CUT_SHORT = "a traceback whose last line, which names the exception, is missing"


def describe(fingerprint: str, events: Sequence[Event], links: Sequence[Link], *, fatal: bool) -> Suspect:
    """The suspect of these events; `links` are its ties to the failing sockets that it is to explain."""
    speaker = speaker_of(events, links)
    exception, message, frame, chain = _what(speaker)
    category = _category(speaker, chain, message, frame, fatal=fatal)
    return Suspect(
        fingerprint=fingerprint,
        events=tuple(events),
        links=tuple(links),
        category=category,
        exception=exception,
        inferred=any(one.inferred for one in chain[:1]),
        message=message,
        summary=_summary(speaker, exception, message, frame, category, fatal=fatal),
        frame=frame,
        signals=(),
        score=0.0,
        confidence=0.0,
        tests=(),
    )


def speaker_of(events: Sequence[Event], links: Sequence[Link]) -> Event:
    """The occurrence that speaks for all: tied if any is, with a trace if any has one, then the first."""
    tied = [link.event for link in links] or list(events)
    return min(tied, key=lambda event: (event.trace is None, event.at))


def _what(event: Event) -> tuple[str | None, str, Frame | None, tuple[ExceptionInfo, ...]]:
    """Exception type, message, frame, and the chain from the named exception to its root."""
    if event.trace is not None:
        name = named(event.trace)
        at = event.trace.exceptions.index(name.exception)
        chain = (name.exception, *reversed(event.trace.exceptions[:at]))
        message = name.exception.message if name.exception.type else _CUT_SHORT
        return name.exception.type or None, message, name.frame, chain
    if event.kind is EventKind.ERROR_LINE:
        info = one_liner(event.title)
        if info is not None:
            return info.type, event.title, None, (info,)
    if event.kind is EventKind.CLIENT:
        info = one_liner(event.title)
        return (info.type if info else None), event.title, None, ()
    return None, event.title, None, ()


def _category(
    event: Event, chain: Sequence[ExceptionInfo], message: str, frame: Frame | None, *, fatal: bool
) -> str:
    if event.kind is EventKind.CLIENT:
        return "client_error"
    if event.kind is EventKind.SILENCE:
        return "event_loop_blocked"
    platform = message_of(event.tag)
    if event.kind is EventKind.PLATFORM and platform is not None:
        return platform.category
    text = "\n".join([message, *(exception.message for exception in chain)])
    return category_of(chain, text, frame, fatal=fatal)


def _summary(  # noqa: PLR0913 - the parts of one sentence
    event: Event, exception: str | None, message: str, frame: Frame | None, category: str, *, fatal: bool
) -> str:
    """One sentence of at most 300 characters that states the cause."""
    first = cut(message.strip().split("\n", 1)[0], 200)
    if event.kind is EventKind.PLATFORM:
        platform = message_of(event.tag)
        return f"{platform.title if platform else 'platform event'}: {first}"
    if event.tag == UNANSWERED:
        return f"the test's client did not answer the service's pings, so the service closed: {first}"
    if event.kind is EventKind.CLIENT:
        return f"the test failed by itself, and its client closed the connection: {first}"
    if event.kind is EventKind.SILENCE:
        return f"the event loop was blocked: {first}"
    if event.trace is None or exception is None:
        what = first
    else:
        what = f"{short_type(exception)}: {first}" if first else short_type(exception)
    if frame is not None:
        at = f"{frame.file}:{frame.line}"
        what += f", in {frame.function} ({at})" if frame.function else f", at {at}"
    elif event.trace is None:
        what += f", logged without a traceback{_inferred(event)}"
    if fatal and category in ("startup_failure", "configuration_error", "dependency_failure"):
        what = f"the service does not start: {what}"
    return cut(what, 300)


def _inferred(event: Event) -> str:
    """Which exception a line's wording gives away, where the line does not name it."""
    info = one_liner(event.title)
    if info is None or not info.inferred:
        return ""
    name = short_type(info.type)
    return f" (its wording is {'an' if name.startswith(tuple('AEIO')) else 'a'} {name}'s)"

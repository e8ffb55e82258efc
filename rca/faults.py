"""Everything in the entries that could be a cause: exceptions, error lines, silences.

In: entries, the traces put together from them, and platform events. Out: `Event`s sorted by time, each with the
fingerprint of its fault. Decides what counts as an error line (a third of real entries carry no severity), and
that a line which only tells of a connection's close is a symptom. Does not decide what belongs to which socket.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import cache
from itertools import pairwise
from statistics import median

from rca import closes, naming
from rca.gate import gate
from rca.model import Entry, Event, EventKind, Severity, Trace
from rca.platform import place_of, recognize
from rca.traces import one_liner
from rca.weights import weights

_ERROR_WORDS = re.compile(
    r"(?i)\b(?:errors?|exceptions?|fail(?:ed|ure|ures|s|ing)?|fatal|panic|critical|refused|timed? ?out|timeout"
    r"|denied|reject(?:ed|ing)?|unauthori[sz]ed|invalid|unable to|cannot|could not|can't|traceback"
    r"|not (?:serializable|known|found|configured|available|set)|unavailable|unreachable|never awaited|killed"
    r"|abort(?:ed)?|dropped|missing|crash(?:ed)?|exhausted|exceeded)\b"
)
_CALM = re.compile(r"(?i)\b(?:0|no|zero|without) (?:errors?|failures?|exceptions?)\b|\berrors?[=:] ?0\b")
_NEVER_AWAITED = re.compile(r"RuntimeWarning: coroutine '(?P<name>[^']+)' was never awaited")
_DEPRECATION = re.compile(r"\b(?:Deprecation|PendingDeprecation|Future|User|Resource|Syntax)Warning\b")
_DIED = re.compile(
    r"(?i)\b(?:task|future) exception was never retrieved|\bunhandled ?(?:promise ?)?rejection"
    r"|\bpromise\b.{0,20}\breject|\b(?:stray|unhandled|rejected) promise|\bexception in thread\b"
    r"|\bbackground (?:task|job|worker)\b.{0,60}\b(?:died|crashed|failed|stopped)\b|\btask\b.{0,60}\b(?:died|crashed)\b"
)
"""How runtimes and people say that what ran beside the requests has ended by an exception."""

_LONGEST = 2_000
_FOREIGN = re.compile(r"\"[^\"\n]{0,1000}\"|\{[^{}\n]{0,1000}\}")
_SAYS = frozenset(
    {"error", "err", "exc", "exception", "detail", "details", "reason", "why", "cause", "error_message"}
)
"""Payload fields that say what went wrong, beside the message."""

_STATUS = re.compile(r"\b(?:status|status_?code|http_status)[=:] ?([45]\d\d)\b(?!\.\d)")
"""The same in a text of key=value pairs."""

_DRAWN = frozenset("\u2502\u2514\u251c\u256d\u2570")
"""Lines that only draw: the values that loguru and rich print beside a traceback's frames."""
_SAME_FAULT_LENGTH = 12
"""A message shorter than this occurs in other lines by accident."""

_FAILED, _FAILED_END = 400, 600
"""HTTP statuses that tell of a failure."""

_ONE_BURST_S = 0.001
"""Lines nearer than this were written at once: they say nothing of an instance's rhythm."""

_RHYTHM = 10
"""An instance with fewer gaps has no rhythm to break."""


def detect(entries: Sequence[Entry], traces: Sequence[Trace]) -> tuple[Event, ...]:
    """Exceptions, error lines and silences of the entries, sorted by time.

    A line that repeats the message of an exception which also was logged with its trace is the same fault.
    """
    in_trace = {id(entry) for trace in traces for entry in trace.entries}
    # Traces that read alike share what was read: in a crash loop thousands do.
    unlike = {id(trace.exceptions): trace for trace in traces}
    names = {which: naming.named(trace) for which, trace in unlike.items()}
    prints = {which: naming.fingerprint_of(trace) for which, trace in unlike.items()}
    events = [
        _exception(trace, names[id(trace.exceptions)], prints[id(trace.exceptions)]) for trace in traces
    ]
    known = _messages(names, prints)
    events += [_line(entry, known) for entry in entries if id(entry) not in in_trace and is_error_line(entry)]
    events += _silences(entries)
    return tuple(sorted(events, key=lambda event: (event.at, event.entry.ref.insert_id or "")))


def _exception(trace: Trace, name: naming.Named, fingerprint: str) -> Event:
    message = name.exception.message.strip()
    title = f"{name.exception.type}: {message}" if message else name.exception.type
    return Event(EventKind.EXCEPTION, trace.at, title, fingerprint, trace.entries, trace)


def _messages(names: Mapping[int, naming.Named], prints: Mapping[int, str]) -> dict[str, str]:
    """First line of each exception's message -> fingerprint."""
    found: dict[str, str] = {}
    for which, name in names.items():
        message = name.exception.message.strip().split("\n", 1)[0]
        if len(message) >= _SAME_FAULT_LENGTH:
            found.setdefault(message, prints[which])
    return found


def _line(entry: Entry, known: dict[str, str]) -> Event:
    text = _whole(entry)[:_LONGEST]
    fingerprint = next((print_ for message, print_ in known.items() if message in text), None)
    if fingerprint is None:
        info = one_liner(text)
        logger = None if info else entry.logger
        fingerprint = naming.fingerprint_of_line(logger, text)
    return Event(EventKind.ERROR_LINE, entry.at, _whole(entry), fingerprint, (entry,))


def left_broken(event: Event) -> bool:
    """Whether a task or promise of the background died of it: what waits for that fails from then on.

    Python warns once of a coroutine that nobody awaits, and each later call there does nothing as well.
    """
    told = (event.trace.header if event.trace else "", event.title, event.entry.message)
    return any(_DIED.search(text[:_LONGEST]) or _NEVER_AWAITED.search(text[:_LONGEST]) for text in told)


def is_error_line(entry: Entry) -> bool:
    """Whether a line of a container says that something went wrong, and is not the mere echo of a close."""
    text = entry.message[:_LONGEST]
    # What rules out most lines is asked first.
    return bool(_NEVER_AWAITED.search(text)) or (_tells_of_error(entry, text) and _can_tell(entry))


def is_mild(entry: Entry) -> bool:
    """Whether a line is a warning that neither says that something went wrong nor names an exception."""
    text = _whole(entry)[:_LONGEST]
    worded = _is_worded(text)
    if worded or one_liner(text) is not None or _bad_status(entry) is not None:
        return False
    return entry.severity == Severity.WARNING


def _is_worded(text: str) -> bool:
    """Whether a text has a word for a failure, and does not say that there was none."""
    return _may_be_worded()(text) and _ERROR_WORDS.search(text) is not None and _CALM.search(text) is None


@cache
def _may_be_worded() -> Callable[[str], bool]:
    """Whether a text may hold such a word: by far the most are ruled out by it at once."""
    return gate([_ERROR_WORDS.pattern])


def _bad_status(entry: Entry) -> int | None:
    """The HTTP status of a failure that somebody answered with, where a field of the payload or text holds one."""
    for key in ("status", "status_code", "statusCode", "http_status"):
        value = entry.payload.get(key)
        if isinstance(value, int) and _FAILED <= value < _FAILED_END:
            return value
    told = _STATUS.search(entry.message[:_LONGEST])
    return int(told[1]) if told else None


def _whole(entry: Entry) -> str:
    """A line with what its payload says beside the message of what went wrong."""
    fields = entry.payload.get("fields")  # where Rust's tracing puts them
    beside = [
        str(value)
        for key, value in (*entry.payload.items(), *(fields.items() if isinstance(fields, Mapping) else ()))
        if key.lower() in _SAYS
        and isinstance(value, str)
        and 0 < len(value) < _LONGEST
        and value not in entry.message
    ]
    status = _bad_status(entry)
    if status is not None and str(status) not in entry.message:
        beside.append(f"status {status}")
    return ": ".join([entry.message, *beside]) if beside and entry.message else entry.message


def _can_tell(entry: Entry) -> bool:
    """Whether an entry is a container's own line, and neither a platform message nor the echo of a close."""
    text = entry.message[:_LONGEST]
    drawn = text.lstrip()[:1] in _DRAWN
    if entry.request is not None or place_of(entry) not in {"stdio", ""} or drawn or not text.strip():
        return False
    return not (recognize(entry) or _DEPRECATION.search(text) or _echo_of_close(entry))


def _tells_of_error(entry: Entry, text: str) -> bool:
    """Whether the line's severity, its words or an exception that it names say that something went wrong."""
    if entry.severity >= Severity.WARNING:
        return True
    if entry.request is not None:
        return False
    worded = _is_worded(text)
    if entry.severity == Severity.DEFAULT:
        # What stands in quotes or braces is somebody's words, a user's perhaps: no word of the service's own.
        own = _FOREIGN.sub(" ", text)
        return (worded and bool(_ERROR_WORDS.search(own))) or one_liner(own) is not None
    # INFO and below, by the text's own word: an error only if it names an exception.
    return worded and not entry.severity_stated and one_liner(text) is not None


def _echo_of_close(entry: Entry) -> bool:
    """Whether a line only tells that a connection closed: a symptom. An upstream's close is more than that."""
    if closes.read_server(entry) is not None and one_liner(entry.message) is None:
        return True
    wording = closes.read_client(entry.message[:_LONGEST])
    if wording is None or wording.code is None or wording.loose:
        return False
    return closes.author_of(wording.reason).author in {"framework", "application"}


def _silences(entries: Sequence[Entry]) -> list[Event]:
    """Stretches in which an instance that logs regularly logged nothing: its event loop may have been blocked.

    Request entries do not count: Cloud Run's front end writes them, whatever the instance does.
    """
    rank = weights().rank
    by_instance: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.instance and entry.request is None and place_of(entry) == "stdio":
            by_instance[entry.instance].append(entry)
    found = []
    for lines in by_instance.values():
        gaps = [(b.at - a.at).total_seconds() for a, b in pairwise(lines)]
        usual = [gap for gap in gaps if gap > _ONE_BURST_S]
        if len(usual) < _RHYTHM:
            continue
        least = max(rank.silence_s, rank.silence_ratio * median(usual))
        for gap, (before, after) in zip(gaps, pairwise(lines), strict=True):
            if gap >= least:
                title = f"the instance logged nothing for {gap:.1f} s"
                until = before.at + timedelta(seconds=gap)
                found.append(
                    Event(EventKind.SILENCE, before.at, title, "silence", (before, after), until=until)
                )
    return found

"""The log line that a trace was printed under.

In: a stream of entries and where in it a trace begins. Out: the header's words and the entries above that carry it.
Decides when the entry before a trace is its header and when it is just the one before.
"""

import re
from collections.abc import Collection, Sequence

from rca.identifiers import identifiers
from rca.model import Entry, Severity
from rca.traces.grammar import Grammar, Near, lines_of

_NEAR_NS = 50_000_000
"""50 ms: a handler writes message and traceback at once, but a busy instance's pipe is read late."""
_VERY_NEAR_NS = 5_000_000
_AT_ONCE_NS = 1_000_000
"""1 ms: message and traceback of one call, where nothing but their place tells."""
_LATE_NS = 2_000_000_000
"""2 s: a stream holds lines back until the next is written; an ERROR right before a bare trace is still its header."""

_LONGEST = 2000

_CONTEXT = re.compile(
    r"(?:future|task|handle|protocol|transport|source_traceback|client_session|connections): ?[\[<(]?"
)
"""Lines that asyncio's exception handler prints between its message and the traceback.
Source: CPython, Lib/asyncio/base_events.py, `default_exception_handler`; real line: `future: <Task finished …>`."""
_MOST_CONTEXT = 4

_WORDED = re.compile(
    r"exception|error|fail|traceback|unhandled|uncaught|never retrieved|crash|abort|fatal|panic",
    re.IGNORECASE,
)


def headed(
    entries: Sequence[Entry], first: int, claimed: Collection[int], grammar: Grammar
) -> tuple[str, tuple[int, ...]]:
    """Return a trace's header ("" for a bare trace) and the positions of the entries above that carry it.

    The header is what the trace's own entry says before it, else the message of the log line just before.
    """
    own = _own(entries[first], grammar)
    if own:
        return own, ()
    context: list[int] = []
    at = first - 1
    while at >= 0 and len(context) < _MOST_CONTEXT and at not in claimed and _CONTEXT.match(entries[at].text):
        context.insert(0, at)
        at -= 1
    for back in (at, at - 1):
        if back < 0 or back in claimed:
            break
        if _heads(entries[back], entries[first], next_to=back == at):
            return entries[back].message.strip()[:_LONGEST], (back, *context)
        if entries[back].severity is Severity.DEFAULT or entries[back].severity >= Severity.WARNING:
            break
    return (entries[context[0]].message.strip()[:_LONGEST] if context else ""), tuple(context)


def field_header(entry: Entry, grammars: Sequence[Grammar]) -> str:
    """Return the header of a trace that stands in an entry's field: the entry's message, less a trace it repeats."""
    told = next((grammar for grammar in grammars if grammar.read(entry.message) is not None), None)
    said = entry.message.strip()[:_LONGEST] if told is None else _own(entry, told)
    # An entry without a message is shown as its payload, which says nothing that the trace does not.
    return "" if said.startswith("{") else said


def _own(entry: Entry, grammar: Grammar) -> str:
    """What the entry that the trace begins in says before it."""
    said = []
    for line in lines_of(entry.message):
        if grammar.step(None, line, Near.NEXT) is not None:
            said.append(grammar.lead(line))
            break
        said.append(line)
    else:
        return ""
    return "\n".join(line for line in said if line.strip()).strip()[:_LONGEST]


def _heads(entry: Entry, first: Entry, *, next_to: bool) -> bool:
    gap = first.at_ns - entry.at_ns
    if gap > (_LATE_NS if next_to and entry.severity >= Severity.ERROR else _NEAR_NS):
        return False
    if not entry.message.strip():
        return False
    if entry.severity >= (Severity.WARNING if next_to else Severity.ERROR):
        return True
    worded = _WORDED.search(entry.message[:_LONGEST]) is not None or entry.message.rstrip().endswith(":")
    if next_to and gap <= _VERY_NEAR_NS and worded:
        return True
    # Without level or wording: one that names its connection, as a handler's message does.
    return next_to and gap <= _AT_ONCE_NS and entry.severity is Severity.DEFAULT and bool(identifiers(entry))

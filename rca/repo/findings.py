"""What was found in a checkout: frozen values, ready for JSON.

A place is a file of the checkout and a line, from 1; a path is relative to the checkout, with slashes.
"""

from dataclasses import dataclass
from enum import StrEnum

from rca.model import Frame


class Kind(StrEnum):
    """What stands at a site."""

    CLOSE = "close"
    """A call, message or exception that closes a WebSocket."""
    TEXT = "text"
    """The reason's text, in code that closes nothing by itself; looked for only where no close has it."""


class Match(StrEnum):
    """How far a site's own reason agrees with those that the connections ended with."""

    EXACT = "exact"
    """The text stands there, whole, or cut as a close frame cuts it; or both have none."""
    PARTS = "parts"
    """Its fixed parts do, in order, around what is computed."""
    COMPUTED = "computed"
    """It is computed from the first letter to the last: any text can come out."""
    UNASKED = "unasked"
    """No reason is known to compare it with."""
    OTHER = "other"
    """It says something else."""


class Says(StrEnum):
    """What the code around a close tells the log of what went wrong, least first."""

    NOTHING = "nothing"
    QUIETLY = "quietly"
    """At DEBUG, which services rarely write."""
    ELSEWHERE = "elsewhere"
    """To a tracker of errors, not to the log."""
    FIXED_TEXT = "fixed text"
    """The same words whatever happened."""
    HANDED_ON = "handed on"
    """The exception is kept or given to code that was not read: nobody can say from here."""
    EXCEPTION = "exception"
    """The exception's text, without its traceback."""
    RAISED = "raised"
    """It is raised again: whoever catches it next may log it."""
    TRACEBACK = "traceback"


def silence(says: Says) -> int:
    """Where something stands among the others, the most silent first."""
    return list(Says).index(says)


class Reached(StrEnum):
    """How a handler leads to a site."""

    INSIDE = "inside"
    """The site stands in the handler."""
    AFTER = "after"
    """The handler ends, and the site comes next, or asks for what the handler set or left unset."""
    CALL = "call"
    """The handler calls the function that the site stands in."""


@dataclass(frozen=True, slots=True)
class Snippet:
    """Lines of a file, each cut to a readable width."""

    first: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LogCall:
    """A call that logs, or is handed the exception."""

    line: int
    text: str
    """The call, on one line."""

    conditional: bool
    """Whether it stands under a condition of its own."""

    path: str = ""
    """The file, where it is not the site's own."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change of one line that logs the exception."""

    diff: str
    """Unified, one hunk."""

    needs: str = ""
    """An import that the file lacks for it; empty where nothing is missing."""


@dataclass(frozen=True, slots=True)
class Handler:
    """What catches the exception: an `except`, a `catch`, or the function given to a promise's `catch`."""

    line: int
    catches: tuple[str, ...]
    """Types as written; empty where it catches everything without naming it."""

    name: str | None
    """What it calls the exception."""

    reached: Reached


@dataclass(frozen=True, slots=True)
class Caller:
    """The call by which a site's function is given its reason, or is reached from a handler."""

    path: str
    line: int
    function: str | None
    call: str


@dataclass(frozen=True, slots=True)
class Site:
    """A place that can have ended a connection with the code, or that holds the reason's text."""

    kind: Kind
    path: str
    line: int
    function: str | None
    """Qualified by its class; None at module level."""

    code: int | None
    """None where it is computed; then the reason's text matches."""

    call: str
    """As written, on one line, cut."""

    reason: str | None
    """The reason as it can be read from the code, `…` for what is computed; None where none is given."""

    match: Match
    reasons: tuple[str, ...]
    """Those asked for that it can have given."""

    computed_from: str | None
    """Where a computed reason comes from: "the exception's text", "the exception's type", "an argument"."""

    handler: Handler | None
    condition: str | None
    """The condition right around the call, where one stands between it and its handler or function."""

    says: Says
    log: LogCall | None
    change: Change | None
    """None where nothing is missing, or nothing is sure to help."""

    called_from: Caller | None
    snippet: Snippet


@dataclass(frozen=True, slots=True)
class Swallowed:
    """A handler that says nothing to the log of what it catches, in the file of a matching site."""

    path: str
    line: int
    function: str | None
    catches: tuple[str, ...]
    does: str
    """What it does instead: `pass`, `return None`, `failed = True`; its first statement, cut."""

    says: Says
    change: Change | None
    snippet: Snippet


@dataclass(frozen=True, slots=True)
class Located:
    """A frame of a stack trace, looked up in the checkout."""

    frame: Frame
    path: str | None
    """None where no file of the checkout is its file beyond doubt."""

    line: int | None
    """Where the code stands in the checkout; None where it cannot be told."""

    confirmed: bool
    """Whether the checkout's line is known to be the trace's: it holds the same code."""

    note: str
    """What a reader should know: moved, another version, several candidates; empty where all agrees."""

    candidates: tuple[str, ...]
    """Files it could be, where it could be several."""

    snippet: Snippet | None


@dataclass(frozen=True, slots=True)
class Skipped:
    """Files that were not read, by reason, with one example."""

    why: str
    count: int
    example: str


@dataclass(frozen=True, slots=True)
class RepoFindings:
    """Everything found in a checkout."""

    files: int
    """Source files in it."""

    parsed: int
    """How many of them mention what was looked for, and were read by their syntax."""

    sites: tuple[Site, ...]
    """Matching and silent ones first."""

    swallowed: tuple[Swallowed, ...]
    frames: tuple[Located, ...]
    """In the order they were asked for."""

    skipped: tuple[Skipped, ...]
    left_out: int = 0
    """Sites beyond those shown."""

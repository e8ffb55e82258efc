"""What a fault is called: the exception of a chain that says what failed, its frame, and its fingerprint.

A fingerprint is the same for every occurrence of one fault. It survives moved lines, ids, times and values in
the wording, so that occurrences can be counted and a fault known again in the next cycle.
"""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from rca.model import ExceptionInfo, Frame, Relation, Trace

_SILENT_WRAPPERS = frozenset({"CancelledError"})
_BARE_WRAPPERS = frozenset({"TimeoutError"})
"""These say what failed only when they carry a message."""

_TEMPLATE_LENGTH = 160

_PASSING = re.compile(r"[\d\"`<>{}()\[\]=@:/\\]+|(?<!\w)'|'(?!\w)|\b[A-Za-z]+_\w*\d\w*")
"""What changes between occurrences, and what no search should hold: numbers, quotes, brackets, names with numbers."""

_SHORTEST_PIECE = 8
"""Letters of a wording; fewer match everything."""

_VALUES = re.compile(
    r"""
    [0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}     # UUID
    | [^\s@<>"']{1,64}@[^\s@<>"']{1,200}                             # e-mail address
    | \b0x[0-9a-fA-F]+\b                                             # address
    | (?<==)(?=[\w-]{0,63}\d|[\w]{0,63}-)(?=[\w-]{0,63}[a-z])(?=[\w-]{0,63}[A-Z])[\w-]{6,64}    # =CKiclh7f, =SZ-YLyM-
    | \b[A-Za-z]{1,12}[_-][0-9A-Za-z]*\d[0-9A-Za-z]*\b               # usr_1011, run-65b714
    | \b(?=[0-9a-f]{0,40}\d)[0-9a-f]{6,64}\b                          # hex
    | \d+(?:[.:,]\d+)*                                               # numbers, times, addresses
    """,
    re.VERBOSE,
)
_QUOTED = re.compile(r"(?<!\w)'[^'\n]{0,200}'(?!\w)|\"[^\"\n]{0,200}\"")
"""Not the apostrophe of "can't"."""


_NAMES = re.compile(
    r"(?i)\b(?:for|by|of|user|client|peer|tenant|session|run)[ =:]+(?:user[ =:]+)?\S*[-_\d]\S*|\S+=\S*|\w+(?:\.\w+)+"
)
"""What a line calls somebody or something by: after `user`, in `key=value`, and dotted logger names."""


@dataclass(frozen=True, slots=True)
class Named:
    """The exception of a chain that says what failed, and where in the application it did."""

    exception: ExceptionInfo
    frame: Frame | None


def short_type(name: str) -> str:
    """The class of an exception without its module: `ConnectionError` of `redis.exceptions.ConnectionError`."""
    return re.split(r"[.$]", name)[-1]


def named(trace: Trace) -> Named:
    """The exception that says what failed: the deepest that is no wrapper, and has a frame of the application.

    A library that translates an exception (a refused connection becomes the client's own error) shows its root
    without a frame of the application; the translation then says more: what was connected to, and from where.
    """
    telling = [e for e in trace.exceptions if not _is_wrapper(e)] or list(trace.exceptions[-1:])
    with_app = [e for e in telling if _innermost(e)]
    chosen = (with_app or telling)[0]
    frame = _innermost(chosen)
    if frame is None:
        frame = next((found for e in trace.exceptions if (found := _innermost(e))), None)
    else:
        deepest = next((found for e in trace.exceptions if (found := _innermost(e))), frame)
        frame = deepest if _is_wrapper(trace.exceptions[0]) else frame
    return Named(chosen, frame)


def _is_wrapper(exception: ExceptionInfo) -> bool:
    name = short_type(exception.type)
    if exception.relation is Relation.GROUP or name.endswith("ExceptionGroup"):
        return True
    return name in _SILENT_WRAPPERS or (name in _BARE_WRAPPERS and not exception.message.strip())


def _innermost(exception: ExceptionInfo) -> Frame | None:
    return next((frame for frame in reversed(exception.frames) if frame.in_app), None)


def template(text: str) -> str:
    """A line without its values: what stays the same when ids, numbers and quoted values change."""
    line = text.strip().split("\n", 1)[0][: 4 * _TEMPLATE_LENGTH]
    return _VALUES.sub("#", _QUOTED.sub("'…'", line))[:_TEMPLATE_LENGTH]


@cache
def _empty_words() -> frozenset[str]:
    text = resources.files("rca").joinpath("empty_words.toml").read_text(encoding="utf-8")
    return frozenset(word for group in tomllib.loads(text).values() for word in group.split())


def says_what(message: str) -> bool:
    """Whether a line says what failed, and not only that something did.

    Names of users and loggers, ids and numbers say nothing.
    """
    line = message.strip().split("\n", 1)[0][: 4 * _TEMPLATE_LENGTH]
    line = _VALUES.sub(" ", _NAMES.sub(" ", line))
    words = re.findall(r"[A-Za-z][A-Za-z'.]*", line)
    return any(word.lower().strip(".'") not in _empty_words() for word in words)


def fingerprint_of(trace: Trace) -> str:
    """Type and place of the named exception; without a place of the application, type and wording."""
    name = named(trace)
    kind = short_type(name.exception.type)
    if name.frame is None:
        return f"{kind}: {template(name.exception.message)}"
    return f"{kind} in {name.frame.file.rsplit('/', 1)[-1]}:{name.frame.function or '?'}"


def fingerprint_of_line(logger: str | None, message: str) -> str:
    """Logger and wording of a line that names no exception with a place."""
    return f"{logger or '-'}: {template(message)}"


def lasting_words(message: str, exception: str | None) -> str | None:
    """The longest piece of a wording that stays from one occurrence to the next, to search for; None without one.

    Where the message has none, the exception's name serves.
    """
    pieces = _PASSING.split(message.split("\n", 1)[0])
    piece = max((part.strip() for part in pieces), key=len)[:_TEMPLATE_LENGTH].strip()
    if len(piece) < _SHORTEST_PIECE and exception:
        piece = short_type(exception)
    return piece if len(piece) >= _SHORTEST_PIECE else None

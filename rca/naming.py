"""What a fault is called: the exception of a chain that says what failed, its frame, and its fingerprint.

A fingerprint is the same for every occurrence of one fault. It survives moved lines, ids, times and values in
the wording, so that occurrences can be counted and a fault known again in the next cycle.
"""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from rca.model import ExceptionInfo, Frame, Relation, Trace

_SILENT_WRAPPERS = frozenset({"CancelledError"})
_BARE_WRAPPERS = frozenset({"TimeoutError"})
"""These say what failed only when they carry a message."""

_ADDRESS = re.compile(r"(?<![\w.])[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}:\d{2,5}\b")
"""A host, or an IPv4 address, with its port."""

_TEMPLATE_LENGTH = 160
_LINE_LENGTH = 2_000
"""What is looked at of a line: a long value in its middle must not hide what comes after."""

_PASSING = re.compile(r"[\d\"`<>{}()\[\]=@:/\\]+|(?<!\w)'|'(?!\w)|\b[A-Za-z]+_\w*\d\w*")
"""What changes between occurrences, and what no search should hold: numbers, quotes, brackets, names with numbers."""

_SHORTEST_PIECE = 8
"""Letters of a wording; fewer match everything."""

_VALUES = re.compile(
    r"""
    [0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}     # UUID
    | \beyJ[\w-]{5,2000}(?:\.[\w-]{0,2000}){1,2}                     # JSON web token
    | [^\s@<>"']{1,64}@[^\s@<>"']{1,200}                             # e-mail address
    | \b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d{1,9})?(?:\ ?(?:Z|UTC|[+-]\d\d:?\d\d)\b)?   # ISO 8601
    | \b(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},?\ )?(?:\d{1,2}[ /-])?    # Mon Nov 23 08:47:18 2026,
      (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}[ /-]       # 23/Nov/2026:08:47:18 +0000
      \d{1,4}(?:[ :,/]{1,3}\d[\d:.]{0,20}){0,3}(?:\ ?(?:Z|UTC|GMT|[+-]\d{4})\b)?
    | \b[a-z][a-z0-9-]{0,62}?-\d{5}-[a-z]{3}\b                       # revision of Cloud Run: shop-api-00087-tuv
    | \btmp[a-z0-9_]{8}\b                                          # a name that Python's tempfile makes
    | \b0x[0-9a-fA-F]+\b                                             # address
    | (?<![\w:])(?=[0-9a-fA-F:]{0,39}\d)(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{0,4}(?![\w:.])  # IPv6
    | (?<==)(?=[\w-]{0,63}\d|[\w]{0,63}-)(?=[\w-]{0,63}[a-z])(?=[\w-]{0,63}[A-Z])[\w-]{6,64}    # =CKiclh7f, =SZ-YLyM-
    | \b[A-Za-z]{1,12}[_-][0-9A-Za-z]*\d[0-9A-Za-z]*\b               # usr_1011, run-65b714
    | \b(?=[0-9a-fA-F]{0,63}\d)[0-9a-fA-F]{6,64}\b                   # hex
    | \b[0-9a-fA-F]{16,64}\b                                         # hex without a digit, long enough for no word
    | \b(?=[A-Za-z]{0,63}\d{1,63}[A-Za-z]{1,63}\d)[0-9A-Za-z]{6,64}\b # a token; HTTP2, Base64Error are none
    | (?:(?<=[\s=(\[,:])-)?\d+(?:[.:,]\d+)*(?:[eE][+-]?\d+)?            # numbers, times, addresses,
      (?:(?:[KMGT]i?)?B\b|(?:ns|us|\u00b5s|ms|[smh])(?:\d+(?:\.\d+)?(?:ms|[sm])){0,2}\b)?       # and counted: 12ms, 3KB
    """,
    re.VERBOSE,
)
_QUOTED = re.compile(
    r"(?<!\w)'[^'\n]*'(?!\w)|\"[^\"\n]*\"|`[^`\n]*`|\u201c[^\u201c\u201d\n]*\u201d|\u2018[^\u2018\u2019\n]*\u2019(?!\w)"
)
"""Not the apostrophe of "can't"."""

_SEVERAL = re.compile(r"((?:'\u2026': ?)?(?:#|'\u2026'))(?:, ?\1)+")
"""The values of a list or a mapping: how many there are is a value as well."""

_NAMES = re.compile(
    r"(?i)\b(?:for|by|of|user|client|peer|tenant|session|run)[ =:]++(?:user[ =:]++)?[^\s\d_-]{0,80}[-_\d]\S*"
    r"|(?<!\S)\S+=\S*|(?<!\w)\w++(?:\.\w++)+"
)
"""What a line calls somebody or something by: after `user`, in `key=value`, and dotted logger names."""

_BUILT = re.compile(
    r"(?<=[.-])(?:(?=[A-Za-z_-]{0,20}\d)[0-9A-Za-z_-]{6,20}|(?<=-)(?=[a-z_-]{0,8}[A-Z])[A-Za-z_-]{8})(?=\.[cm]?js$)"
)
"""The hash that a bundler puts into a file's name, `main.8f3a2b1c.js`, `index-BfKqaXZq.js`: another with each build."""

_COUNTED = re.compile(r"(?<=Lambda[$/])[0-9a-fx/]+|(?<=\$)\d+\b|(?<=\.func)\d+(?:\.\d+)*")
"""What compilers number through a file: Java's `lambda$serve$3` and `Live$1.run`, Go's `serve.func1.2`."""


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
    chosen = _addressed((with_app or telling)[0], trace.exceptions)
    frame = _innermost(chosen)
    if frame is None:
        frame = next((found for e in trace.exceptions if (found := _innermost(e))), None)
    else:
        deepest = next((found for e in trace.exceptions if (found := _innermost(e))), frame)
        frame = deepest if _is_wrapper(trace.exceptions[0]) else frame
    return Named(chosen, frame)


def _addressed(chosen: ExceptionInfo, chain: Sequence[ExceptionInfo]) -> ExceptionInfo:
    """The exception, or its translation by a library that says to whom: `Connection refused` names nobody.

    Java tells the application's calls again for each exception of a chain, so they do not part the two.
    """
    at = chain.index(chosen) + 1
    if at >= len(chain) or chain[at].relation is not Relation.CAUSE or re.search(r"\d", chosen.message):
        return chosen
    same = _innermost(chain[at]) == _innermost(chosen)
    return chain[at] if same and _ADDRESS.search(chain[at].message[:_LINE_LENGTH]) else chosen


def _is_wrapper(exception: ExceptionInfo) -> bool:
    name = short_type(exception.type)
    if exception.relation is Relation.GROUP or name.endswith("ExceptionGroup"):
        return True
    return name in _SILENT_WRAPPERS or (name in _BARE_WRAPPERS and not exception.message.strip())


def _innermost(exception: ExceptionInfo) -> Frame | None:
    return next((frame for frame in reversed(exception.frames) if frame.in_app), None)


def template(text: str) -> str:
    """A line without its values: what stays the same when ids, numbers and quoted values change."""
    line = text.strip().split("\n", 1)[0][:_LINE_LENGTH]
    return _SEVERAL.sub(r"\1", _VALUES.sub("#", _QUOTED.sub("'…'", line)))[:_TEMPLATE_LENGTH]


@cache
def _words() -> dict[str, frozenset[str]]:
    text = resources.files("rca").joinpath("empty_words.toml").read_text(encoding="utf-8")
    return {name: frozenset(group.split()) for name, group in tomllib.loads(text).items()}


@cache
def _empty_words() -> frozenset[str]:
    return frozenset().union(*(group for name, group in _words().items() if name != "needed"))


def says_what(message: str) -> bool:
    """Whether a line says what failed, and not only that something did.

    Names of users and loggers, ids and numbers say nothing. Nor does one word that is left beside a word of ending: it
    names what was being done, not what broke, unless it is something that services need.
    """
    line = message.strip().split("\n", 1)[0][: 4 * _TEMPLATE_LENGTH]
    line = _VALUES.sub(" ", _NAMES.sub(" ", line))
    words = [word.lower().strip(".'") for word in re.findall(r"[A-Za-z][A-Za-z'.]*", line)]
    telling = [word for word in words if word not in _empty_words()]
    if len(telling) == 1 and not _words()["ending"].isdisjoint(words):
        return telling[0] in _words()["needed"]
    return bool(telling)


def fingerprint_of(trace: Trace) -> str:
    """Type and place of the named exception; without a place of the application, type and wording."""
    name = named(trace)
    kind = short_type(name.exception.type)
    if name.frame is None:
        return f"{kind}: {template(name.exception.message)}"
    file = _BUILT.sub("#", re.split(r"[/\\]", name.frame.file)[-1])
    return f"{kind} in {file}:{_COUNTED.sub('#', name.frame.function or '?')}"


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

"""An exception named in a single log line, without its traceback.

In: the text of one line. Out: its exception, or None. Decides what names one: its own name at the end of the line, its
`repr`, the forms of Elixir and Monolog, or words that only one library's one exception has (`library_texts.toml`;
marked as inferred).
"""

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from rca.expressions import compiled
from rca.gate import gate
from rca.model import ExceptionInfo
from rca.traces.grammar import MAX_NAME, STRICT_TYPE

_LONGEST = 16_384
"""Characters of a line that are looked at; what comes after has been cut by most loggers anyway."""

_MODULES = r"(?: [A-Za-z_]\w{0,60} \. )"
_ENDINGS = (
    "NotFound | Unavailable | Refused | Denied | Exceeded | Timeout | Failed | Invalid | Unauthorized | Forbidden"
    " | Conflict | Exists | Aborted | Closed"
)
"""How exceptions without `Error` are called; believed behind a module's name only."""

_NAMED = re.compile(
    rf"""
      (?<![\w.$/@:-])                     # not within a path, a URL, an address or a longer name
      (?P<type>
          {_MODULES}{{0,8}} (?: [A-Za-z_]\w{{0,80}}? (?: Error | Exception | ExceptionGroup ) | Exception )
        | {_MODULES}{{1,8}} (?: Error | error | gaierror | herror | timeout | TimeoutExpired )
        | {_MODULES}{{1,8}} [A-Z]\w{{0,60}}? (?: {_ENDINGS} )
        | {_MODULES}{{0,8}} (?: CancelledError | WebSocketDisconnect | ConnectionClosed(?: OK )? )
        | KeyboardInterrupt | SystemExit
      )
      (?: : (?: \s+ (?P<message> \S.* ) | $ )
        | \( (?P<arguments> ["'\d)(b].* )  # ValueError('bad')
        | (?P<bare> $ )
      )
    """,
    re.VERBOSE | re.DOTALL,
)

_ELIXIR = re.compile(r"(?<!\S)\*\* \((?P<type>[A-Z][\w.]{0,200})\) (?P<message>\S.*)", re.DOTALL)
"""`disconnected: ** (DBConnection.ConnectionError) tcp recv: closed`"""

_MONOLOG = re.compile(
    r"\[object\] \((?P<type>[A-Za-z_][\w\\]{0,200})\(code: [^)\n]{0,40}\): "
    r"(?P<message>\S.{0,2000}?) at [^\s:()]{1,500}:\d{1,9}\)",
    re.DOTALL,
)
"""`add failed {"exception":"[object] (PDOException(code: 2002): Connection refused at /app/src/Db.php:12)"}`"""

_STRING = re.compile(r"""(?P<quote>['"])(?P<text>(?:(?!(?P=quote))[^\\]|\\.)*)(?P=quote)""", re.DOTALL)


@dataclass(frozen=True, slots=True)
class LibraryText:
    """Words of one library's one exception, from `library_texts.toml`."""

    type: str
    source: str
    """A regular expression."""

    samples: tuple[str, ...]

    @property
    def pattern(self) -> re.Pattern[str]:
        """The compiled expression."""
        return compiled(self.source)


@cache
def library_texts() -> tuple[LibraryText, ...]:
    """Return the shipped texts; what begins first in a line decides, then the file's order."""
    table = tomllib.loads(files(__package__).joinpath("library_texts.toml").read_text(encoding="utf-8"))
    return tuple(LibraryText(row["type"], row["pattern"], tuple(row["samples"])) for row in table["text"])


def one_liner(text: str) -> ExceptionInfo | None:
    """Return the exception that a single log line names, without frames; None when it names none.

    `inferred` where the line gives only a library's words and not the type. The message begins where the
    exception's own does: what the application put before it is left out.
    """
    line = text.strip()[:_LONGEST]
    if not line or "Traceback (most recent call last)" in line:
        return None
    named = _printed(line) if _may_name()(line) else None
    return named or (_inferred(line) if _may_infer()(line) else None)


@cache
def _may_name() -> Callable[[str], bool]:
    """Whether a line may name an exception: by far the most are ruled out by it at once."""
    endings = _ENDINGS.replace(" ", "")
    return gate(
        [
            f"Error|Exception|error|timeout|Cancelled|Disconnect|Interrupt|SystemExit|Expired|{endings}",
            r"\*\* \(",
            r"\[object\] \(",
        ]
    )


@cache
def _may_infer() -> Callable[[str], bool]:
    return gate(known.source for known in library_texts())


def named(text: str) -> ExceptionInfo | None:
    """Return the exception of a text that is nothing but the line that names one: what is left of a cut traceback."""
    line = text.strip()
    name, colon, message = line.partition("\n")[0].partition(":")
    if len(name) > MAX_NAME or not STRICT_TYPE.fullmatch(name) or (colon and message[:1] not in ("", " ")):
        return None
    return ExceptionInfo(type=name, message=line.partition(":")[2].strip(), frames=())


def _printed(line: str) -> ExceptionInfo | None:
    """Read `… KeyError: 'x'` at the end of a line, `… ValueError('bad')`, or `failed: TimeoutError`.

    Of several the first counts, as it would be named below a traceback: `RuntimeError: no tool: KeyError: 'x'`.
    """
    own = _ELIXIR.search(line) or _MONOLOG.search(line)
    if own is not None:
        name = own["type"].replace("\\\\", "\\")  # doubled by JSON
        return ExceptionInfo(type=name, message=own["message"].strip(), frames=())
    found = _NAMED.search(line)
    while found is not None and found["bare"] is not None and not _stands_alone(line, found):
        found = _NAMED.search(line, found.end("type"))
    if found is None:
        return None
    message = (
        _argument(found["arguments"]) if found["arguments"] is not None else (found["message"] or "").strip()
    )
    return ExceptionInfo(type=found["type"], message=message, frames=())


def _stands_alone(line: str, found: re.Match[str]) -> bool:
    """A class named at the end of a sentence ("retrying after ConnectionError") was not necessarily raised here."""
    before = line[: found.start()].rstrip()
    return not before or before.endswith((":", "=", "-", "|")) or "." in found["type"]


def _argument(arguments: str) -> str:
    """The first string of a `repr`; of an OSError's `(111, 'Connection refused')` both parts."""
    number, comma, rest = arguments.partition(", ")
    quoted = _STRING.match(rest if number.isdigit() and comma else arguments)
    if quoted is None:
        return arguments.partition(")")[0].strip()
    words = re.sub(r"\\(.)", r"\1", quoted["text"])
    return f"[Errno {number}] {words}" if number.isdigit() and comma else words


def _inferred(line: str) -> ExceptionInfo | None:
    found = [
        (match.start(), known.type) for known in library_texts() if (match := known.pattern.search(line))
    ]
    if not found:
        return None
    # `Error 111 connecting to cache:6379. [Errno 111] refused`: who speaks first quotes the other.
    start, kind = min(found, key=lambda each: each[0])
    return ExceptionInfo(type=kind, message=line[start:].strip(), frames=(), inferred=True)

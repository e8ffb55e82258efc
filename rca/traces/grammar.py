"""What a language must tell about its stack traces, so that adding one is adding one module.

In: the lines of a log, one at a time. Out: which line may follow which (`Grammar.step`), and the exceptions of a whole
text (`Grammar.read`). Decides the words the languages share: kinds of lines, nearness, and what a reading is.
"""

import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import NamedTuple, Protocol

from rca.model import ExceptionInfo

MAX_NAME = 300
"""Characters a type's name is looked for in: longer runs are data, and scanning them would cost."""

STRICT_TYPE = re.compile(
    r"""
      (?P<module> (?: [A-Za-z_]\w* \. )* )            # redis.exceptions.
      (?P<name> [A-Za-z_]\w* (?: Error | Exception | ExceptionGroup )
        | Exception | ExceptionGroup
        | KeyboardInterrupt | SystemExit | GeneratorExit | StopIteration | StopAsyncIteration
        | CancelledError | WebSocketDisconnect | ConnectionClosed(?: OK )? | TimeoutExpired | DoesNotExist
        | (?<=\.) (?: error | gaierror | herror | timeout | BrokenProcessPool )   # socket.gaierror, zlib.error
      )
    """,
    re.VERBOSE,
)
"""A name that is an exception's whatever stands around it; `Warning`s are not, and a bare `Error` names nothing."""

LEVELS = frozenset(
    {
        "alert",
        "critical",
        "debug",
        "default",
        "emerg",
        "emergency",
        "err",
        "error",
        "exception",
        "fatal",
        "info",
    }
    | {"notice", "panic", "severe", "silly", "success", "trace", "verbose", "warn", "warning"}
)
"""Severities as loggers print them before a colon: `INFO: …` is no exception named INFO."""


class Kind(StrEnum):
    """What a line is within a stack trace."""

    HEADER = "header"
    """`Traceback (most recent call last):`"""
    FRAME = "frame"
    CODE = "code"
    """The source line below a frame, and what a logger draws below it."""
    MARK = "mark"
    """`^^^^` or `~~~^~~` below a source line."""
    REPEAT = "repeat"
    NAME = "name"
    """The line that names the exception."""
    TAIL = "tail"
    """More of its message."""
    LINK = "link"
    """The sentence or key between two exceptions of a chain."""
    RULE = "rule"
    """`+-+---------------- 1 ----------------`"""
    BOX = "box"
    """A line within a drawn box."""
    PROPERTY = "property"
    """A field of the error object, as Node prints it."""


class Near(IntEnum):
    """How near a line is to the one read before it: the nearer, the less it must prove to belong."""

    SAME = 0
    """The next line of the same entry."""
    NEXT = 1
    """Its own entry, the very next of its stream and within milliseconds."""
    LATER = 2
    """Its own entry, with others between or some time after."""


class State(NamedTuple):
    """How far a trace has been read."""

    kind: Kind
    indent: int = 0
    """Column of the frames."""
    depth: int = 0
    """Levels of exception groups, or of braces."""
    boxed: bool = False
    hint: str = ""
    """What the line before said, when what may follow hangs on it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one whole text tells."""

    exceptions: tuple[ExceptionInfo, ...]
    """In causal order, root first."""

    complete: bool
    """Every exception of the chain is named, and the chain has its beginning."""

    lead: str = ""
    """Words before the first exception on its own line: `weighing failed` of `weighing failed TypeError: …`."""


class Grammar(Hashable, Protocol):
    """One language's stack traces."""

    name: str
    """As `Trace.language` gives it."""

    def step(self, state: State | None, line: str, near: Near) -> State | None:
        """Return the state after a line, or None where the line cannot stand there.

        With no state, the line must open a trace. Costs time linear in the line.
        """
        ...

    def affinity(self, before: Sequence[str], line: str) -> int:
        """Return how well a line follows the last few before it; 0 says nothing, below 0 speaks against."""
        ...

    def lead(self, line: str) -> str:
        """Return the words of an opening line that stand before the trace."""
        ...

    def read(self, text: str) -> Reading | None:
        """Return the exceptions of the first trace in a text; None when there is none."""
        ...


_COLOR = re.compile(r"\x1b\[[0-9;:]{0,40}[A-Za-z]")
"""ANSI codes, which an entry's text has lost by now, and its fields may not."""
_ESCAPED = re.compile(r"\\([\\nrt\"'])")
_REAL = {"n": "\n", "r": "\r", "t": "\t"}
_ESCAPED_BREAK = re.compile(
    r"""\\n(?:\s{0,40}(?:\||>)?\s{0,40}File\s\\{0,3}"|\s{1,40}at\s|Traceback\s\(most)"""
)
_MAX_ESCAPES = 3
"""How many times a trace is found escaped in the wild: once by a formatter, again by its JSON dump, once by repr."""


def lines_of(text: str) -> list[str]:
    r"""Return the lines of a text, with literal `\n` taken for line breaks where they part a stack trace.

    As in `Traceback (most recent call last):\n  File "/app/main.py", line 3, in run\n    go()\nKeyError: 'x'`,
    in one entry, with backslashes.
    """
    for _ in range(_MAX_ESCAPES):
        if "\\n" not in text or not _ESCAPED_BREAK.search(text):
            break
        text = _ESCAPED.sub(lambda found: _REAL.get(found[1], found[1]), text)
    if "\x1b" in text:
        text = _COLOR.sub("", text)
    if "\r" in text:
        return [line.rstrip("\r") for line in text.split("\n")]
    return text.split("\n")


def is_level(word: str) -> bool:
    """Return whether a word is a severity rather than an exception's name; `Exception: …` is Python's most used."""
    return word.lower() in LEVELS and word != "Exception"

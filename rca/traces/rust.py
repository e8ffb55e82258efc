"""Rust's panics, with the backtrace where one was asked for.

In: lines, or one whole text. Out: which line may follow which; the panic. Decides that the place which the panic itself
names is its innermost call: a backtrace names it again, below the runtime's own.
Source: Rust, library/std/src/panicking.rs (`default_hook`) and library/std/src/backtrace.rs; the message stands on a
line of its own since Rust 1.73, in quotes before the place until then.
"""

import re
from collections.abc import Sequence

from rca.model import ExceptionInfo, Frame
from rca.traces.grammar import Kind, Near, Reading, State, lines_of

_PANICKED = re.compile(
    r"""
    thread\ '[^'\n]{0,200}'\ (?: \(\d{1,12}\)\ )? panicked\ at\ (?: '(?P<message>.{0,2000})',\ )?
    (?P<file> [^\s:'"][^:\n'"]{0,500} ) : (?P<line>\d{1,9}) : \d{1,9} (?P<below> : )? \s* $
    """,
    re.VERBOSE | re.DOTALL,
)
_INDEX = re.compile(r"\s{0,8}\d{1,5}: (?:\s{0,4}0x[0-9a-f]{1,16} - )?(?P<function>\S.{0,1000})$")
_PLACE = re.compile(r"\s{4,40}at (?P<file>[^\s:][^:\n]{0,500}):(?P<line>\d{1,9})(?::\d{1,9})?$")
_WITHIN = ("note: ", "stack backtrace:")
_THEIRS = re.compile(
    r"^/rustc/|^/cargo/|/\.?cargo/(?:registry|git)/|/\.?rustup/|^library/(?:std|core|alloc)/"
)
"""The standard library's and the registry's; an application is built from its own folder, `src/…` or `./src/…`."""


class Rust:
    """Rust's grammar; see `Grammar`."""

    name = "rust"

    def step(self, state: State | None, line: str, near: Near) -> State | None:
        """See `Grammar.step`: the message stands right below the panic's place, the backtrace below that."""
        if not line.strip():
            return state if near is Near.SAME else None
        panicked = _PANICKED.search(line) if "panicked at " in line else None
        if state is None and panicked is not None:
            return State(Kind.HEADER if panicked["below"] else Kind.NAME)
        # Another panic below this one is another thread's.
        return None if state is None or panicked is not None else self._within(state, line, near)

    def _within(self, state: State, line: str, near: Near) -> State | None:
        if line.startswith(_WITHIN):
            return State(Kind.LINK)
        if state.kind is Kind.HEADER:
            return State(Kind.NAME) if near is not Near.LATER else None
        if state.kind in (Kind.LINK, Kind.FRAME, Kind.CODE) and _INDEX.match(line.rstrip()):
            return State(Kind.FRAME)
        if state.kind is Kind.FRAME and _PLACE.match(line.rstrip()):
            return State(Kind.CODE)
        return state if near is Near.SAME and state.kind is Kind.NAME else None

    def affinity(self, before: Sequence[str], line: str) -> int:
        """Return how well a line follows: a place stands below the call that it is of."""
        if _PLACE.match(line.rstrip()):
            return 3 if before and _INDEX.match(before[-1]) else -4
        return 0

    def lead(self, line: str) -> str:
        """See `Grammar.lead`: what stands before `thread '…' panicked at`."""
        found = _PANICKED.search(line)
        return "" if found is None else line[: found.start()].strip(" :-\t")

    def read(self, text: str) -> Reading | None:
        """Return the first panic of a text; None when there is none."""
        if "panicked at " not in text:
            return None
        lines = lines_of(text)
        for at, line in enumerate(lines):
            found = _PANICKED.search(line) if "panicked at " in line else None
            if found is not None:
                below = lines[at + 1 :]
                message, calls = found["message"], _calls(below)
                if message is None:
                    message = "\n".join(_said(below)).strip()
                place = _frame(found["file"], int(found["line"]), _function(calls, found))
                outer = [call for call in calls if (call.file, call.line) != (place.file, place.line)]
                calling = [call for call in outer if call.in_app]
                told = ExceptionInfo("panic", message, (*reversed(calling), place))
                return Reading((told,), complete=bool(message) or not found["below"])
        return None


def _said(below: Sequence[str]) -> list[str]:
    """The lines of the message: up to the note, the backtrace, or whatever else is no part of it."""
    end = next((at for at, line in enumerate(below) if line.startswith(_WITHIN)), len(below))
    return list(below[:end])


def _calls(below: Sequence[str]) -> list[Frame]:
    """The calls of the backtrace that name their place, the innermost first."""
    found = []
    function: str | None = None
    for line in below:
        if (index := _INDEX.match(line.rstrip())) is not None:
            function = index["function"]
        elif function is not None and (place := _PLACE.match(line.rstrip())) is not None:
            found.append(_frame(place["file"], int(place["line"]), function))
            function = None
    return found


def _function(calls: Sequence[Frame], panicked: re.Match[str]) -> str | None:
    """What the backtrace calls the panic's own place."""
    file, at = _plain(panicked["file"]), int(panicked["line"])
    return next((call.function for call in calls if (call.file, call.line) == (file, at)), None)


def _frame(file: str, line: int, function: str | None) -> Frame:
    plain = _plain(file)
    return Frame(plain, line, function, None, in_app=_THEIRS.search(plain) is None)


def _plain(file: str) -> str:
    return file.removeprefix("./")

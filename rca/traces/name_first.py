"""What languages share that print an exception's name first and its calls below, the innermost first.

In: lines. Out: which line may follow which. Decides by three questions that a language answers: is this a call, does it
name an exception, does it go on within a trace. Java, .NET and Ruby differ in the answers alone.
"""

from collections.abc import Sequence
from typing import NamedTuple

from rca.model import ExceptionInfo, Frame, Relation
from rca.traces.grammar import Kind, Near, State

LONGEST_MESSAGE = 50
"""Lines above the first call in which the exception's name is looked for."""

MOST_SHARED = 100
"""Calls that an inner exception is said to share with its outer one, and that are told again for it."""


class Name(NamedTuple):
    """The line that names an exception: where the name begins, and what it says."""

    start: int
    type: str
    message: str


class NameFirst:
    """The steps of such a language; see `Grammar`."""

    def call(self, line: str) -> Frame | None:
        """Return the call that a line tells; None for any other line."""
        raise NotImplementedError

    def named(self, line: str, *, loose: bool) -> Name | None:
        """Return the name in a line; loose where calls follow right below."""
        raise NotImplementedError

    def goes_on(self, line: str) -> bool:
        """Return whether a line stands only within a trace: an inner exception, a count of calls left out."""
        raise NotImplementedError

    def step(self, state: State | None, line: str, near: Near) -> State | None:
        """See `Grammar.step`."""
        if not line.strip():
            return state if near is Near.SAME else None
        if state is not None and self.goes_on(line):
            return State(Kind.LINK)
        if self.call(line) is not None:
            return State(Kind.FRAME)
        if state is None:
            return None if self.named(line, loose=near is Near.SAME) is None else State(Kind.NAME)
        # In one entry all lines up to the calls are the message; across entries the calls must come first.
        return state if near is Near.SAME and state.kind in (Kind.NAME, Kind.LINK) else None

    def affinity(self, before: Sequence[str], line: str) -> int:
        """Return how well a line follows the last few: each call is printed once below the other."""
        return -4 if before and before[-1] == line else 0

    def lead(self, line: str) -> str:
        """See `Grammar.lead`: `Exception in thread "main"` of `Exception in thread "main" java.lang.Error: x`."""
        named = self.named(line, loose=False)
        return "" if named is None else line[: named.start].strip(" :-\t([")


def first_call(language: NameFirst, lines: Sequence[str]) -> int | None:
    """Return where the first call of a trace stands; None where there is none."""
    return next((at for at, line in enumerate(lines) if language.call(line) is not None), None)


def exceptions(chain: Sequence[tuple[Name, Sequence[str], Sequence[Frame]]]) -> tuple[ExceptionInfo, ...]:
    """Return a chain, root first, as exceptions of which each was caused by the one before it.

    Each link: its name, further lines of its message, and its calls as they are printed, the innermost first.
    """
    return tuple(
        ExceptionInfo(
            name.type,
            "\n".join([name.message, *more]).strip(),
            tuple(reversed(calls)),
            Relation.CAUSE if at else Relation.ROOT,
        )
        for at, (name, more, calls) in enumerate(chain)
    )


def name_above(language: NameFirst, above: Sequence[str]) -> tuple[Name, list[str]] | None:
    """Return the name nearest above the first call, and the lines of its message below it."""
    for back, line in enumerate(reversed(above)):
        found = language.named(line, loose=False)
        if found is not None:
            return found, list(above[len(above) - back :])
    last = language.named(above[-1], loose=True) if above else None
    return None if last is None else (last, [])

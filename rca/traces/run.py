"""One trace while its lines come in.

In: lines that one stream's entries hold, in order. Out: a trace's text and the entries it came from. Decides how near
a line must be, and keeps the lines that only what follows can prove to belong.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from rca.model import Entry
from rca.traces.grammar import Grammar, Kind, Near, State, lines_of
from rca.traces.ties import is_bare

GAP_NS = 2_000_000_000
"""2 s: a traceback is one write; what comes later is another's."""
NEXT_NS = 5_000_000
"""5 ms: near enough for a line that only its place explains, such as the second line of a message."""

_MOST_PENDING = 60
"""Lines of one message, each an entry of its own, that wait for what follows to prove them."""

_NAMED = (Kind.NAME, Kind.TAIL)
_SURE = (Kind.FRAME, Kind.LINK)
"""Lines that are nothing else by accident."""


class Place(NamedTuple):
    """Where in its stream an entry stands."""

    position: int
    turn: int
    """Its place among the lines that no logger wrote: a request logged in between parts no traceback."""
    at_ns: int


@dataclass(slots=True, eq=False)
class Run:
    """A trace while its lines come in; filled line by line, hence not frozen."""

    grammar: Grammar
    state: State
    last: int
    """Turn of its latest line."""
    last_ns: int
    prefixed: bool = False
    """Its lines came through a logger, each with a prefix."""
    broken: bool = False
    """Its latest line could not stand there: cut in two, perhaps."""
    lines: list[str] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)
    pending: list[tuple[int, str]] = field(default_factory=list)
    """Lines right after the name: more of its message if the chain goes on, somebody else's if not."""

    def near(self, place: Place) -> Near:
        """Return how near an entry is to the latest line."""
        if place.position in self.positions[-1:]:
            return Near.SAME
        close = place.turn - self.last <= 1 and place.at_ns - self.last_ns <= NEXT_NS
        return Near.NEXT if close else Near.LATER

    def take(self, place: Place, lines: Sequence[str], state: State) -> None:
        """Take lines in, and before them those that waited."""
        for position, line in self.pending:
            self._add(position, line)
        self.pending.clear()
        for line in lines:
            self._add(place.position, line)
        self.last, self.last_ns, self.state = place.turn, place.at_ns, state

    def wait(self, place: Place, lines: Sequence[str]) -> bool:
        """Keep lines that may be more of the message; tell whether they are kept."""
        if (
            self.state.kind not in _NAMED
            or self.near(place) is Near.LATER
            or len(self.pending) >= _MOST_PENDING
        ):
            return False
        self.pending.extend((place.position, line) for line in lines)
        self.last, self.last_ns = place.turn, place.at_ns
        return True

    def going_on(
        self, place: Place, entry: Entry, lines: Sequence[str]
    ) -> tuple[Sequence[str], State] | None:
        """Return an entry's lines as the trace goes on with them, and the state after the first; None if it cannot."""
        near = self.near(place)
        given = [lines]
        if self.prefixed and entry.message != entry.text:
            given.append(lines_of(entry.message))
        if self.broken and near is Near.NEXT:
            given.append([self.lines[-1] + lines[0], *lines[1:]])
        for read in given:
            state = self.grammar.step(self.state, read[0], near)
            if state is not None:
                return read, state
        if near is not Near.NEXT or not is_bare(entry):
            return None
        # Cut in the midst of a line or of a message: what follows in the same entry tells.
        inside = (self.grammar.step(self.state, line, Near.SAME) for line in lines[1:])
        sure = next((after for after in inside if after is not None and after.kind in _SURE), None)
        return None if sure is None else (lines, sure)

    def begun(self, line: str) -> State | None:
        """Return the state where, within one entry, a line begins the next trace of the same language."""
        state = self.grammar.step(None, line, Near.NEXT)
        if (
            state is None
            or state.kind not in (Kind.HEADER, Kind.NAME)
            or (state.kind is Kind.NAME and state.indent)
        ):
            return None
        return state

    def unfit(self, first: str, state: State) -> tuple[bool, bool]:
        """Return what speaks against giving a line to this trace when another could take it; less is better."""
        # Two workers that die of one fault write the same lines at once: a line said twice is the other's.
        twice = self.lines[-1] == first
        unasked = state.kind is Kind.LINK and self.state.kind not in (*_NAMED, Kind.RULE)
        return twice, unasked

    def _add(self, position: int, line: str) -> None:
        self.lines.append(line)
        if not self.positions or self.positions[-1] != position:
            self.positions.append(position)

"""Lines of one instant, put in the order they were printed in.

In: entries with equal timestamps, whose insertIds come in random order. Out: the same entries, ordered. Decides by the
text alone: which line may follow which, which frame a source line calls, what followed what elsewhere in the same logs.
Source: Cloud Run's insertIds are seconds, microseconds and a random part, so equal times are in no order.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rca.model import Entry
from rca.traces.grammar import Grammar, Kind, Near, State

_BEAM = 4
_LARGEST_BEAM = 24
"""Above that many lines of one instant only the best order so far is followed."""
REMEMBERED = 12
"""Lines that a placement looks back on: loguru draws as many values between a source line and the next frame."""
_LARGEST = 64
"""Above that many they stay as they are: the search costs the square."""

_FITS, _SEEN, _ASIDE, _MISFIT, _CUTS_OFF = 2, 5, -1, -3, -4
_ENDED = (Kind.NAME, Kind.TAIL, Kind.RULE)

_NEIGHBORS_NS = 5_000_000
"""5 ms: what two writes of one traceback were apart at most in recorded logs, with room for a busy instance."""

Followed = frozenset[tuple[int, int]]
"""Hashes of two lines of which the second was seen right after the first."""


@dataclass(frozen=True, slots=True)
class Before:
    """What stands before the instant: the trace being read, if any, and its last lines."""

    grammar: Grammar | None = None
    state: State | None = None
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Path:
    """One order tried, and how well it reads."""

    score: int
    order: tuple[int, ...]
    at: Before


def followed(stream: Sequence[Entry]) -> Followed:
    """Return which line was seen right after which, where the timestamps leave no doubt."""
    seen = set()
    for at, (first, second) in enumerate(pairwise(stream)):
        sure = 0 < second.at_ns - first.at_ns <= _NEIGHBORS_NS
        # A neighbor of the same instant could as well be the one that followed.
        if sure and _alone(stream, at) and _alone(stream, at + 1):
            seen.add((hash(first.text), hash(second.text)))
    return frozenset(seen)


def arrange(
    ties: Sequence[Entry], before: Before, after: Entry | None, grammars: Sequence[Grammar], seen: Followed
) -> list[Entry]:
    """Return entries of one instant in the order that reads best; as they came where nothing tells.

    A log line that can head a trace goes right before the trace that opens; other log lines go last.
    """
    if not 1 < len(ties) <= _LARGEST:
        return list(ties)
    plain = [entry for entry in ties if is_bare(entry)]
    logged = [entry for entry in ties if not is_bare(entry)]
    if not plain:
        return list(ties)
    search = _Search(plain, after, grammars, seen)
    ordered = [plain[at] for at in search.best(before)]
    opens = next((at for at, entry in enumerate(ordered) if _opens(entry, grammars)), None)
    return [*ordered, *logged] if opens is None else [*ordered[:opens], *logged, *ordered[opens:]]


class _Search:
    """A beam search over the orders of a few lines."""

    def __init__(
        self, lines: Sequence[Entry], after: Entry | None, grammars: Sequence[Grammar], seen: Followed
    ) -> None:
        self.texts = [entry.text.split("\n") for entry in lines]
        self.after = after.text.split("\n")[0] if after is not None and is_bare(after) else None
        self.grammars = grammars
        self.seen = seen
        self.width = _BEAM if len(lines) <= _LARGEST_BEAM else 1

    def best(self, before: Before) -> tuple[int, ...]:
        """Return the indices in the best order found; the first of equals, so the result does not hang on chance."""
        paths = [_Path(0, (), before)]
        for _ in self.texts:
            longer = [self._extended(path, index) for path in paths for index in self._left(path)]
            longer.sort(key=lambda path: (-path.score, path.order))
            paths = longer[: self.width]
        return max(paths, key=self._ending).order

    def _left(self, path: _Path) -> Iterator[int]:
        """Yield the lines still to be placed; of lines that say the same, one."""
        said = set()
        for index, text in enumerate(self.texts):
            if index not in path.order and text[0] not in said:
                said.add(text[0])
                yield index

    def _extended(self, path: _Path, index: int) -> _Path:
        score, at = self._placed(path.at, self.texts[index])
        return _Path(path.score + score, (*path.order, index), at)

    def _ending(self, path: _Path) -> int:
        """How well the order reads on into the next instant."""
        return path.score + (0 if self.after is None else self._placed(path.at, [self.after])[0])

    def _placed(self, at: Before, lines: Sequence[str]) -> tuple[int, Before]:
        first = lines[0]
        score = _SEEN if at.lines and (hash(at.lines[-1]), hash(first)) in self.seen else 0
        ended = at.state is None or at.state.kind in _ENDED
        state = (
            at.grammar.step(at.state, first, Near.NEXT)
            if at.grammar is not None and at.state is not None
            else None
        )
        if state is not None and at.grammar is not None and state.kind is Kind.TAIL:
            # Nearly anything can be more of a message.
            return score + _ASIDE, _walked(at.grammar, state, at.lines, lines)
        if state is not None and at.grammar is not None:
            score += (
                _FITS + at.grammar.affinity(at.lines, first) + (_CUTS_OFF if _unasked(at.state, state) else 0)
            )
            return score, _walked(at.grammar, state, at.lines, lines)
        for grammar in self.grammars:
            opened = grammar.step(None, first, Near.NEXT)
            if opened is not None:
                # A member of a group opens nothing: its group does.
                headed = _FITS if opened.kind in (Kind.HEADER, Kind.LINK) and opened.depth < 2 else _MISFIT  # noqa: PLR2004
                return score + headed + (0 if ended else _CUTS_OFF), _walked(grammar, opened, at.lines, lines)
        # Before a trace it can be its header, after it more of its message; in its midst it is in the way.
        return score + (_ASIDE if ended else _MISFIT), at


def _unasked(before: State | None, after: State) -> bool:
    """A chain goes on after a name, and with a traceback."""
    if before is None:
        return False
    goes_on = after.kind is Kind.LINK and before.kind not in _ENDED
    return goes_on or (before.kind is Kind.LINK and after.kind is not Kind.HEADER)


def _walked(grammar: Grammar, state: State, before: tuple[str, ...], lines: Sequence[str]) -> Before:
    for line in lines[1:]:
        state = grammar.step(state, line, Near.SAME) or state
    return Before(grammar, state, (*before, *lines[-REMEMBERED:])[-REMEMBERED:])


def _alone(stream: Sequence[Entry], at: int) -> bool:
    near = stream[max(0, at - 1) : at + 2]
    return sum(entry.at_ns == stream[at].at_ns for entry in near) == 1


def is_bare(entry: Entry) -> bool:
    """Tell a line that was printed from one that a logger wrote with its prefix or as JSON."""
    return entry.message.strip() == entry.text.strip() and not entry.payload


def _opens(entry: Entry, grammars: Sequence[Grammar]) -> bool:
    found = [grammar.step(None, entry.text.split("\n")[0], Near.NEXT) for grammar in grammars]
    return any(state is not None and state.kind is Kind.HEADER for state in found)

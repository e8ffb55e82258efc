"""Stack traces put together again from log entries.

In: entries of any number of instances and streams. Out: traces, each with all the entries it was read from. Decides
which lines belong together (same instance, same log, near in time, in an order that reads); what the lines are is each
language's own business (`Grammar`).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from rca.model import Entry, Trace
from rca.traces.grammar import Grammar, Kind, Near, Reading, State, lines_of
from rca.traces.header import headed
from rca.traces.payload import readings
from rca.traces.ties import Before, Followed, arrange, followed, is_bare

_GAP_NS = 2_000_000_000
"""2 s: a traceback is one write; what comes later is another's."""
_NEXT_NS = 5_000_000
"""5 ms: near enough for a line that only its place explains, such as the second line of a message."""
_MOST_OPEN = 8
"""Traces of one stream being written at once, by the workers of one instance; more are lines that only look so."""
_MOST_PENDING = 60
"""Lines of one message, each an entry of its own, that wait for what follows to prove them."""


@dataclass(slots=True, eq=False)
class _Run:
    """A trace while its lines come in; filled line by line, hence not frozen."""

    grammar: Grammar
    state: State
    last: int
    """Position of its latest line in the stream."""
    last_ns: int
    prefixed: bool = False
    """Its lines came through a logger, each with a prefix."""
    broken: bool = False
    """Its latest line could not stand there: cut in two, perhaps."""
    lines: list[str] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)
    pending: list[tuple[int, str]] = field(default_factory=list)
    """Lines right after the name: more of its message if the chain goes on, somebody else's if not."""

    def near(self, position: int, at_ns: int) -> Near:
        return Near.NEXT if position - self.last <= 1 and at_ns - self.last_ns <= _NEXT_NS else Near.LATER

    def take(self, position: int, at_ns: int, lines: Iterable[str], state: State) -> None:
        for waiting, line in self.pending:
            self._add(waiting, line)
        self.pending.clear()
        for line in lines:
            self._add(position, line)
        self.last, self.last_ns, self.state = position, at_ns, state

    def wait(self, position: int, at_ns: int, line: str) -> bool:
        """Keep a line that may be more of the message."""
        named = self.state.kind in (Kind.NAME, Kind.TAIL) and self.near(position, at_ns) is Near.NEXT
        if not named or len(self.pending) >= _MOST_PENDING:
            return False
        self.pending.append((position, line))
        self.last = position
        return True

    def _add(self, position: int, line: str) -> None:
        self.lines.append(line)
        if not self.positions or self.positions[-1] != position:
            self.positions.append(position)


def assemble(entries: Sequence[Entry], grammars: Sequence[Grammar]) -> tuple[Trace, ...]:
    """Return every stack trace of the entries, sorted by `at`, ties by insertId of their first entry."""
    streams: defaultdict[tuple[str | None, ...], list[Entry]] = defaultdict(list)
    for entry in sorted(
        entries, key=lambda entry: (entry.at_ns, entry.ref.insert_id or "", entry.ref.line or 0)
    ):
        if entry.request is None and entry.method_name is None:
            streams[(entry.project, entry.service, entry.revision, entry.instance, entry.log)].append(entry)
    tied = any(one.at_ns == two.at_ns for stream in streams.values() for one, two in pairwise(stream))
    seen: Followed = (
        frozenset().union(*(followed(stream) for stream in streams.values())) if tied else frozenset()
    )
    traces = [trace for stream in streams.values() for trace in _Stream(stream, grammars, seen).traces()]
    return tuple(sorted(traces, key=lambda trace: (trace.at, trace.entries[0].ref.insert_id or "")))


class _Stream:
    """One log of one instance, read from its first entry to its last."""

    def __init__(self, entries: Sequence[Entry], grammars: Sequence[Grammar], seen: Followed) -> None:
        self.grammars = grammars
        self.seen = seen
        self.given = entries
        self.entries: list[Entry] = []
        self.open: list[_Run] = []
        self.closed: list[_Run] = []
        self.whole: list[tuple[int, str, Reading]] = []
        """Traces told by a payload's fields: position, language, reading."""

    def traces(self) -> Iterator[Trace]:
        """Yield the stream's traces, in no order."""
        for tie, after in _instants(self.given):
            for entry in arrange(tie, self._before(), after, self.grammars, self.seen):
                self._read(len(self.entries), entry)
        self.closed.extend(self.open)
        read = [(run, run.grammar.read("\n".join(run.lines))) for run in self.closed]
        runs = [(run, reading) for run, reading in read if reading is not None]
        claimed = {position for run, _ in runs for position in run.positions} | {
            at for at, _, _ in self.whole
        }
        for run, reading in runs:
            header, above = headed(self.entries, run.positions[0], claimed, run.grammar)
            claimed.update(above)
            yield self._trace([*above, *run.positions], reading, header, run.grammar.name)
        for position, language, reading in self.whole:
            yield self._trace([position], reading, self.entries[position].message.strip(), language)

    def _trace(self, positions: Sequence[int], reading: Reading, header: str, language: str) -> Trace:
        entries = tuple(self.entries[position] for position in positions)
        return Trace(reading.exceptions, entries[0].at, entries, header, language, reading.complete)

    def _before(self) -> Before:
        if not self.open:
            return Before()
        run = self.open[-1]
        return Before(run.grammar, run.state, tuple(run.lines[-3:]))

    def _read(self, position: int, entry: Entry) -> None:
        self.entries.append(entry)
        late = [run for run in self.open if entry.at_ns - run.last_ns > _GAP_NS]
        self.closed.extend(late)
        self.open = [run for run in self.open if run not in late]
        told = readings(entry, self.grammars)
        if told:
            self.whole.extend((position, language, reading) for language, reading in told)
            return
        lines = lines_of(entry.text)
        while lines and not lines[-1].strip():
            lines.pop()
        if lines and not self._continued(position, entry, lines):
            self._opened(position, entry, lines)

    def _continued(self, position: int, entry: Entry, lines: list[str]) -> bool:
        """Give an entry to the open trace that it goes on with."""
        fits = []
        for run in reversed(self.open):
            near = run.near(position, entry.at_ns)
            for start, given in self._starts(run, entry, lines, near):
                state = run.grammar.step(run.state, given[start], near if start == 0 else Near.SAME)
                if state is not None and (
                    start == 0 or state.kind in (Kind.FRAME, Kind.CODE, Kind.NAME, Kind.MARK)
                ):
                    # Two workers that die of one fault write the same lines at once: a line said twice is the other's.
                    twice = run.lines[-1] == given[0]
                    unasked = state.kind is Kind.LINK and run.state.kind not in (
                        Kind.NAME,
                        Kind.TAIL,
                        Kind.RULE,
                    )
                    fits.append((twice, unasked, run, given))
                    break
        if not fits:
            return False
        _, _, run, given = min(fits, key=lambda fit: fit[:2])
        self._walk(run, position, entry, given)
        return True

    @staticmethod
    def _starts(run: _Run, entry: Entry, lines: list[str], near: Near) -> Iterator[tuple[int, list[str]]]:
        """Yield the ways an entry can be read on: as it is, without its prefix, or from a line cut in two."""
        yield 0, lines
        if run.prefixed and entry.message != entry.text:
            yield 0, lines_of(entry.message)
        if len(lines) > 1 and near is Near.NEXT and is_bare(entry):
            yield 1, lines

    def _opened(self, position: int, entry: Entry, lines: list[str]) -> None:
        """Begin a trace with an entry, or keep it as what may be more of a message."""
        best: tuple[int, Grammar, State] | None = None
        for at, line in enumerate(lines):
            found = next(
                ((g, s) for g in self.grammars if (s := g.step(None, line, Near.NEXT)) is not None), None
            )
            if found is None:
                continue
            grammar, state = found
            if best is None:
                best = (at, grammar, state)
            # `failed: ValueError: x` above a traceback names no trace of its own.
            if state.kind is not Kind.NAME:
                best = (at, grammar, state)
                break
        if best is None:
            if len(lines) == 1 and is_bare(entry):
                any(run.wait(position, entry.at_ns, lines[0]) for run in reversed(self.open))
            return
        at, grammar, state = best
        run = _Run(grammar, state, position, entry.at_ns, prefixed=bool(grammar.lead(lines[at])))
        if state.kind is Kind.FRAME and at == 0:
            self._name_above(run, position, entry)
        run.take(position, entry.at_ns, lines[: at + 1], state)
        self._admit(run)
        self._walk(run, position, entry, lines[at + 1 :])

    def _name_above(self, run: _Run, position: int, entry: Entry) -> None:
        """Take in the line above a first frame when it can name the error, whatever the error's class is called."""
        above = self.entries[position - 1] if position else None
        if above is None or not is_bare(above) or entry.at_ns - above.at_ns > _NEXT_NS:
            return
        if any(position - 1 in other.positions for other in self.open):
            return
        lines = lines_of(above.text)
        if len(lines) == 1 and run.grammar.step(None, lines[0], Near.SAME) is not None:
            run.take(position - 1, above.at_ns, lines, run.state)

    def _walk(self, run: _Run, position: int, entry: Entry, lines: Sequence[str]) -> None:
        """Read the lines of one entry into a trace, or into several where others begin."""
        near = run.near(position, entry.at_ns) if position != run.last else Near.SAME
        for line in lines:
            state = run.grammar.step(run.state, line, near)
            near = Near.SAME
            if state is None and run.broken and run.lines:
                joined = run.lines[-1] + line
                state = run.grammar.step(run.state, joined, Near.SAME)
                if state is not None:
                    run.lines[-1] = joined
                    run.take(position, entry.at_ns, (), state)
                    run.positions.extend([position] if position not in run.positions[-1:] else [])
                    run.broken = False
                    continue
            begun = None if state is not None else self._begun(run, line)
            if begun is not None:
                run = _Run(run.grammar, begun, position, entry.at_ns)
                self._admit(run)
            run.broken = state is None and begun is None
            run.take(position, entry.at_ns, [line], state or begun or run.state)

    @staticmethod
    def _begun(run: _Run, line: str) -> State | None:
        """Tell where, within one entry, the next trace of the same language begins."""
        state = run.grammar.step(None, line, Near.NEXT)
        if (
            state is None
            or state.kind not in (Kind.HEADER, Kind.NAME)
            or (state.kind is Kind.NAME and state.indent)
        ):
            return None
        return state

    def _admit(self, run: _Run) -> None:
        self.open.append(run)
        if len(self.open) > _MOST_OPEN:
            # A line that names an error and has no frames yet is the likeliest to be just a line.
            oldest = next((other for other in self.open if other.state.kind is Kind.NAME), self.open[0])
            self.open.remove(oldest)
            self.closed.append(oldest)


def _instants(entries: Sequence[Entry]) -> Iterator[tuple[Sequence[Entry], Entry | None]]:
    """Yield the entries of each instant, and the one that follows them."""
    start = 0
    while start < len(entries):
        end = start + 1
        while end < len(entries) and entries[end].at_ns == entries[start].at_ns:
            end += 1
        yield entries[start:end], entries[end] if end < len(entries) else None
        start = end

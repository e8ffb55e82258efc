"""Stack traces put together again from log entries.

In: entries of any number of instances and streams. Out: traces, each with all the entries it was read from. Decides
which lines belong together (same instance, same log, near in time, in an order that reads); what the lines are is each
language's own business (`Grammar`).
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby, pairwise, zip_longest

from rca.model import Entry, Severity, Trace
from rca.traces.grammar import Grammar, Kind, Near, Reading, State, lines_of
from rca.traces.header import field_header, headed
from rca.traces.one_line import named
from rca.traces.payload import readings
from rca.traces.run import GAP_NS, NEXT_NS, Place, Run
from rca.traces.ties import REMEMBERED, Before, Followed, arrange, followed, is_bare

_MOST_OPEN = 8
"""Traces of one stream being written at once, by the workers of one instance; more are lines that only look so."""

_REMEMBERED = 1 << 16
"""Characters; the reading of a longer text is not kept."""

_LONGEST_KEPT = 1 << 9
"""Characters; of a longer line it is not kept what it begins."""


def assemble(entries: Sequence[Entry], grammars: tuple[Grammar, ...]) -> tuple[Trace, ...]:
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

    def __init__(self, entries: Sequence[Entry], grammars: tuple[Grammar, ...], seen: Followed) -> None:
        self.grammars = grammars
        self.seen = seen
        self.given = entries
        self.entries: list[Entry] = []
        self.turn = 0
        self.open: list[Run] = []
        self.closed: list[Run] = []
        self.whole: list[tuple[int, str, Reading]] = []
        """Traces told by a payload's fields: position, language, reading."""

    def traces(self) -> Iterator[Trace]:
        """Yield the stream's traces, in no order."""
        for tie, after in _instants(self.given):
            if len(tie) == 1:
                self._read(tie[0])
                continue
            for entry in arrange(tie, self._before(), after, self.grammars, self.seen):
                self._read(entry)
        read = [(run, _reading(run)) for run in (*self.closed, *self.open)]
        runs = [(run, reading) for run, reading in read if reading is not None]
        claimed = {position for run, _ in runs for position in run.positions} | {
            at for at, _, _ in self.whole
        }
        for run, reading in runs:
            header, above = headed(self.entries, run.positions[0], claimed, run.grammar)
            claimed.update(above)
            yield self._trace([*above, *run.positions], reading, header, run.grammar.name)
        for position, language, reading in self.whole:
            yield self._trace(
                [position], reading, field_header(self.entries[position], self.grammars), language
            )
        yield from self._names_alone(claimed, runs[0][0].grammar.name if runs else self.grammars[0].name)

    def _names_alone(self, claimed: set[int], language: str) -> Iterator[Trace]:
        """Yield what is left of traces whose frames are not in the logs: the line that names the exception."""
        for position, entry in enumerate(self.entries):
            quiet = Severity.DEFAULT < entry.severity < Severity.ERROR
            alone = None if position in claimed or quiet or not is_bare(entry) else named(entry.text)
            if alone is not None:
                yield self._trace([position], Reading((alone,), complete=True), "", language)

    def _trace(self, positions: Sequence[int], reading: Reading, header: str, language: str) -> Trace:
        entries = tuple(self.entries[position] for position in positions)
        return Trace(reading.exceptions, entries[0].at, entries, header, language, reading.complete)

    def _before(self) -> Before:
        if not self.open:
            return Before()
        run = self.open[-1]
        return Before(run.grammar, run.state, tuple(run.lines[-REMEMBERED:]))

    def _read(self, entry: Entry) -> None:
        self.turn += is_bare(entry)
        place = Place(len(self.entries), self.turn, entry.at_ns)
        self.entries.append(entry)
        if self.open:
            self.closed.extend(run for run in self.open if entry.at_ns - run.last_ns > GAP_NS)
            self.open = [run for run in self.open if entry.at_ns - run.last_ns <= GAP_NS]
        if entry.payload and (told := readings(entry, self.grammars)):
            self.whole.extend((place.position, language, reading) for language, reading in told)
            return
        lines = _trimmed(lines_of(entry.text))
        if (
            lines
            and not (self.open and self._continued(place, entry, lines))
            and not self._opened(place, lines)
            and is_bare(entry)
        ):
            any(run.wait(place, lines) for run in reversed(self.open))

    def _continued(self, place: Place, entry: Entry, lines: Sequence[str]) -> bool:
        """Give an entry to the open trace that it goes on with, if there is one; the latest begun, if several."""
        fits = []
        for run in reversed(self.open):
            on = run.going_on(place, entry, lines)
            if on is not None:
                fits.append((run.unfit(on[0][0], on[1]), run, on[0]))
        if fits:
            _, run, given = min(fits, key=lambda fit: fit[0])
            self._walk(run, place, given)
        return bool(fits)

    def _opened(self, place: Place, lines: Sequence[str]) -> bool:
        """Begin a trace with an entry; tell whether one begins there."""
        best: tuple[int, Grammar, State] | None = None
        for at, line in enumerate(lines):
            found = _begun(self.grammars, line)
            if found is not None and (best is None or found[1].kind is not Kind.NAME):
                best = (at, *found)
            # `failed: ValueError: x` above a traceback names no trace of its own, so the search goes on.
            if best is not None and best[2].kind is not Kind.NAME:
                break
        if best is None:
            return False
        at, grammar, state = best
        run = Run(grammar, state, place.turn, place.at_ns, prefixed=bool(grammar.lead(lines[at])))
        if state.kind is Kind.FRAME and at == 0:
            self._name_above(run, place)
        run.take(place, lines[: at + 1], state)
        self._admit(run)
        self._walk(run, place, lines[at + 1 :])
        return True

    def _name_above(self, run: Run, place: Place) -> None:
        """Take in the line above a first frame when it can name the error, whatever the error's class is called."""
        at = place.position - 1
        if at < 0:
            return
        # A name may have been taken for that of another language, before its frames came.
        guessed = [run for run in self.open if run.positions == [at] and run.state.kind is Kind.NAME]
        if any(at in other.positions[-1:] for other in self.open if other not in guessed):
            return
        above = self.entries[at]
        lines = lines_of(above.text)
        names = len(lines) == 1 and run.grammar.step(None, lines[0], Near.SAME) is not None
        # A logger's own line does only where it surely names one: `ERROR -- : failed - KeyError(no rye)`.
        sure = is_bare(above) or (names and bool(run.grammar.lead(lines[0])))
        if names and sure and place.at_ns - above.at_ns <= NEXT_NS:
            run.take(place._replace(position=at), lines, run.state)
            self.open = [other for other in self.open if other not in guessed]

    def _walk(self, run: Run, place: Place, lines: Sequence[str]) -> None:
        """Read the lines of one entry into a trace, or into several where others begin."""
        near = run.near(place)
        for line in lines:
            state = run.grammar.step(run.state, line, near)
            begun = None if state is not None else run.begun(line)
            if begun is not None:
                run = Run(run.grammar, begun, place.turn, place.at_ns)
                self._admit(run)
            run.broken = state is None and begun is None
            run.take(place, [line], state or begun or run.state)
            near = Near.SAME

    def _admit(self, run: Run) -> None:
        self.open.append(run)
        if len(self.open) > _MOST_OPEN:
            # A line that names an error and has no frames yet is the likeliest to be just a line.
            oldest = next((other for other in self.open if other.state.kind is Kind.NAME), self.open[0])
            self.open.remove(oldest)
            self.closed.append(oldest)


def _begun(grammars: tuple[Grammar, ...], line: str) -> tuple[Grammar, State] | None:
    """The first language whose trace a line can begin, and the state after it."""
    return _begins(grammars, line) if len(line) <= _LONGEST_KEPT else _begins.__wrapped__(grammars, line)


@lru_cache(maxsize=1 << 12)
def _begins(grammars: tuple[Grammar, ...], line: str) -> tuple[Grammar, State] | None:
    """As `_begun`: an instance says the same lines at each start, and a service most of its lines again and again."""
    for grammar in grammars:
        if (state := grammar.step(None, line, Near.NEXT)) is not None:
            return grammar, state
    return None


def _reading(run: Run) -> Reading | None:
    text = "\n".join(run.lines)
    return run.grammar.read(text) if len(text) > _REMEMBERED else _remembered(run.grammar, text)


@lru_cache(maxsize=512)
def _remembered(grammar: Grammar, text: str) -> Reading | None:
    """What a text tells: in a crash loop the same trace is printed thousands of times."""
    return grammar.read(text)


def _trimmed(lines: Sequence[str]) -> Sequence[str]:
    """Without the blank lines at both ends."""
    if len(lines) == 1 and lines[0].strip():
        return lines
    said = [at for at, line in enumerate(lines) if line.strip()]
    return lines[said[0] : said[-1] + 1] if said else []


def _instants(entries: Sequence[Entry]) -> Iterator[tuple[Sequence[Entry], Entry | None]]:
    """Yield the entries of each instant, and the one that follows if it is alone in its own."""
    instants = [list(group) for _, group in groupby(entries, key=lambda entry: entry.at_ns)]
    for instant, after in zip_longest(instants, instants[1:]):
        yield instant, after[0] if after is not None and len(after) == 1 else None

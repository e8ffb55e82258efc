"""What is read of files -> what each question gets, and what was come across.

In: the items of each file. Out: for each question the entries that answer it, and for all of them together what was
read, lost, cut and passed over. Decides which entries answer: by their raw times first, before anything else is
looked at.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from rca.lql import parse
from rca.model import Entry, EntryRef
from rca.normalize import Unreadable, as_rest, insert_id_of, lasts_ns, normalize, stamped_ns
from rca.questions import Ask
from rca.sources.damage import Lost, as_json, quoted
from rca.sources.items import Empty, Found, Gap, Item, Note
from rca.sources.sieve import Hint, is_in
from rca.sources.spans import Range, range_of, reaches
from rca.sources.splits import Parts

_Raw = Mapping[str, Any]
# `gcloud logging read --limit` and the console's download come in these sizes.
_LIMITS = (100, 1000)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an entry must be to answer one question."""

    span: Range

    meets: Callable[[_Raw], bool] | None
    """What it must meet besides lying in the window; None where nothing is asked."""

    hints: tuple[Hint, ...] = ()

    @classmethod
    def of(cls, ask: Ask, own: str | None) -> "Wanted":
        """What the question asks, and the user's own filter."""
        conditions = [parse(text).matches for text in (ask.condition, own) if text]
        span = range_of(ask.window)
        if not conditions:
            return cls(span, None)
        return cls(span, lambda raw: all(meets(raw) for meets in conditions), ask.hints)

    def allowed(self, row: bytes | None) -> bool:
        """Whether an entry's bytes, if they are at hand, let it meet what is asked."""
        if not self.hints or row is None:
            return True
        for hint in self.hints:  # noqa: SIM110 - asked of every entry, where a generator takes twice as long
            if is_in(hint, row):
                return True
        return False


@dataclass(slots=True)
class Tally:  # not frozen: it counts while files are read, and is gone when the answers are given
    """What was come across for some questions."""

    wanted: Sequence[Wanted]
    kept: tuple[list[Entry], ...] = field(init=False)
    """For each question the entries that answer."""

    read: int = 0
    unreadable: int = 0
    first_unreadable: str | None = None
    first_ns: int | None = None
    last_ns: int | None = None
    gaps: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)
    parts: Parts = field(default_factory=Parts)

    def __post_init__(self) -> None:
        """Begins with nothing for any question."""
        self.kept = tuple([] for _ in self.wanted)

    def take(self, name: str, items: Iterable[Item]) -> None:
        """Takes in what a file holds."""
        kept: tuple[list[Entry], ...] = tuple([] for _ in self.wanted)
        for item in items:
            if type(item) is Found:
                self._found(name, item, kept)
            else:
                self._note(name, item)
        for mine, found in zip(self.kept, kept, strict=True):
            # Entries of one instant without an insertId keep the order of the file, which may be newest first.
            steps = [later.at_ns - earlier.at_ns for earlier, later in pairwise(found)]
            newest_first = sum(step < 0 for step in steps) > sum(step > 0 for step in steps)
            mine.extend(reversed(found) if newest_first else found)
        if self.read in _LIMITS:
            self.notes.append(f"{name} holds exactly {self.read} entries: it may have been cut by --limit")

    def add(self, other: "Tally") -> None:
        """Counts in what another tally of the same questions holds."""
        self.read += other.read
        self.unreadable += other.unreadable
        self.first_unreadable = self.first_unreadable or other.first_unreadable
        self.saw(other.first_ns)
        self.saw(other.last_ns)
        self.gaps += other.gaps
        self.notes += other.notes
        self.passed_over += other.passed_over
        for mine, found in zip(self.kept, other.kept, strict=True):
            mine.extend(found)
        self.parts.add(other.parts)

    def saw(self, at_ns: int | None) -> None:
        """Widens the span of times."""
        if at_ns is not None:
            self.first_ns = at_ns if self.first_ns is None else min(self.first_ns, at_ns)
            self.last_ns = at_ns if self.last_ns is None else max(self.last_ns, at_ns)

    def lose(self, name: str, lost: Lost) -> None:
        """Counts something that could not be read, and quotes the first."""
        self.read += 1
        self.unreadable += 1
        if self.first_unreadable is None:
            self.first_unreadable = f"{name}:{lost.line}: {lost.reason}: {quoted(lost.quote)}"

    def put_together(self) -> None:
        """Adds the entries that were cut into several, each as the one that was logged."""
        lacking = 0
        for raw, ref, missing in self.parts.whole():
            lacking += missing > 0
            try:
                at_ns = stamped_ns(raw)
                self._keep(raw, ref, at_ns, self._asked(raw, at_ns, None), self.kept)
            except Unreadable as error:
                self.read -= 1
                self.lose(ref.file, Lost(ref.line or 0, error.reason, as_json(raw)))
        self.read -= self.parts.extra
        if lacking:
            entries = "entry" if lacking == 1 else "entries"
            self.gaps.append(f"of {lacking} {entries} that the service cut into parts some are missing")

    def _found(self, name: str, found: Found, kept: Sequence[list[Entry]]) -> None:
        raw = found.raw
        try:
            at_ns = stamped_ns(raw)
            self.saw(at_ns)
            asked = self._asked(raw, at_ns, found.row)
            if asked:
                ref = EntryRef(insert_id_of(raw), name, found.place)
                if "split" not in raw or not self.parts.take(raw, ref):
                    self._keep(raw, ref, at_ns, asked, kept)
        except Unreadable as error:
            self.lose(name, Lost(found.place, error.reason, as_json(raw)))
        else:
            self.read += 1

    def _asked(self, raw: _Raw, at_ns: int, row: bytes | None) -> list[int]:
        """The questions in whose window an entry lies, or into which it lasted, and that its bytes can answer."""
        lasts = lasts_ns(raw)
        return [
            at for at, one in enumerate(self.wanted) if reaches(at_ns, lasts, one.span) and one.allowed(row)
        ]

    def _keep(
        self, raw: _Raw, ref: EntryRef, at_ns: int, asked: Sequence[int], kept: Sequence[list[Entry]]
    ) -> None:
        """Adds the entry to the answers of those of the `asked` questions whose condition it meets."""
        entry = rest = None
        for at in asked:
            meets = self.wanted[at].meets
            if meets is not None:
                rest = as_rest(raw) if rest is None else rest
                if not meets(rest):
                    continue
            entry = normalize(raw, ref, at_ns) if entry is None else entry
            kept[at].append(entry)

    def _note(self, name: str, item: Lost | Gap | Note | Empty | Found) -> None:
        if isinstance(item, Lost):
            self.lose(name, item)
        elif isinstance(item, Gap):
            self.gaps.append(f"{name}: {item.why}")
        elif isinstance(item, Note):
            self.notes.append(f"{name}: {item.text}")
        elif isinstance(item, Empty):
            self.notes.append(f"{name}: {item.why}")
            if not item.export:
                self.passed_over.append(name)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader of the report should know, each once; the notes on files that are no logs left out."""
        over = tuple(f"{name}: " for name in self.passed_over)
        told = [note for note in dict.fromkeys(self.notes) if not note.startswith(over)]
        if self.passed_over:
            names = sorted(self.passed_over)
            most = 5
            listed = ", ".join(names[:most]) + (", …" if len(names) > most else "")
            hold = "file holds" if len(names) == 1 else "files hold"
            told.append(f"{len(names)} {hold} no log entries, passed over: {listed}")
        if self.first_unreadable is not None:
            many = f"{self.unreadable} of {self.read} entries could not be read"
            told.append(f"{many}; the first: {self.first_unreadable}")
        return tuple(told)

"""A comparison of two reports as Markdown, `templates/diff.md.j2` filled, and as JSON.

In: a `Comparison`. Out: text. Decides what a table's cell says, and how much of a long list is shown; the words and
their order are the template's.
"""

import dataclasses
from collections.abc import Iterator, Sequence
from datetime import datetime

import jinja2

from rca.comparison import CauseFate, Change, Citation, Comparison, Fate, Held, Side, Sighting, shown
from rca.errors import TemplateError
from rca.render import words
from rca.render.inert import Inert, code, definition, prose
from rca.render.json import indented
from rca.render.markdown import environment

_ROWS = 25
"""Rows of a table before the rest is counted: a ticket is read on a telephone, too. The JSON has them all."""

_CITED = 6
_NAMES = 12
_NOTHING = Inert(words.NOTHING)

_FATES = {
    Fate.GONE: "Gone",
    Fate.SAME: "Still there",
    Fate.ON_NEW_REVISION: "Still there, on a new revision",
    Fate.MOVED: "Still there, at another place",
    Fate.MASKED: "Masked",
    Fate.CANNOT_TELL: "Cannot be told",
}
_CHANGES = {
    Change.BROKEN: "fails now",
    Change.MENDED: "passes now",
    Change.NEW: "new",
    Change.MISSING: "not run any more",
    Change.OTHER: "",
}
_TONES = {
    Held.HELD: "good",
    Held.DID_NOT_HOLD: "bad",
    Held.UNKNOWN: "warn",
    Held.NOTHING_TO_HOLD: "good",
}
_COMPLETE = {True: "complete", False: "NOT complete", None: "not known whether complete"}


def as_markdown(comparison: Comparison) -> str:
    """Return the comparison as Markdown that ends in one line feed; its first line is the answer.

    Raises:
        TemplateError: the template is missing, or prints a value that no filter made safe.
    """
    name = "diff.md.j2"
    try:
        made = environment().get_template(name).render(comparison=comparison, view=View(comparison))
    except jinja2.TemplateError as wrong:
        raise TemplateError(
            f"the template of the comparison is broken: {wrong}", f"templates/{name}"
        ) from wrong
    return made.rstrip("\n") + "\n"


def as_json(comparison: Comparison) -> str:
    """Return the comparison as indented JSON, `schema` first, with a line feed at its end."""
    names = [field.name for field in dataclasses.fields(comparison) if field.name != "schema"]
    return indented({name: getattr(comparison, name) for name in ("schema", *names)})


class View:
    """A comparison as the template sees it."""

    shown = staticmethod(shown)

    def __init__(self, comparison: Comparison) -> None:
        self._comparison = comparison
        self._labels = {"first": comparison.first.label, "second": comparison.second.label}

    def sides(self) -> Iterator[tuple[Inert, Inert, Inert]]:
        """The two cycles, line by line."""
        first, second = self._comparison.first, self._comparison.second
        for name, say in (
            ("Date", lambda one: prose(str(one.date), cell=True) if one.date else _NOTHING),
            ("Answer", lambda one: prose(one.headline, cell=True)),
            ("Failing tests", lambda one: Inert(f"{one.failing} of {one.tests}")),
            ("Revision", lambda one: self.names(one.revisions, cell=True)),
            ("Logs read (UTC)", _logs),
        ):
            yield Inert(name), say(first), say(second)

    def fate(self, one: CauseFate) -> Inert:
        """What became of a cause, in words."""
        return Inert(_FATES[one.fate])

    def sightings(self, one: CauseFate) -> Iterator[tuple[Inert, Inert, Inert]]:
        """A cause as each of the two has it, line by line."""
        for name, say in (
            ("First entry (UTC)", self._first),
            ("Revision", lambda seen: self.names(seen.revisions, cell=True)),
            ("Place", _place),
            ("Tests", lambda seen: self.names(seen.tests, cell=True)),
            ("Confidence", lambda seen: Inert(f"{seen.confidence:.2f}")),
        ):
            yield Inert(name), say(one.before), say(one.after) if one.after else _NOTHING

    def _first(self, seen: Sighting) -> Inert:
        return Inert(self.at(seen.first_at) + (f" [{seen.first}]" if seen.first else ""))

    def retried(self, one: CauseFate) -> tuple[tuple[Inert, Inert], ...]:
        """The tests that a cause had failed, those together of which the same is said.

        None where it is there again, or where one thing is said of all: then the sentence above has it.
        """
        said: dict[str, list[str]] = {}
        for test in one.tests:
            said.setdefault(test.says, []).append(test.name)
        several = one.after is None and len(said) > 1
        if not several:
            return ()
        return tuple(
            (self.names(names), prose(f"each {says}" if len(names) > 1 else says))
            for says, names in said.items()
        )

    def left(self, shown: Sequence[object]) -> Inert:
        """How many rows a list leaves out; empty when none."""
        left = len(shown) - _ROWS
        return Inert(f"{left} more in the JSON." if left > 0 else "")

    def changes(self) -> Iterator[tuple[Inert, Inert, Inert, Inert]]:
        """The tests whose outcome changed."""
        for one in self._comparison.tests[:_ROWS]:
            before, after = (Inert(outcome) if outcome else _NOTHING for outcome in (one.before, one.after))
            yield code(one.name, 80, cell=True), before, after, Inert(_CHANGES[one.change])

    def names(self, names: Sequence[str], *, cell: bool = False) -> Inert:
        """Names in a line, those past the twelfth counted."""
        return Inert(words.listed([code(name, 80, cell=cell) for name in names], _NAMES) or words.NOTHING)

    def cite(self, ids: Sequence[str]) -> Inert:
        """Citations after a sentence, with a space before them."""
        more = f" and {len(ids) - _CITED} more" if len(ids) > _CITED else ""
        return Inert("".join(f" [{one}]" for one in ids[:_CITED]) + more)

    def at(self, at: datetime | None) -> Inert:
        """A time with its date, in UTC."""
        return Inert(words.NOTHING if at is None else f"{at:%Y-%m-%d} {words.clock(at)}")

    def tone(self) -> Inert:
        """The color of the answer on a page."""
        failing = self._comparison.second.failing > 0
        return Inert(
            "warn"
            if failing and _TONES[self._comparison.verdict] == "good"
            else _TONES[self._comparison.verdict]
        )

    def cards(self) -> Iterator[tuple[Inert, Citation, Inert, Inert]]:
        """What is cited, as a page shows it: its id, the citation, the cycle, the time."""
        for one in self._comparison.evidence:
            yield Inert(one.id), one, prose(self._labels[one.side]), self.at(one.entry.timestamp)

    def evidence(self) -> Iterator[tuple[Inert, ...]]:
        """The rows of what is cited."""
        for one in self._comparison.evidence:
            entry = one.entry
            log = (entry.log or entry.kind).rsplit("/", 1)[-1]
            home = entry.insert_id or (f"{entry.file}:{entry.line}" if entry.file else "")
            said = code(entry.text, cell=True) + (f" · {code(home, 60, cell=True)}" if home else "")
            yield (
                Inert(f"[{one.id}]"),
                prose(self._labels[one.side], cell=True),
                self.at(entry.timestamp),
                code(entry.revision, 60, cell=True) if entry.revision else _NOTHING,
                code(log, 40, cell=True),
                Inert(said),
            )

    def links(self) -> tuple[Inert, ...]:
        """What makes each citation a link to its entry."""
        found = (definition(one.id, one.entry.url) for one in self._comparison.evidence)
        return tuple(line for line in found if line)


def _logs(side: Side) -> Inert:
    span = words.span(side.first_at, side.last_at) or "none"
    return Inert(f"{span}, {_COMPLETE[side.complete]}")


def _place(seen: Sighting) -> Inert:
    frame = seen.frame
    if frame is None:
        return Inert("not in the logs")
    line = f":{frame.line}" if frame.line else ""
    return code(f"{frame.file}{line} in {frame.function or '?'}", cell=True)

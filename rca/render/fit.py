"""The report as long as a ticket takes it: the least valuable is left out first, and that is said.

In: a `Report` and a target. Out: its Markdown within the target's size (for Slack: its blocks), unchanged where it
fits as it is. Decides what goes first: rows of the timeline, of what was ruled out (but the first), of evidence that
nothing else cites, of the method, of evidence that is cited; then whole sections. The answer, the five
questions and the links of what they cite stay.

Sizes are counted in UTF-16 code units: Jira counts so, and it is never less than the characters that GitHub and Slack
count; a text of 65,536 of them has at most 196,608 bytes, below the 262,144 that GitHub stores.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from markdown_it import MarkdownIt

from rca.contract import Report
from rca.errors import RcaError, UsageError
from rca.render import markdown, mrkdwn
from rca.render.shorten import STEPS, shortened


@dataclass(frozen=True, slots=True)
class Target:
    """Where a report is pasted or posted, and how much of it is taken there."""

    name: str
    limit: int
    size: Callable[[str], int]
    """What counts against the limit, of a report in Markdown."""

    final: Callable[[str], str] = str
    """The form that the target takes."""


def units(text: str) -> int:
    """Return the length of a text in UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


TARGETS = {
    "github": Target("GitHub", 65_536, units),
    "jira": Target("Jira", 32_767, units),
    "slack": Target("Slack", mrkdwn.MESSAGE_LIMIT, mrkdwn.size, mrkdwn.message),
}
"""Sources: GitHub's "body is too long (maximum is 65536 characters)"; Jira's `jira.text.field.character.limit`."""


def render(report: Report, target: str, spare: int = 0) -> str:
    """Return the report in the form and size that a target takes, ending in one line feed.

    `spare` is what the caller adds to it, in UTF-16 code units.

    Raises:
        UsageError: there is no such target.
        RcaError: it does not fit in any form.
    """
    if target not in TARGETS:
        raise UsageError(f'there is no target "{target}"', f"one of: {', '.join(TARGETS)}")
    chosen = TARGETS[target]
    text = markdown.render(report)
    fitted = text if chosen.size(text) <= chosen.limit - spare else _less(text, chosen, spare, ())
    for step in STEPS:
        if fitted is not None:
            return chosen.final(fitted)
        smaller, cuts = shortened(report, step)
        fitted = _less(markdown.render(smaller), chosen, spare, cuts)
    if fitted is None:
        raise RcaError(
            f"the report does not fit {chosen.name}, even cut to the bone", "take the whole: rca why -o FILE"
        )
    return chosen.final(fitted)


def _less(text: str, target: Target, spare: int, cuts: Sequence[str]) -> str | None:
    """Return the text with as little left out as makes it fit; None where all that may go is not enough."""
    page = _Page(text)
    drops = tuple(page.drops())

    def fits(count: int) -> bool:
        return target.size(page.without(drops[:count], target, cuts)) <= target.limit - spare

    if not fits(len(drops)):
        return None
    # The least number that fits: each makes the page smaller, save for the words that tell of it.
    least = bisect_left(range(len(drops)), True, key=fits)
    return page.without(drops[: least if fits(least) else len(drops)], target, cuts)


@dataclass(frozen=True, slots=True)
class _Drop:
    """Lines that go together, and whose they are."""

    what: str
    lines: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Block:
    """A paragraph, table, list or code block at the top level: its lines, `[start, end)`."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Section:
    """What stands under a heading; the first has none but the title."""

    title: str
    start: int
    end: int
    blocks: tuple[_Block, ...]

    def rows(self) -> range:
        """The lines of its table's rows; none where it has no table."""
        table = next((block for block in self.blocks if block.kind == "table_open"), None)
        return range(table.start + _TABLE_HEAD, table.end) if table else range(0)


_TABLE_HEAD = 2
_CITED = re.compile(r"\[([ETS]\d{1,9})\]")
_ROW_ID = re.compile(r"\| \[([ETS]\d{1,9})\] \|")
_DEFINITION = re.compile(r"\[([ETS]\d{1,9})\]: https://")
_KEPT_OF_METHOD = ("Masked: ", "Made with ")

_ROWS = {
    "timeline": "of the timeline's rows",
    "ruled": "of the rows ruled out",
    "evidence": "of the evidence's rows",
    "method": "of the lines on how this was found",
    "failing": "of the rows of what failed",
}
_RULED = ("Ruled out", "Seen, and no failure")
_METHOD = "How this was found"
_SECTIONS = ("In the source", "Service status", "Impact", "Where it breaks", "Next")
"""Sections that go as a whole, when rows are not enough: the least useful first."""


class _Page:
    """A report's Markdown, taken apart by its lines. It is read as Markdown, so no log text passes for a heading."""

    def __init__(self, text: str) -> None:
        self._lines = text.rstrip("\n").split("\n")
        self._sections = tuple(self._taken_apart(text))
        self._by_title = {section.title: section for section in self._sections[1:]}
        self._definitions = self._defined()

    def _taken_apart(self, text: str) -> Iterator[_Section]:
        title, start, blocks = "", 0, list[_Block]()
        tokens = _reader().parse(text)
        for i, token in enumerate(tokens):
            if token.level or token.map is None:
                continue
            if token.type == "heading_open" and token.tag == "h2":
                yield _Section(title, start, token.map[0], tuple(blocks))
                title, start, blocks = tokens[i + 1].content, token.map[0], []
            blocks.append(_Block(token.type, *token.map))
        yield _Section(title, start, blocks[-1].end if blocks else len(self._lines), tuple(blocks))

    def _defined(self) -> dict[str, int]:
        """The line of each link's definition: they stand behind the last section."""
        end = self._sections[-1].end
        found = ((_DEFINITION.match(line), number) for number, line in enumerate(self._lines[end:], end))
        return {match[1]: number for match, number in found if match}

    def drops(self) -> Iterator[_Drop]:
        """What may be left out, the least valuable first."""
        yield from self._emptied("timeline", self._by_title.get("Timeline"))
        for title in _RULED:
            rows = self._by_title[title].rows() if title in self._by_title else range(0)
            for line in reversed(rows[1:]):
                yield _Drop("ruled", frozenset({line}))
        cited, uncited = self._evidence()
        yield from uncited
        yield from self._method()
        yield from cited
        for title in _SECTIONS:
            if title in self._by_title:
                section = self._by_title[title]
                yield _Drop(f'the section "{title}"', frozenset(range(section.start, section.end)))
        for line in reversed(self._sections[0].rows()[1:]):
            yield _Drop("failing", frozenset({line}))

    def _emptied(self, what: str, section: _Section | None) -> Iterator[_Drop]:
        """Each row of a section's table, from its end; with the first goes the section."""
        rows = section.rows() if section else range(0)
        for line in reversed(rows):
            whole = section is not None and line == rows[0]
            gone = range(section.start, section.end) if section is not None and whole else (line,)
            yield _Drop(what, frozenset(gone))

    def _evidence(self) -> tuple[list[_Drop], list[_Drop]]:
        """The rows that something which stays cites, and the others, whose links go with them; from the end."""
        section = self._by_title.get("Evidence")
        gone = {"Timeline", "Evidence", *_RULED}
        ids: set[str] = set()
        for other in self._sections:
            if other.title not in gone:
                ids.update(_CITED.findall("\n".join(self._lines[other.start : other.end])))
        for title in _RULED:
            for line in self._by_title[title].rows()[:1] if title in self._by_title else ():
                ids.update(_CITED.findall(self._lines[line]))
        cited: list[_Drop] = []
        uncited: list[_Drop] = []
        for line in reversed(section.rows() if section else range(0)):
            row = _ROW_ID.match(self._lines[line])
            if row is None or row[1] in ids:
                cited.append(_Drop("evidence", frozenset({line})))
            else:
                link = self._definitions.get(row[1])
                lines = frozenset({line} if link is None else {line, link})
                uncited.append(_Drop("evidence", lines))
        last = cited or uncited
        if last and section is not None:  # with the last row goes the table around it
            last[-1] = replace(last[-1], lines=last[-1].lines | frozenset(range(section.start, section.end)))
        return cited, uncited

    def _method(self) -> Iterator[_Drop]:
        """Its lines from the end; what was masked and what made the report stay, and a list goes with its opening."""
        section = self._by_title.get(_METHOD)
        blocks = section.blocks[1:] if section else ()
        for i in reversed(range(len(blocks))):
            block, listed = blocks[i], blocks[i].kind == "bullet_list_open"
            if blocks[i + 1 : i + 2] and blocks[i + 1].kind == "bullet_list_open":
                continue  # the opening of that list
            for line in reversed(range(block.start, block.end)):
                if self._lines[line] and not self._stays(line):
                    with_opening = (
                        range(blocks[i - 1].start, line + 1) if listed and line == block.start else (line,)
                    )
                    yield _Drop("method", frozenset(with_opening))

    def _stays(self, line: int) -> bool:
        return self._lines[line].startswith(_KEPT_OF_METHOD)

    def without(self, drops: Sequence[_Drop], target: Target, cuts: Sequence[str]) -> str:
        """The page without these, and a word under its title about what is missing."""
        gone = frozenset[int]().union(*(drop.lines for drop in drops))
        out: list[str] = []
        after_gap = False
        for number, line in enumerate(self._lines):
            if number in gone:
                after_gap = True
                continue
            if not (after_gap and not line and out and not out[-1]):
                out.append(line)
            after_gap = False
        return "\n".join([out[0], "", self._told(drops, target, cuts), *out[1:]]).rstrip("\n") + "\n"

    def _told(self, drops: Sequence[_Drop], target: Target, cuts: Sequence[str]) -> str:
        """What is missing and why, in a line."""
        counts = Counter(drop.what for drop in drops)
        missing = [f"{count:,} {_ROWS[what]}" if what in _ROWS else what for what, count in counts.items()]
        left = [f"left out: {', '.join(missing)}"] if missing else []
        why = f"to fit {target.name} ({target.limit:,} characters)"
        return f"> **Shortened** {why}; {'; '.join([*cuts, *left])}. `rca why` without `--fit` shows all."


@cache
def _reader() -> MarkdownIt:
    """A reader of blocks alone: what stands within a line does not matter here."""
    return MarkdownIt("commonmark").enable("table").disable("inline")

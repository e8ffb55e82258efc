"""A Markdown document as lines that know where they stand.

In: a document's text. Out: `Block`s in reading order, each with its line, its enclosing headings, the list item it
belongs to and the words that introduce it. Decides nothing about meaning; markdown-it-py decides the structure.

Inline Markdown is stripped here by a few linear patterns instead of being parsed: a report's emphasis carries no
meaning, and hostile runs of `[` or `*` cost nothing.
"""

import html
import re
from dataclasses import dataclass, field
from enum import StrEnum

from markdown_it import MarkdownIt
from markdown_it.token import Token

from rca.cycles.document import LONGEST_LINE, Document
from rca.cycles.outcomes import with_marks

MOST_LINES = 20_000
"""Lines of a report that are read; what comes after is a pasted log."""


class Form(StrEnum):
    """What a block is."""

    HEADING = "heading"
    LINE = "line"
    """One line of a paragraph."""
    ITEM = "item"
    """The first line of a list item."""
    FENCE = "fence"
    """One line of a code block."""
    TABLE = "table"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table, its cells stripped of Markdown."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """One line of a document, or one table."""

    form: Form
    line: int
    text: str
    """Stripped of Markdown; a fence's line as it stands."""

    headings: tuple[int, ...]
    """Indexes of the headings above it, outermost first."""

    parent: int | None
    """Index of the list item it stands in."""

    lead: int | None
    """Index of the line that introduces it: the last line of the paragraph before its list, fence or table."""

    level: int = 0
    """Of a heading, 1 to 6; of an item, its depth."""

    checked: bool | None = None
    """Of a check list's item."""

    rows: tuple[Row, ...] = ()
    """Of a table, header first."""


@dataclass(frozen=True, slots=True)
class Outline:
    """A document's blocks, and what had to be left out to read it."""

    blocks: tuple[Block, ...]
    lines: tuple[str, ...]
    """The source lines that were read."""

    numbers: tuple[int, ...]
    """Line number in the file of each of `lines`."""

    warnings: tuple[str, ...]


_PARSER = MarkdownIt("commonmark").enable("table").disable(["inline", "text_join", "reference", "html_block"])
# In plain text a line of `=` frames a banner; in Markdown it makes the line above it a heading.
_TEXT_PARSER = (
    MarkdownIt("commonmark")
    .enable("table")
    .disable(["inline", "text_join", "reference", "html_block", "lheading"])
)
_ANSI = re.compile(r"\x1b\[[0-9;?]{0,20}[A-Za-z]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_IMAGE_OR_LINK = re.compile(r"!?\[([^\[\]\n]{0,300})\]\((?:[^()\s]{0,1000})\)")
_TAG = re.compile(r"</?[A-Za-z][^<>\n]{0,200}>")
_EMPHASIS = re.compile(r"\*{1,3}|(?<!\w)_{1,3}(?=\S)|(?<=\S)_{1,3}(?!\w)|~~|`+")
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+\-.!|>~])")
_CHECK = re.compile(r"\[([ xX])\]\s+")
_CONFLICT = re.compile(r"(<{7}|\|{7}|={7}|>{7})(?:[ \t].*)?$")


def plain(raw: str) -> str:
    """The words without Markdown, HTML tags, ANSI codes and control characters; spaces unified."""
    text = _CONTROL.sub("", _ANSI.sub("", raw))
    text = _IMAGE_OR_LINK.sub(r"\1", text)
    text = _EMPHASIS.sub("", _TAG.sub("", with_marks(text)))
    # A Windows path keeps its backslashes: only those before punctuation are escapes.
    return " ".join(html.unescape(_ESCAPE.sub(r"\1", text)).split())


def read(document: Document) -> Outline:
    """The document's blocks in reading order; merge conflicts are resolved to their first side, with a warning."""
    warnings: list[str] = []
    kept: list[str] = []
    numbers: list[int] = []
    sides: list[bool] = []  # for each open conflict, whether its first side is being read
    source = document.text.split("\n")
    for number, line in enumerate(source[:MOST_LINES], 1):
        if marker := _CONFLICT.match(line):
            _step(sides, marker[1][0])
            if marker[1][0] == "<" and len(sides) == 1:
                warnings.append(document.warning(number, "unresolved merge conflict; its first side is read"))
            if marker[1][0] != "=" or sides:
                continue
        if not all(sides):
            continue
        if len(line) > LONGEST_LINE:
            warnings.append(document.warning(number, f"line of {len(line)} characters cut to {LONGEST_LINE}"))
        kept.append(line[:LONGEST_LINE])
        numbers.append(number)
    if len(source) > MOST_LINES:
        warnings.append(document.warning(MOST_LINES + 1, f"only the first {MOST_LINES} lines are read"))
    builder = _Builder(numbers)
    parser = _PARSER if document.name.lower().endswith((".md", ".markdown")) else _TEXT_PARSER
    for token in parser.parse("\n".join(kept)):
        builder.take(token)
    return Outline(tuple(builder.blocks), tuple(kept), tuple(numbers), tuple(warnings))


def _step(sides: list[bool], marker: str) -> None:
    """`sides` is as it stands after the conflict marker."""
    if marker == "<":
        sides.append(True)
    elif marker in "|=" and sides:
        sides[-1] = False
    elif marker == ">" and sides:
        sides.pop()


@dataclass(slots=True)
class _Builder:
    """Turns markdown-it's tokens into blocks; mutable because it walks."""

    numbers: list[int]
    blocks: list[Block] = field(default_factory=list)
    headings: list[int] = field(default_factory=list)
    items: list[int | None] = field(default_factory=list)
    leads: list[int | None] = field(default_factory=lambda: [None])
    list_leads: list[int | None] = field(default_factory=list)
    heading_level: int = 0
    fresh_item: bool = False
    rows: list[Row] | None = None
    cells: list[str] = field(default_factory=list)

    def take(self, token: Token) -> None:
        """One more token is in `blocks`."""
        if token.type == "inline":
            self._inline(token)
        elif token.type in {"fence", "code_block"}:
            self._code(token)
        elif token.type == "hr":
            self.leads[-1] = None
        elif token.type.startswith("heading"):
            self.heading_level = int(token.tag[1]) if token.nesting > 0 else 0
        elif token.type in {"bullet_list_open", "ordered_list_open"}:
            self.list_leads.append(self.leads[-1])
        elif token.type in {"bullet_list_close", "ordered_list_close"}:
            self.list_leads.pop()
        elif token.type.startswith("list_item"):
            self._bounds(opens=token.nesting > 0)
        else:
            self._table(token)

    def _code(self, token: Token) -> None:
        first = self._at(token) + (token.type == "fence")
        for offset, line in enumerate(token.content.split("\n")):
            if line.strip():
                self._add(Form.FENCE, self._number(first + offset), _ANSI.sub("", line).rstrip())
        self.leads[-1] = None

    def _bounds(self, *, opens: bool) -> None:
        """A list item begins or ends."""
        self.fresh_item = opens
        if opens:
            self.items.append(None)
            self.leads.append(None)
        else:
            self.items.pop()
            self.leads.pop()

    def _table(self, token: Token) -> None:
        if token.type == "table_open":
            self.rows = []
        elif token.type == "tr_open":
            self.cells = []
        elif token.type == "tr_close" and self.rows is not None:
            self.rows.append(Row(self.row_line, tuple(self.cells)))
        elif token.type == "table_close" and self.rows:
            self._add(Form.TABLE, self.rows[0].line, "", rows=tuple(self.rows))
            self.rows = None
            self.leads[-1] = None

    row_line: int = 0

    def _inline(self, token: Token) -> None:
        first = self._at(token)
        if self.rows is not None:
            self.row_line = self._number(first)
            self.cells.append(plain(token.content))
            return
        last = None
        for offset, raw in enumerate(token.content.split("\n")):
            line = self._number(first + offset)
            if self.heading_level and offset == 0:
                self._heading(line, plain(raw))
            elif self.fresh_item and offset == 0:
                self._item(line, raw)
            else:
                last = self._add(Form.LINE, line, plain(raw))
                if self.blocks[last].text.endswith(":"):
                    self.leads[-1] = last  # it introduces the lines below it in its own paragraph
        self.leads[-1] = last if last is not None else self.leads[-1]

    def _heading(self, line: int, text: str) -> None:
        while self.headings and self.blocks[self.headings[-1]].level >= self.heading_level:
            self.headings.pop()
        self.leads[-1] = None  # what ends the section before introduces nothing in this one
        self.headings.append(self._add(Form.HEADING, line, text, level=self.heading_level))

    def _item(self, line: int, raw: str) -> None:
        check = _CHECK.match(raw)
        parent = next((item for item in reversed(self.items[:-1]) if item is not None), None)
        self.blocks.append(
            Block(
                form=Form.ITEM,
                line=line,
                text=plain(raw[check.end() :] if check else raw),
                headings=tuple(self.headings),
                parent=parent,
                lead=self.list_leads[-1] if self.list_leads else None,
                level=len(self.items),
                checked=None if check is None else check[1] != " ",
            )
        )
        self.items[-1] = len(self.blocks) - 1
        self.leads[-1] = None
        self.fresh_item = False

    def _add(self, form: Form, line: int, text: str, *, level: int = 0, rows: tuple[Row, ...] = ()) -> int:
        parent = next((item for item in reversed(self.items) if item is not None), None)
        block = Block(form, line, text, tuple(self.headings), parent, self.leads[-1], level, None, rows)
        self.blocks.append(block)
        return len(self.blocks) - 1

    def _at(self, token: Token) -> int:
        return token.map[0] if token.map else 0

    def _number(self, index: int) -> int:
        return self.numbers[index] if index < len(self.numbers) else (self.numbers[-1] if self.numbers else 1)

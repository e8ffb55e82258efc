"""The report for Slack: blocks of its `mrkdwn`, as the body that an incoming webhook or `chat.postMessage` takes.

In: the report in Markdown, as `rca.render.markdown` writes it. Out: JSON with `text` (the title, for notifications) and
`blocks`, none longer than Slack takes. Decides how what Slack lacks is shown: a heading as bold text, a row of a table
as a line, a citation as a link where it stands first. Foreign text stays inert: `verbatim` stops Slack from making
mentions and links of words, its own signs are escaped, and a word that would be formatted is shown as code.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import orjson
from markdown_it import MarkdownIt
from markdown_it.token import Token

from rca.render.inert import visible_json
from rca.render.words import NOTHING

BLOCK_LIMIT = 3_000
"""Characters of a section's text. Source: Slack, "Text object"."""

BLOCKS_LIMIT = 50
"""Blocks of a message. Source: Slack, "Blocks"."""

MESSAGE_LIMIT = 12_000
"""Characters of all blocks. Source: Slack, "Markdown block", whose limit is for all of a message; sections that were
longer together have been refused (msg_blocks_too_long) at 13,200."""

_PIECE = 500
"""Characters of a piece before escaping, which makes five of one at most."""

_LONGEST_LINK = 2_000
_FORMATTED = re.compile(r"[*_~`]")
_WORD = re.compile(r"[^ ]+")
_ESCAPES = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;"}
_OPENING, _CLOSING = "```\n", "\n```"
_TICK = "\u02cb"
"""Stands for a backtick inside code, where Slack has no escape for one."""

_CELLS = frozenset({"th_open", "td_open"})
_DOT = " \u00b7 "


def message(text: str) -> str:
    """Return the message that a report in Markdown makes, as JSON that ends in a line feed."""
    blocks = _blocks(text)
    made = {
        "text": blocks[0].split("\n", 1)[0],
        "blocks": [
            {"type": "section", "text": {"type": "mrkdwn", "text": one, "verbatim": True}} for one in blocks
        ],
    }
    return visible_json(orjson.dumps(made, option=orjson.OPT_INDENT_2).decode()) + "\n"


def size(text: str) -> int:
    """Return the characters of all blocks, in UTF-16 code units; too many where the blocks are."""
    blocks = _blocks(text)
    return sum(map(_length, blocks)) if len(blocks) <= BLOCKS_LIMIT else MESSAGE_LIMIT + len(blocks)


def _length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _blocks(text: str) -> tuple[str, ...]:
    """Return the texts of the blocks: as many lines in each as it takes, a line cut between pieces where it must be."""
    packer = _Packer()
    for line in _lines(_reader().parse(text)):
        packer.add(line)
    return packer.blocks()


@dataclass(frozen=True, slots=True)
class _Line:
    """One line, in pieces that may not be cut."""

    pieces: tuple[str, ...] = ("",)
    is_code: bool = False


class _Packer:
    """Fills blocks with lines. Not frozen: it is written to, and read once."""

    def __init__(self) -> None:
        self._full: list[str] = []
        self._parts: list[str] = []
        self._room = BLOCK_LIMIT - len(_CLOSING)
        self._in_code = False

    def add(self, line: _Line) -> None:
        """The line stands in the last block, else in the next; cut only where no block could hold it."""
        lengths = [_length(piece) for piece in line.pieces]
        if sum(lengths) + len(_OPENING) + 1 > self._room:
            self._close()
        for i, (piece, length) in enumerate(zip(line.pieces, lengths, strict=True)):
            before = self._between(is_code=line.is_code, is_first=i == 0)
            if len(before) + length > self._room:
                self._close()
                before = self._between(is_code=line.is_code, is_first=True)
            self._parts += before, piece
            self._room -= len(before) + length
            self._in_code = line.is_code

    def blocks(self) -> tuple[str, ...]:
        """All blocks that hold anything."""
        self._close()
        return tuple(self._full)

    def _between(self, *, is_code: bool, is_first: bool) -> str:
        if not self._parts:
            return _OPENING if is_code else ""
        if is_code and not self._in_code:
            return f"\n{_OPENING}"
        if self._in_code and not is_code:
            return f"{_CLOSING}\n"
        return "\n" if is_first else ""

    def _close(self) -> None:
        text = "".join([*self._parts, _CLOSING if self._in_code else ""]).strip("\n")
        self._full += [text] if text else []
        self._parts, self._room, self._in_code = [], BLOCK_LIMIT - len(_CLOSING), False


def _lines(tokens: Sequence[Token]) -> Iterator[_Line]:
    """Yield the lines of a message; a blank one before each block of the report."""
    linked: set[str] = set()
    cells: list[str] = []
    opened: list[str] = []
    lead = ""
    for token in tokens:
        if token.level == 0 and token.nesting >= 0 and token.map is not None and token.map[0]:
            yield _Line()
        if token.nesting == 1:
            opened.append(token.type)
            lead = _lead(token) or lead
        elif token.nesting == -1:
            opened.pop()
            if token.type == "tr_close":
                yield _row(cells, is_head="thead_open" in opened)
                cells = []
        elif token.type == "fence":
            yield from _code(token.content)
        elif token.type == "inline":
            lines = _inline(token.children or (), linked)
            if opened[-1] in _CELLS:
                cells.append("".join(piece for line in lines for piece in line))
            else:
                yield from _led(lines, lead, "*" if opened[-1] == "heading_open" else "")
                lead = ""


def _code(text: str) -> Iterator[_Line]:
    for line in text.rstrip("\n").split("\n"):
        yield _Line(tuple(map(_escaped, _cut(line.replace("`", _TICK)))) or ("",), is_code=True)


def _led(lines: Sequence[tuple[str, ...]], lead: str, mark: str) -> Iterator[_Line]:
    """Yield the lines of a paragraph, its first behind its bullet, each of a heading between marks."""
    for i, pieces in enumerate(lines):
        yield _Line((lead if i == 0 else "", mark, *pieces, mark))


def _lead(token: Token) -> str:
    """Return what a line within opens with."""
    if token.type == "list_item_open":
        return f"{token.info}. " if token.info else "\u2022 "
    return "> " if token.type == "blockquote_open" else ""


def _row(cells: Sequence[str], *, is_head: bool) -> _Line:
    """Return a row of a table as a line: empty cells say nothing without the column above them."""
    told = [cell for cell in cells if cell not in ("", NOTHING)]
    if is_head:
        return _Line((f"_{_DOT.join(told)}_",))
    pieces = [piece for cell in told for piece in (_DOT, cell)][1:]
    return _Line(("\u2022 ", *pieces))


def _inline(tokens: Sequence[Token], linked: set[str]) -> list[tuple[str, ...]]:
    """Return what stands within a block, a tuple of pieces a line. A citation is a link the first time."""
    lines: list[list[str]] = [[]]
    url: str | None = None
    for token in tokens:
        if token.type == "softbreak":
            lines.append([])
        elif token.type == "link_open":
            url = str(token.attrs["href"])
        elif token.type == "link_close":
            url = None
        elif token.type in {"strong_open", "strong_close"}:
            lines[-1].append("*")
        elif token.type == "code_inline":
            lines[-1] += [f"`{_escaped(piece)}`" for piece in _cut(token.content.replace("`", _TICK))]
        elif token.type == "text" and url is not None:
            is_new = token.content not in linked and len(url) <= _LONGEST_LINK
            linked.add(token.content)
            lines[-1].append(f"<{_escaped(url)}|{token.content}>" if is_new else f"[{token.content}]")
        elif token.type == "text":
            lines[-1] += map(_plain, _cut(token.content))
    return [tuple(line) for line in lines]


def _plain(text: str) -> str:
    """Return text of a sentence; a word that Slack would format is shown as code."""
    return _WORD.sub(
        lambda found: f"`{found[0].replace('`', _TICK)}`" if _FORMATTED.search(found[0]) else found[0],
        _escaped(text),
    )


def _cut(text: str) -> Iterator[str]:
    for start in range(0, len(text), _PIECE):
        yield text[start : start + _PIECE]


def _escaped(text: str) -> str:
    return text.translate(_ESCAPES)


@cache
def _reader() -> MarkdownIt:
    return MarkdownIt("commonmark").enable("table")

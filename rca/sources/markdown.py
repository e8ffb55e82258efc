"""A Markdown paste or work log -> the blocks of it that may hold log lines.

In: Markdown. Out: fenced and indented blocks, and paragraphs, each with its first line. Decides nothing about what they
hold; headings, tables and what surrounds the blocks are somebody's words, and never given.
"""

from collections.abc import Iterator
from dataclasses import dataclass

_FENCES = ("```", "~~~")
_LARGEST = 8 << 20


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a document."""

    line: int
    """Of the document, from 1: where its first line stands."""

    text: str
    code: bool
    """A code block; a paragraph is prose unless its first line proves to be a log's."""


def is_fenced(line: str) -> bool:
    """Whether the line opens or closes a code block."""
    return line.lstrip(" \t>").startswith(_FENCES)


def blocks(text: str) -> Iterator[Block]:
    """The code blocks and paragraphs of a document, in its order."""
    from markdown_it import MarkdownIt  # noqa: PLC0415 - only where Markdown is read

    parser = MarkdownIt("commonmark").disable(["inline", "text_join", "reference", "html_block"])
    tokens = parser.parse(text[:_LARGEST])
    for at, token in enumerate(tokens):
        if token.map is None:
            continue
        if token.type in ("fence", "code_block"):
            yield Block(token.map[0] + (2 if token.type == "fence" else 1), token.content, code=True)
        elif token.type == "inline" and tokens[at - 1].type == "paragraph_open":
            yield Block(token.map[0] + 1, token.content, code=False)

"""Bytes of a source file -> its text and lines.

In: bytes as they are read. Out: text, lines as the language counts them, pieces of it fit to be shown. Decides which
encodings are read: those that a cookie (PEP 263) of real source names; a codec that is no plain table is not run.
"""

import codecs
import re
from dataclasses import dataclass
from functools import cached_property

from rca.quote import cut
from rca.repo.findings import Snippet

_COOKIE = re.compile(rb"[ \t\f]*#.*?coding[:=][ \t]*([-\w.]{1,40})")
_PLAIN = re.compile(
    r"utf-8(?:-sig)?|ascii|iso8859-\d+|cp125\d|koi8-[ru]|gbk|gb2312|gb18030|big5|euc[-_](?:jp|kr)|shift_jis"
)
_LINE_ENDS = re.compile(r"\r\n|\r|\n")
_SPACE = re.compile(r"\s+")

_WIDTH = 160
_AROUND = 2
"""Lines shown before and after the one that is meant."""

_CALL_WIDTH = 200
_CALL_LINES = 8


class UnreadableError(Exception):
    """A file that holds no text of the language; the words are for whoever counts it."""


@dataclass(frozen=True)
class Source:
    """The text of one file."""

    path: str
    text: str

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """Its lines without their ends, as Python and JavaScript count them (`str.splitlines` knows more ends)."""
        return tuple(_LINE_ENDS.split(self.text))

    @cached_property
    def encoded(self) -> tuple[bytes, ...]:
        """Its lines in UTF-8, in which `ast` counts columns."""
        return tuple(line.encode("utf-8", "surrogatepass") for line in self.lines)

    def line(self, number: int) -> str | None:
        """A line by its number, from 1; None where there is none."""
        return self.lines[number - 1] if 1 <= number <= len(self.lines) else None

    def piece(self, start: tuple[int, int], end: tuple[int, int]) -> str:
        """What stands between two positions (line from 1, column in bytes), on one line, cut."""
        (first, column), (last, stop) = start, end
        rows = list(self.encoded[first - 1 : min(last, first + _CALL_LINES - 1)])
        if len(rows) == last - first + 1:
            rows[-1] = rows[-1][:stop]
        rows[0] = rows[0][column:]
        return one_line(b" ".join(row[: _CALL_WIDTH * 4] for row in rows).decode("utf-8", "replace"))

    def snippet(self, line: int, last: int | None = None) -> Snippet:
        """The lines around one, or around a few."""
        first = max(1, line - _AROUND)
        end = min(len(self.lines), min(last or line, line + 4) + _AROUND)
        return Snippet(
            first, tuple(cut(self.lines[at - 1].expandtabs(4), _WIDTH) for at in range(first, end + 1))
        )


def one_line(text: str) -> str:
    """Source text on one line, cut."""
    return cut(_SPACE.sub(" ", text[: _CALL_WIDTH * 8]).strip(), _CALL_WIDTH)


def python_source(path: str, raw: bytes) -> Source:
    """The text of a Python file, in the encoding it declares.

    Raises `UnreadableError` where it declares one that is not read, or is not written in it.
    """
    if raw.startswith(codecs.BOM_UTF8):
        return _decoded(path, raw, "utf-8-sig")
    encoding = "utf-8"
    for line in raw.split(b"\n", 2)[:2]:
        if cookie := _COOKIE.match(line[:400]):
            encoding = cookie[1].decode("ascii", "replace")
            break
        if line.strip() and not line.lstrip().startswith(b"#"):
            break  # a cookie counts on the second line only below a comment
    return _decoded(path, raw, encoding)


def node_source(path: str, raw: bytes) -> Source:
    """The text of a JavaScript or TypeScript file. Raises `UnreadableError` where it is not UTF-8."""
    return _decoded(path, raw, "utf-8-sig")


def any_source(path: str, raw: bytes) -> Source:
    """The text of a file that is shown and not parsed; what is no UTF-8 is replaced."""
    return Source(path, raw.decode("utf-8", "replace"))


def _decoded(path: str, raw: bytes, encoding: str) -> Source:
    try:
        name = codecs.lookup(encoding).name
    except (LookupError, ValueError):
        name = ""
    if not _PLAIN.fullmatch(name):
        raise UnreadableError("declares an encoding that is not read")
    try:
        return Source(path, raw.decode(name))
    except UnicodeDecodeError as error:
        raise UnreadableError("is not in its encoding") from error

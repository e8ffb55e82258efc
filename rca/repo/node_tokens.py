r"""JavaScript or TypeScript -> tokens, and which bracket closes which.

In: a source. Out: its tokens without comments and white space; each bracket's counterpart, and the bracket that each
token lies in. Decides where a slash begins a regular expression: where no value can have ended (ECMA-262, 12.9.5, told
by the token before). It is no parser, and cannot read JSX. A parser would know more; tree-sitter's ends the process on
`{a:` written a hundred thousand times, and takes gigabytes for `a<b,` ten thousand times: hostile files rule it out.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from rca.repo.source import Source, UnreadableError

_LARGEST = 300_000
"""Letters; larger files are bundles."""


class Is(Enum):
    """What kind of token."""

    NAME = "name"
    NUMBER = "number"
    STRING = "string"
    TEMPLATE = "template"
    """Fixed text of a template literal, between its back quotes and `${ }`."""
    REGEX = "regex"
    MARK = "mark"
    """Everything else; brackets, back quotes and `${` are among it."""


@dataclass(frozen=True, slots=True)
class Token:
    """One token."""

    kind: Is
    text: str
    start: int

    @property
    def end(self) -> int:
        """Where it ends in the text."""
        return self.start + len(self.text)


_TOKEN = re.compile(
    r"""
      (?P<blank>    [\s\ufeff]++ | //[^\r\n]*+ | \#![^\r\n]*+ )
    | (?P<comment>  /\* )
    | (?P<string>   '(?:[^'\\\r\n]|\\(?:\r\n|[\s\S]))*+'?+ | "(?:[^"\\\r\n]|\\(?:\r\n|[\s\S]))*+"?+ )
    | (?P<number>   0[xXbBoO][\da-fA-F_]++n? | (?:\d[\d_]*+(?:\.[\d_]*+)?+ | \.\d[\d_]*+)(?:[eE][+-]?\d++)?+n? )
    | (?P<name>     [\#@]?(?:[^\W\d]|\$)[\w$]*+ )
    | (?P<mark>     => | \?\.(?!\d) | \.\.\. | [!=]==? | && | \|\| | \?\? | [\s\S] )
    """,
    re.VERBOSE,
)
_REGEX = re.compile(r"/(?![*/])(?:[^\\/\[\r\n]|\\[^\r\n]|\[(?:[^\]\\\r\n]|\\[^\r\n])*+\])++/[A-Za-z]*+")
_CHUNK = re.compile(r"(?:[^`\\$]|\\[\s\S]|\$(?!\{))*+")
_BEFORE_REGEX = frozenset(
    {
        "return",
        "typeof",
        "case",
        "in",
        "of",
        "delete",
        "void",
        "throw",
        "new",
        "instanceof",
        "else",
        "do",
        "await",
        "yield",
    }
)
_CLOSES = {")": "(", "]": "[", "}": "{"}


@dataclass(frozen=True)
class Tokens:
    """A file's tokens. A token is named by its place among them."""

    source: Source
    all: tuple[Token, ...]
    mates: dict[int, int]
    """Opening bracket -> closing one, and back; a back quote and `${` are brackets, too."""

    around: tuple[int, ...]
    """The opening bracket that each token lies in; -1 for none."""

    @cached_property
    def _starts(self) -> tuple[int, ...]:
        return (0, *(found.end() for found in re.finditer(r"\r\n|\r|\n", self.source.text)))

    def line(self, at: int) -> int:
        """The line of a token, from 1."""
        return bisect_right(self._starts, self.all[at].start)

    def column(self, at: int) -> int:
        """Where on its line a token begins, in letters."""
        return self.all[at].start - self._starts[self.line(at) - 1]

    def text(self, at: int) -> str:
        """A token as written; empty where there is none."""
        return self.all[at].text if 0 <= at < len(self.all) else ""

    def is_name(self, at: int) -> bool:
        """Whether there is a token, and it is a name or keyword."""
        return 0 <= at < len(self.all) and self.all[at].kind is Is.NAME

    def raw(self, first: int, last: int) -> str:
        """The text from one token to the end of another."""
        return self.source.text[self.all[first].start : self.all[last].end]


def tokens_of(source: Source) -> Tokens:
    """The tokens of a file. Raises `UnreadableError` where it is too large to have been written by hand."""
    if len(source.text) > _LARGEST:
        raise UnreadableError("too large to be parsed")
    found: list[Token] = []
    inside: list[bool] = []
    """For each open `{` or `${`: whether a template literal goes on when it closes."""
    text, at = source.text, 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:  # nothing: `mark` takes any letter
            break
        kind = match.lastgroup
        if kind == "blank":
            at = match.end()
        elif kind == "comment":
            end = text.find("*/", at + 2)
            at = len(text) if end < 0 else end + 2
        elif kind != "mark":
            found.append(Token(Is(kind), match.group(), at))
            at = match.end()
        elif match.group() == "/" and _begins_regex(found) and (regex := _REGEX.match(text, at)):
            found.append(Token(Is.REGEX, regex.group(), at))
            at = regex.end()
        else:
            at = _mark(text, match, found, inside)
    return _paired(source, found)


def _mark(text: str, match: re.Match[str], found: list[Token], inside: list[bool]) -> int:
    """Takes a mark, and the fixed text of a template where one begins or goes on; returns where to read on."""
    mark, at = match.group(), match.start()
    found.append(Token(Is.MARK, mark, at))
    if mark == "{":
        inside.append(False)
    elif mark == "`" or (mark == "}" and inside and inside.pop()):
        chunk = _CHUNK.match(text, at + 1)
        end = chunk.end() if chunk else at + 1
        if end > at + 1:
            found.append(Token(Is.TEMPLATE, text[at + 1 : end], at + 1))
        if text.startswith("${", end):
            found.append(Token(Is.MARK, "${", end))
            inside.append(True)
            return end + 2
        if text.startswith("`", end):
            found.append(Token(Is.MARK, "`", end))
            return end + 1
        return end
    return match.end()


def _begins_regex(found: list[Token]) -> bool:
    """Whether a slash after these tokens begins a regular expression: a value cannot have ended before it."""
    if not found:
        return True
    last = found[-1]
    if last.kind is Is.NAME:
        return last.text in _BEFORE_REGEX
    return last.kind is Is.MARK and last.text not in (")", "]", "}", "`")


def _paired(source: Source, found: list[Token]) -> Tokens:
    """The tokens with their brackets; what closes nothing, or is never closed, stands alone."""
    mates: dict[int, int] = {}
    around: list[int] = []
    open_: list[int] = []
    counts = {"(": 0, "[": 0, "{": 0, "${": 0, "`": 0}
    for at, token in enumerate(found):
        mark = token.text if token.kind is Is.MARK else ""
        opener = "`" if mark == "`" and counts["`"] and found[open_[-1]].text == "`" else _CLOSES.get(mark)
        if mark == "}" and open_ and found[open_[-1]].text == "${":
            opener = "${"
        if opener and counts[opener]:
            while found[open_[-1]].text != opener:
                counts[found[open_.pop()].text] -= 1
            mates[open_[-1]], mates[at] = at, open_[-1]
            counts[opener] -= 1
            open_.pop()
            around.append(open_[-1] if open_ else -1)
            continue
        around.append(open_[-1] if open_ else -1)
        if mark in counts:
            counts[mark] += 1
            open_.append(at)
    return Tokens(source, tuple(found), mates, tuple(around))

"""Log text made harmless for Markdown: it can be read, and can do nothing else.

In: text from logs, from a cycle's files, or a sentence of ours that quotes them. Out: `Inert` text, the only kind
the templates may print. Decides what is shown as code, what is escaped and where a long text is cut. On GitHub a
code span or block neither formats, mentions, links nor closes anything, so foreign text stands nowhere else.
"""

import json
import re
import unicodedata
from functools import lru_cache

from rca.quote import CLOSE, OPEN, cut

LINE_LIMIT = 200
"""Characters of a line in a block: two screens wide is the most that anyone reads."""

BLOCK_LIMIT = 40
"""Lines of a block before its middle is folded: both ends of a stack trace say the most."""

_CITATION = r"\[[ETS]\d+(?:[\u2013-][ETS]?\d+)?\]"

_QUOTED = re.compile(f"{OPEN}([^{OPEN}{CLOSE}]*){CLOSE}|`([^`]+)`")
"""What a sentence quotes; backticks are taken at their word, since code is the harmless form."""

_RISKY = re.compile(
    r"""
      @\w                               # a mention
    | \#\d | \b[Gg][Hh]-\d              # an issue, which "fixes" before it would close
    | ://|www\.|mailto:|xmpp:           # GitHub links these by itself
    | <[A-Za-z/!?]                      # a tag, a comment, a declaration
    | &(?:\#|[A-Za-z])                  # an entity, which could spell any of these
    | \b[0-9A-Fa-f]{7,40}\b             # a commit, if the repository has one of that name
    | :[A-Za-z+][\w+-]*:                # an emoji's name
    """,
    re.VERBOSE,
)
"""A word of prose outside the quotation marks that would do something on GitHub; it is shown as code."""

_MARKS = re.compile(f"[{OPEN}{CLOSE}]")
_SPACE = re.compile(r"[ \t\r\n]+")
"""What is folded: other white space is rare enough to be shown as an escape."""

_WORD = re.compile(r"[^ ]+")
_TRAILING = re.compile(r"(?<![.,;:!?)])[.,;:!?)]++\Z")
_SPECIAL = re.compile(r"([\\`*\[\]|~]|(?<![^\W_])_|_(?![^\W_]))")
_BLOCK_START = re.compile(r"(?P<mark>[#>+=:-])|(?P<number>\d{1,9})(?=[.)](?:\s|$))")
_BACKTICKS = re.compile(r"`+")
_CELL_PIPE = re.compile(r"(?<!\\)(\\*+)\|")
_DOLLAR = "&#36;"
"""GitHub sets `$…$` as mathematics, and a backslash before the sign does not stop it."""


class Inert(str):
    """Markdown that holds foreign text only where it can do nothing."""

    __slots__ = ()


def visible(text: str) -> str:
    r"""Return text in which every character shows: control, bidi, zero-width ones as `\x1b`, `\u202e`.

    A space, a line feed and a tab stay what they are.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_shown, text))


def visible_json(text: str) -> str:
    r"""Return JSON in which every character shows, the others as `\u202e`: whoever reads it as JSON reads the same."""
    return (
        text if text.isascii() and "\x7f" not in text else _UNSURE.sub(lambda found: _in_json(found[0]), text)
    )


_UNSURE = re.compile(r"[^\x00-\x7e]")


@lru_cache(maxsize=4096)
def _in_json(character: str) -> str:
    return character if _shown(character) == character else json.dumps(character)[1:-1]


@lru_cache(maxsize=4096)
def _shown(character: str) -> str:
    """Return one character, or its escape where the eye or the terminal would be deceived by it."""
    if character in " \n\t":
        return character
    category = unicodedata.category(character)
    # Cc control, Cf format (bidi, zero width), Cs lone surrogate, Co private, Cn unassigned, Z* other white space.
    if category[0] in "CZ" or character in _BLANK or "\ufe00" <= character <= "\ufe0e":
        # Python writes a line separator or a lone surrogate so; `ascii` adds the quotation marks cut off here.
        return ascii(character)[1:-1]
    return character


_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
"""Letters and marks by category that draw nothing."""


def code(text: str, limit: int = 160, *, cell: bool = False) -> Inert:
    """Return text as one code span: folded to a line, cut to `limit`, its fence longer than any run of backticks.

    `cell`: the span stands in a table, where GFM takes a pipe for a border even inside code.
    """
    line = cut(visible(_SPACE.sub(" ", text).strip(" ")), limit)
    if not line:
        return Inert("(empty)")
    fence = "`" * (_longest_run(line) + 1)
    pad = " " if line[0] == "`" or line[-1] == "`" else ""
    span = f"{fence}{pad}{line}{pad}{fence}"
    return Inert(_cell_safe(span) if cell else span)


def block(text: str, *, whole: bool = False) -> Inert:
    """Return text as a fenced block, its fence longer than any run of backticks in it.

    Long lines are cut and long texts folded in the middle, unless `whole`: a query has to be copied as it is.
    """
    lines = visible(text.replace("\r\n", "\n")).replace("\t", "    ").split("\n")
    if not whole:
        if len(lines) > BLOCK_LIMIT:
            half = BLOCK_LIMIT // 2
            left = len(lines) - 2 * half
            lines = [*lines[:half], f"… {left} lines left out …", *lines[-half:]]
        lines = [cut(line, LINE_LIMIT) for line in lines]
    body = "\n".join(line.rstrip() for line in lines).strip("\n")
    fence = "`" * max(3, _longest_run(body) + 1)
    return Inert(f"{fence}\n{body}\n{fence}")


def prose(text: str, *, cell: bool = False, limit: int = 4000) -> Inert:
    """Return a sentence of ours as Markdown: what it quotes (between U+2E22 and U+2E23) as code, the rest escaped.

    Citations `[E1]` and spans of them stay plain. A word outside the marks that would mention, link, close or format
    becomes code as well, so a hostile name in a sentence is harmless even where nobody quoted it.
    """
    folded = _SPACE.sub(" ", text).strip(" ")
    text = cut(folded, limit)
    out: list[str] = []
    done = 0
    for found in _QUOTED.finditer(text):
        out += [
            _plain(text[done : found.start()], cell=cell),
            code(found[1] or found[2] or "", limit, cell=cell),
        ]
        done = found.end()
    out.append(_plain(text[done:], cell=cell))
    return Inert(_escape_start("".join(_apart(out))))


def plain(text: str) -> str:
    """Return a sentence of ours for a terminal: what it quotes in backticks, every character showing."""
    return visible(_SPACE.sub(" ", _MARKS.sub("`", text)).strip(" "))


def definition(label: str, url: str | None) -> Inert:
    """Return the line that makes every citation of `label` a link to the Cloud console; empty where there is none.

    A report may come from a file: an address in it is foreign text as well, and only the console's are taken.
    """
    if url is None or not _CONSOLE.fullmatch(url) or not is_label(label):
        return Inert("")
    return Inert(f"[{label}]: {url}")


def is_label(text: str) -> bool:
    """Whether a text is a citation's id, `E1`, `T2`, `S3`, and not something that a saved report smuggles in."""
    return _LABEL.fullmatch(text) is not None


_LABEL = re.compile(r"[ETS]\d+", re.ASCII)
_CONSOLE = re.compile(r"https://console\.cloud\.google\.com/[\w.~$&+,:@%;=?/-]{1,8000}", re.ASCII)


def _plain(text: str, *, cell: bool) -> str:
    return _WORD.sub(lambda found: _word(found[0], cell=cell), visible(text))


def _word(word: str, *, cell: bool) -> str:
    """Return one word of prose, as code where it would do something."""
    if _RISKY.search(word):
        tail = _TRAILING.search(word)
        end = tail.start() if tail else len(word)
        return code(word[:end], cell=cell) + word[end:] if end else _escaped(word)
    # A citation is plain only where nothing beside it makes a picture, a link or a definition of it.
    pieces = re.split(f"((?<!!){_CITATION})(?![(:\\[])", word)
    return "".join(piece if i % 2 else _escaped(piece) for i, piece in enumerate(pieces))


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text).replace("$", _DOLLAR)


def _escape_start(text: str) -> str:
    """Return text whose first character cannot open a heading, a list or a quotation."""
    found = _BLOCK_START.match(text)
    if not found:
        return text
    return "\\" + text if found["mark"] else f"{found['number']}\\{text[found.end() :]}"


def _apart(parts: list[str]) -> list[str]:
    """Return the parts with code spans that touch set apart: two fences in a row would be one longer fence."""
    out: list[str] = []
    for part in filter(None, parts):
        if out and out[-1].endswith("`") and part.startswith("`"):
            out.append(" ")
        out.append(part)
    return out


def _longest_run(text: str) -> int:
    return max((len(run) for run in _BACKTICKS.findall(text)), default=0)


def _cell_safe(span: str) -> str:
    r"""Return a span whose pipes are escaped by an odd number of backslashes.

    cmark reads `\\|` as an escaped backslash and a border, so a backslash of the text's own is doubled there.
    """
    return _CELL_PIPE.sub(lambda found: found[1] + "\\" * (1 + len(found[1]) % 2) + "|", span)

r"""The text between quotes, with its escapes resolved.

In: a quoted string as the filter has it. Out: the text that is meant. Decides which escapes there are: those of
C for control characters, octal, `\xHH` and `\uHHHH`, and a backslash before a special character, which is then
itself. A backslash before anything else stays: people write `=~"\d+"`, though the documentation doubles it.
Source: "Logging query language", Values and conversions ("any escape sequence, for example \t"), Using regular
expressions; the lexer of Grafeas' filters, which are written in the same language.
"""

import re

from rca.lql.errors import MistakeError

_ESCAPE = re.compile(
    r"""
    \\ (?: (?P<control> [abfnrtv] )
         | u (?P<utf16> [0-9a-fA-F]{4} (?: \\u [0-9a-fA-F]{4} )* )    # neighbours: a surrogate pair is one character
         | x (?P<hex> [0-9a-fA-F]{2} )
         | (?P<octal> [0-3]? [0-7]? [0-7] )
         | (?P<itself> [:=<>+~"'\\.*] )
       )
    """,
    re.VERBOSE,
)
_CONTROLS = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}

_OF_STRINGS = frozenset("\\\"'")
"""What loses its backslash in a regular expression, too; every other escape means there what RE2 says."""


def text_of(quoted: str) -> str:
    """The text that a quoted string means; also of a quoted name in a path."""
    return _ESCAPE.sub(_meant, quoted[1:-1])


def pattern_of(quoted: str, at: int) -> str:
    r"""The regular expression that a quoted string means.

    `\\.` and `\.` both give `\.`. Raises `MistakeError` for `\b`: it is a backspace in a string and a word's edge
    in a pattern; the string comes first, and nobody looks for a backspace.
    """
    for found in _ESCAPE.finditer(quoted, 1, len(quoted) - 1):
        if found["control"] == "b":
            raise MistakeError(
                r'"\b" is a backspace in a string',
                r'for the edge of a word write "\\b"',
                at=at + found.start(),
            )
    return _ESCAPE.sub(_meant_in_pattern, quoted[1:-1])


def _meant_in_pattern(found: re.Match[str]) -> str:
    """RE2 reads control characters, octal and hex by itself, and knows no escape for UTF-16."""
    return _meant(found) if found["utf16"] or found["itself"] in _OF_STRINGS else found[0]


def _meant(found: re.Match[str]) -> str:
    """What one escape stands for."""
    if found["control"]:
        return _CONTROLS[found["control"]]
    if found["utf16"]:
        units = bytes.fromhex(found["utf16"].replace("\\u", ""))
        return units.decode("utf-16-be", errors="replace")
    if found["hex"]:
        return chr(int(found["hex"], 16))
    if found["octal"]:
        return chr(int(found["octal"], 8))
    return found["itself"]

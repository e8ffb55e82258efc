"""A word of a filter: unquoted, quoted, or a path with quoted names; as a value, a field or a term.

In: a token. Out: its text or its path. Decides what an unquoted word may not hold, and says how to write it.
Unquoted dots are taken as the documentation's own examples and public filters have them
(`protoPayload.serviceName=compute.googleapis.com`), though its list of special characters names the dot.
Source: "Logging query language", Values and conversions, Field path identifiers; "Troubleshoot Logging query
language", Syntax issues.
"""

import re
from dataclasses import dataclass

from rca.lql import strings
from rca.lql.errors import MistakeError, shown
from rca.lql.tree import Field

_NAME = re.compile(r'"(?:[^"\\]|\\.)*+"?|[^."]+', re.DOTALL)
"""One name of a path: between dots, or between quotes."""

_SPECIAL = re.compile(r"[*\[\]{}\\]")
_INDEX = re.compile(r"\[\d*\]")
_TYPOGRAPHIC = re.compile("[\u00ab\u00bb\u201c-\u201f\u2033\u2036]|^[\u2018-\u201b]")
"""Quotation marks of word processors; the single ones only where a quotation would begin, for they are apostrophes."""

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_SHELL = {"&&": "AND", "&": "AND", "||": "OR", "|": "OR", "!": "NOT"}
"""Operators of other languages; as search terms they would find nothing and say nothing."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it was written, and where."""

    written: str
    at: int
    quoted: bool = False
    """Whether all of it stands between one pair of quotes."""

    @property
    def presence(self) -> bool:
        """Whether it is the lone asterisk of `field:*`."""
        return self.written == "*"

    @property
    def number(self) -> bool:
        """Whether it reads as a number, quoted or not."""
        return _NUMBER.fullmatch(self.text() if self.quoted else self.written) is not None

    def text(self) -> str:
        """The text that is meant, where a value or a term stands."""
        if self.quoted:
            return strings.text_of(self.written)
        if '"' in self.written:
            raise MistakeError(
                "a quoted and an unquoted part make no value", "put all of it in quotes", at=self.at
            )
        self._check(self.written, self.at)
        return self.written

    def pattern(self) -> str:
        """The regular expression that is meant."""
        if not self.quoted:
            raise MistakeError(
                "a regular expression stands in quotes", f'write "{shown(self.written)}"', at=self.at
            )
        return strings.pattern_of(self.written, self.at)

    def field(self) -> Field:
        """The field that is meant, where one is compared."""
        if self.quoted:
            return Field((strings.text_of(self.written),), self.at)
        names = []
        for found in _NAME.finditer(self.written):
            if found[0][0] == '"':
                names.append(strings.text_of(found[0]))
                continue
            if index := _INDEX.search(found[0]):
                raise MistakeError(
                    "a list's elements have no numbers here",
                    f"leave {index[0]} away: a comparison holds when it holds for any element",
                    at=self.at + found.start() + index.start(),
                )
            self._check(found[0], self.at + found.start())
            names.append(found[0])
        return Field(tuple(names), self.at)

    @staticmethod
    def _check(written: str, at: int) -> None:
        """Raise `MistakeError` for what an unquoted word cannot hold."""
        if operator := _SHELL.get(written):
            raise MistakeError(f'"{written}" is no operator', f"write {operator}", at=at)
        if written[0] == "!":
            raise MistakeError('"!" does not negate', f"write NOT {shown(written[1:])}", at=at)
        if found := _TYPOGRAPHIC.search(written):
            raise MistakeError(
                f"{found[0]} is a typographic quotation mark", 'use straight ones: "', at=at + found.start()
            )
        if found := _SPECIAL.search(written):
            hint = f'put it in quotes: "{shown(written)}"'
            if found[0] == "*":
                hint += "; there are no wildcards: field:text finds a part, field:* asks whether it is there"
            raise MistakeError(f'"{found[0]}" cannot stand outside quotes', hint, at=at + found.start())

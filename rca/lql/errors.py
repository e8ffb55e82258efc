"""What is wrong with a filter: the place, the words, and what to write instead.

In: a mistake at a position of the filter's text. Out: an error with line and column, which quotes the line.
"""

import unicodedata

from rca.errors import Exit, RcaError

_AROUND = 60
"""Characters quoted on each side of a mistake: a filter of one 20,000-character line must not fill the terminal."""


class QueryError(RcaError):
    """A filter that is not of the Logging query language; `line` and `column` count from 1."""

    exit_code = Exit.USAGE

    def __init__(self, message: str, hint: str = "", *, line: int = 1, column: int = 1) -> None:
        super().__init__(message, hint)
        self.line = line
        self.column = column


class MistakeError(Exception):
    """A mistake found while a filter is read; `at` is its offset in the text. `as_query_error` tells the user."""

    def __init__(self, problem: str, hint: str = "", *, at: int = 0) -> None:
        super().__init__(problem)
        self.problem = problem
        self.hint = hint
        self.at = at


def as_query_error(text: str, mistake: MistakeError) -> QueryError:
    """The error to show: place, problem, and the line with a mark below the place."""
    line, column = position(text, mistake.at)
    message = f"line {line}, column {column}: {mistake.problem}\n{_marked(text, mistake.at)}"
    return QueryError(message, mistake.hint, line=line, column=column)


def position(text: str, at: int) -> tuple[int, int]:
    """Line and column of an offset, both from 1."""
    before = text[:at]
    return before.count("\n") + 1, at - (before.rfind("\n") + 1) + 1


def shown(text: str, limit: int = 40) -> str:
    """A piece of the filter as it may be printed: one line, no control characters, not longer than `limit`."""
    clean = "".join(_printable(character) for character in text[: limit + 1])
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


def _printable(character: str) -> str:
    """The character, or a stand-in of the same width for one that a terminal would act upon."""
    if character.isspace():
        return " "
    return "�" if unicodedata.category(character)[0] == "C" else character


def _marked(text: str, at: int) -> str:
    """The line around an offset, and a caret below it."""
    start = text.rfind("\n", 0, at) + 1
    end = text.find("\n", at)
    end = len(text) if end < 0 else end
    left = max(start, at - _AROUND)
    right = min(end, at + _AROUND)
    head = "…" if left > start else ""
    tail = "…" if right < end else ""
    quoted = "".join(_printable(character) for character in text[left:right])
    return f"    {head}{quoted}{tail}\n    {' ' * (len(head) + at - left)}^"

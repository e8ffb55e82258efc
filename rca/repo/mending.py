"""The change of one line that would have logged an exception, as a diff.

In: a source, and which line is replaced by which, or what comes before it. Out: a unified diff of one hunk. Decides how
much is shown around it. A file that a diff of lines cannot describe (old Mac line ends) gets none.
"""

import re
from collections.abc import Sequence

from rca.repo.findings import Says
from rca.repo.source import Source

MENDED = (Says.NOTHING, Says.QUIETLY, Says.ELSEWHERE, Says.FIXED_TEXT, Says.EXCEPTION)
"""What a handler may say that leaves something out: at least the traceback."""

_CONTEXT = 2
_WIDEST = 400
"""Letters of a line; a diff of longer ones helps nobody."""

_LONE_RETURN = re.compile(r"\r(?!\n)")


def diff(source: Source, line: int, *, removed: int, added: Sequence[str], within: str | None) -> str | None:
    """The hunk in which `removed` lines from `line` on make way for others; None where no diff can say so."""
    rows = source.text.split("\n")
    if _LONE_RETURN.search(source.text) or len(rows) != len(source.lines):
        return None
    ends_open = rows[-1] != ""
    if not ends_open:
        rows.pop()
    first = max(1, line - _CONTEXT)
    last = min(len(rows), line + removed - 1 + _CONTEXT)
    end = "\r" if rows[line - 1].endswith("\r") else ""
    shown = [(" ", row) for row in rows[first - 1 : line - 1]]
    shown += [("-", row) for row in rows[line - 1 : line - 1 + removed]]
    shown += [("+", row + end) for row in added]
    shown += [(" ", row) for row in rows[line - 1 + removed : last]]
    if any(len(row) > _WIDEST for _, row in shown):
        return None
    old = sum(sign != "+" for sign, _ in shown)
    new = sum(sign != "-" for sign, _ in shown)
    named = f"--- a/{source.path}\n+++ b/{source.path}\n"
    head = f"{named}@@ -{first},{old} +{first},{new} @@{' ' + within if within else ''}\n"
    body = [f"{sign}{row}\n" for sign, row in shown]
    if ends_open and last == len(rows):
        body[-1] += "\\ No newline at end of file\n"
    return head + "".join(body)


def indent_of(row: str) -> str:
    """The white space a line begins with."""
    return row[: len(row) - len(row.lstrip(" \t\f"))]

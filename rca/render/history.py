"""A history of cycles as a table for a terminal, and as JSON.

In: a `History`. Out: text. Decides the columns; what came back is named first.
"""

import dataclasses

from rca.comparison import Chapter, History, Recurrence, shown
from rca.contract import Verdict
from rca.quote import cut, quote
from rca.render import words
from rca.render.inert import plain
from rca.render.json import indented

_COLUMNS = ("cycle", "date", "failing", "confidence", "revision", "cause")
_WIDEST = 44
_ANSWERS = {Verdict.NOTHING_FAILED: "nothing failed", Verdict.UNKNOWN: "unknown"}


def as_text(history: History) -> str:
    """Return the cycles, one a line, then each cause with the cycles that met it; it ends in a line feed."""
    if not history.cycles:
        return "no cycles found\n"
    rows = [_COLUMNS, *(_row(one) for one in history.cycles)]
    wide = [max(len(row[i]) for row in rows) for i in range(len(_COLUMNS) - 1)]
    lines = [
        "  ".join([*(f"{cell:<{width}}" for cell, width in zip(row, wide, strict=False)), row[-1]]).rstrip()
        for row in rows
    ]
    came_back = sorted(history.causes, key=lambda one: not one.again)
    if came_back:
        lines += ["", *(_cause(one) for one in came_back)]
    return "\n".join(lines) + "\n"


def as_json(history: History) -> str:
    """Return the history as indented JSON, `schema` first, with a line feed at its end."""
    names = [field.name for field in dataclasses.fields(history) if field.name != "schema"]
    return indented({name: getattr(history, name) for name in ("schema", *names)})


def _row(one: Chapter) -> tuple[str, ...]:
    known = one.verdict is not None
    answer = one.fingerprint or (_ANSWERS.get(one.verdict, one.headline) if one.verdict else one.told_by)
    return (
        one.label,
        str(one.date) if one.date else words.NOTHING,
        f"{one.failing} of {one.tests}" if known else words.NOTHING,
        words.NOTHING if one.confidence is None else f"{one.confidence:.2f}",
        cut(plain(words.listed(one.revisions, 1)), _WIDEST) or words.NOTHING,
        plain(quote(shown(answer), 120) if one.fingerprint else cut(answer, 160)),
    )


def _cause(one: Recurrence) -> str:
    """Where a cause was met and where not: `seen in 1, 2, 9; gone in 3`."""
    parts = [
        f"{what} {', '.join(labels)}"
        for what, labels in (
            ("seen in", one.seen),
            ("gone in", one.gone),
            ("masked in", one.masked),
            ("cannot be told in", one.cannot_tell),
        )
        if labels
    ]
    back = "came back: " if one.again else ""
    return f"{back}{plain(quote(shown(one.fingerprint), 160))} ({one.category}): {'; '.join(parts)}"

"""A history of cycles as CSV for a spreadsheet: a row each cycle, and a column each cause.

In: a `History`. Out: text. Decides the columns, and that no cell is a formula.
"""

import pandas as pd

from rca.comparison import Chapter, History, shown
from rca.quote import cut
from rca.render.inert import plain

_COLUMNS = ["cycle", "date", "verdict", "failing", "tests", "confidence", "category", "revisions", "told_by"]
_LONGEST = 300
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What spreadsheets evaluate begins so."""


def as_csv(history: History) -> str:
    """Return a head and a row each cycle in order; it ends in a line feed.

    A row tells what is known of the cycle, then of each cause `seen`, `gone`, `masked`, `cannot tell`, or nothing.
    Source: https://owasp.org/www-community/attacks/CSV_Injection
    """
    cycles = pd.DataFrame([_row(one) for one in history.cycles], columns=_COLUMNS, dtype=object)
    met = pd.DataFrame(
        [
            (label, shown(cause.fingerprint), fate)
            for cause in history.causes
            for fate, labels in (
                ("seen", cause.seen),
                ("gone", cause.gone),
                ("masked", cause.masked),
                ("cannot tell", cause.cannot_tell),
            )
            for label in labels
        ],
        columns=["cycle", "cause", "fate"],
    )
    # Two cycles can have one label, and two causes one fingerprint: the cell then names each fate once.
    grid = met.pivot_table(
        index="cycle",
        columns="cause",
        values="fate",
        aggfunc=lambda fates: ", ".join(fates.unique()),
        sort=False,
    )
    table = cycles.join(grid.rename(columns=_beside), on="cycle")
    inert = table.rename(columns=_cell).map(lambda cell: _cell(cell) if isinstance(cell, str) else cell)
    return str(inert.to_csv(index=False, lineterminator="\n"))


def _row(one: Chapter) -> tuple[object, ...]:
    counts = (one.failing, one.tests) if one.verdict else (None, None)
    known = (one.label, one.date, one.verdict, *counts, one.confidence, one.category)
    return (*known, ", ".join(one.revisions), one.told_by)


def _beside(cause: str) -> str:
    """A cause's column: a log can say anything, the name of another column too."""
    return f"{cause} (cause)" if cause in _COLUMNS else cause


def _cell(text: str) -> str:
    """The text as one cell that is shown, not evaluated."""
    told = plain(cut(text, _LONGEST))
    return f"'{told}" if told.startswith(_FORMULA) else told

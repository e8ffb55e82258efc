"""Tables that are no Markdown: comma-separated rows, grids drawn with lines, columns apart by spaces.

In: lines as they stand. Out: tables as `Block`s. Decides that lines are a table where one of them heads columns for a
test's name and its status (columns.toml) and those after it have as many cells.
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator

from rca.cycles.outline import Block, Form, Row, plain
from rca.cycles.tables import heads_tests

_RULE = re.compile(r"^[\s\-+|=:_\u2500-\u257f]+$")
_BAR = re.compile(r"[|│┃║]")
_GAP = re.compile(r"\t+|\s{2,}")
_CELL = re.compile(r"<t[dh]\b[^<>]{0,200}>(.{0,1000}?)</t[dh]>", re.IGNORECASE)
_MOST_CELLS = 40
_MOST_ROW_LINES = 80


def _comma_cells(delimiter: str) -> Callable[[str], list[str]]:
    def cells(line: str) -> list[str]:
        """The cells of a line, quotes undone; none where csv refuses it."""
        try:
            return next(csv.reader([line], delimiter=delimiter), [])
        except csv.Error:
            return []

    return cells


def _bar_cells(line: str) -> list[str]:
    return _BAR.split(line.strip().strip("|│┃║"))


def _tag_cells(line: str) -> list[str]:
    return _CELL.findall(line) if "<t" in line.lower() else []


def _gap_cells(line: str) -> list[str]:
    return _GAP.split(line.strip())


_READINGS = (_tag_cells, _bar_cells, _comma_cells(","), _comma_cells(";"), _gap_cells)


def tables_in(lines: Iterable[tuple[int, str]]) -> Iterator[Block]:
    """The tables in the lines, in order; lines that belong to none are passed over."""
    read: Callable[[str], list[str]] | None = None
    rows: list[Row] = []
    for number, line in _whole_rows(lines):
        if read is not None:
            cells = _cells(read, line)
            if len(cells) == len(rows[0].cells):
                rows.append(Row(number, cells))
                continue
            if _RULE.match(line):
                continue
            yield from _table(rows)
            read, rows = None, []
        for reading in _READINGS:
            cells = _cells(reading, line)
            if len(cells) > 1 and heads_tests(cells):
                read, rows = reading, [Row(number, cells)]
                break
    yield from _table(rows)


def _whole_rows(lines: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """The lines, those of one HTML row as one."""
    row: list[tuple[int, str]] = []
    for number, line in lines:
        opens, closes = line.lower().rfind("<tr"), line.lower().rfind("</tr")
        if row or opens > closes:
            row.append((number, line))
        if not row:
            yield number, line
        elif closes > opens or len(row) > _MOST_ROW_LINES:
            yield row[0][0], " ".join(text.strip() for _, text in row)
            row = []
    yield from row


def _cells(read: Callable[[str], list[str]], line: str) -> tuple[str, ...]:
    if len(line) > 2000 or _RULE.match(line):  # noqa: PLR2004 - a row of a table, not a dump
        return ()
    cells = tuple(plain(cell) for cell in read(line))
    return cells if len(cells) <= _MOST_CELLS else ()


def _table(rows: list[Row]) -> Iterator[Block]:
    if len(rows) > 1:
        yield Block(Form.TABLE, rows[0].line, "", (), None, None, rows=tuple(rows))

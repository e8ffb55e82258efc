"""Tables of tests.

In: a `Block` that is a table. Out: claims, one a row, and warnings for rows whose status is not understood. Decides,
by its columns (columns.toml), whether a table's rows are tests: a table of components, files, variables or totals
is none, whatever its status column says.
"""

import re
import tomllib
from dataclasses import dataclass, replace
from importlib.resources import files

from rca.cycles.claims import Claim, Weight, duration_of
from rca.cycles.close_codes import codes_in
from rca.cycles.document import Document
from rca.cycles.names import files_in, identifiers_in, is_prose_name
from rca.cycles.outcomes import of_cell, of_mark, without_status
from rca.cycles.outline import Block, Row
from rca.model import Outcome

_TABLE = tomllib.loads(files("rca.cycles").joinpath("columns.toml").read_text(encoding="utf-8"))
_ORDINAL = re.compile(r"^\s*(?:#\s*)?\d{1,4}[.):]?\s+(?=\D)")
_MOST_COLUMNS = 40
_EMPTY = frozenset({"", "-", "\u2013", "—", "n/a", "na", "none", "ok", "null", "…", "..."})
_MOST_ERROR = 500


def header_of(text: str) -> str:
    """A header as columns.toml spells it."""
    return " ".join(re.sub(r"[^a-z0-9/()?# ]+", " ", text[:200].lower()).split())


def sums_up(name: str) -> bool:
    """Whether a row of counts is named as the sum of the others."""
    return (
        header_of(name) in _TABLE["total_rows"]
        or re.search(r"(?i)\b(?:total|overall|all)\b", name) is not None
    )


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column of a table of tests is what; None where there is none."""

    name: int
    status: int
    duration: int | None
    unit: str | None
    """Of bare numbers in the duration column: `s` or `ms`."""

    error: tuple[int, ...]
    file: int | None


def columns_of(table: Block, *, elsewhere: bool = False) -> Columns | None:
    """The columns of a table of tests; None where its rows are something else.

    Args:
        table: Header first.
        elsewhere: It stands under words for something else than tests, so that only one that says `test` is one.
    """
    headers = tuple(header_of(cell) for cell in table.rows[0].cells)
    body = table.rows[1:]
    if len(headers) > _MOST_COLUMNS:
        return None
    status = _status(headers, body)
    if status is None or not body:
        return None
    name = _name(headers, body, status, elsewhere=elsewhere)
    if name is None or name == status:
        return None
    duration = _first("duration", headers, {name, status})
    unit = None if duration is None else ("ms" if "ms" in headers[duration] else "s")
    taken = {name, status, *([] if duration is None else [duration])}
    error = tuple(
        at
        for word in _TABLE["error"]
        for at, header in enumerate(headers)
        if header == word and at not in taken
    )
    return Columns(name, status, duration, unit, error, _first("file", headers, taken))


def heads_tests(cells: tuple[str, ...]) -> bool:
    """Whether the cells head columns of a test's name and of its status."""
    headers = [header_of(cell.replace("_", " ")) for cell in cells]
    names = _TABLE["name"] + _TABLE["name_if_tested"]
    return any(
        headers[one] in names and headers[other] in _TABLE["status"]
        for one in range(len(headers))
        for other in range(len(headers))
        if one != other
    )


def _first(role: str, headers: tuple[str, ...], taken: set[int]) -> int | None:
    return next(
        (
            at
            for word in _TABLE[role]
            for at, header in enumerate(headers)
            if header == word and at not in taken
        ),
        None,
    )


def _cells(body: tuple[Row, ...], at: int) -> list[str]:
    return [row.cells[at] for row in body if at < len(row.cells)]


def _outcome(cell: str, *, asked: bool) -> Outcome | None:
    """The outcome of a cell; under "Passed?" a yes or no is one."""
    answer = cell.strip(" .!*`").lower() if asked else ""
    if answer in _TABLE["yes"]:
        return Outcome.PASSED
    return Outcome.FAILED if answer in _TABLE["no"] else of_cell(cell)


def _share(body: tuple[Row, ...], at: int, *, asked: bool = False) -> float:
    """How many of the column's cells state an outcome by word or mark."""
    cells = [cell for cell in _cells(body, at) if cell.strip().lower() not in _EMPTY - {"ok"}]
    if not cells:
        return 0.0
    return sum(_outcome(cell, asked=asked) is not None and _is_status(cell) for cell in cells) / len(cells)


def _is_status(cell: str) -> bool:
    """A status, not a sentence or a plain number that could be a count."""
    return of_mark(cell) is not None or (len(cell.split()) <= 6 and not cell.strip().isdigit())  # noqa: PLR2004 - words


def _status(headers: tuple[str, ...], body: tuple[Row, ...]) -> int | None:
    """The column that states outcomes: by its header, and by what stands in it."""
    named = [at for word in _TABLE["status"] for at, header in enumerate(headers) if header == word]
    unnamed = [at for at in range(len(headers)) if at not in named and at > 0]
    for at in named:
        if _share(body, at, asked=headers[at] in _TABLE["asked"]) >= 0.5:  # noqa: PLR2004 - half: a row or two may be pending
            return at
    # Another header ("Cycle 2", "✅/❌"): then every cell must state an outcome; of several the last try counts.
    return next((at for at in reversed(unnamed) if body and _share(body, at) == 1.0), None)


def _name(headers: tuple[str, ...], body: tuple[Row, ...], status: int, *, elsewhere: bool) -> int | None:
    """The column that names tests; None where the rows are something else than single tests."""
    for at in range(len(headers)):
        cells = [cell for cell in _cells(body, at) if cell]
        of_files = headers[at] in _TABLE["other"] and not any("::" in cell for cell in cells)
        if (
            at != status
            and not of_files
            and cells
            and 2 * sum(bool(identifiers_in(cell)) for cell in cells) > len(cells)
        ):
            return at
    if sum(header in _TABLE["count"] for at, header in enumerate(headers) if at != status) > 1:
        return None
    numbers = {
        at for at in range(len(headers)) if all(not re.search("[A-Za-z]", cell) for cell in _cells(body, at))
    }
    name = _first("name", headers, {status, *numbers})
    if name is not None and headers[name] == "test id":
        name = _first("name_if_tested", headers, {status}) or name
    if name is None and headers[0] not in _TABLE["other"] and not elsewhere:
        name = _first("name_if_tested", headers, {status})
        words = [cell for cell in _cells(body, status) if re.search(r"(?i)\b(?:pass|fail|skip)", cell)]
        if 2 * len(words) < len(body):
            return None
    return name


def claims_of(
    table: Block,
    document: Document,
    weight: Weight,
    inherited: Outcome | None = None,
    *,
    elsewhere: bool = False,
) -> tuple[tuple[Claim, ...], tuple[str, ...]]:
    """A claim for each row that names a test and states its outcome; a warning for each that names one only.

    Args:
        table: Header first.
        document: For warnings.
        weight: Of what a cell states.
        inherited: What the words above the table say of its tests, where no column does.
        elsewhere: The table stands under words for something else than tests.
    """
    columns = columns_of(table, elsewhere=elsewhere)
    if columns is None and inherited is not None:
        table = _with_status(table, inherited.value)
        columns = columns_of(table, elsewhere=True)
        columns = columns if columns is not None and _is_of_functions(table, columns) else None
    if columns is None:
        return (), ()
    claims, warnings = [], []
    of_functions = _is_of_functions(table, columns)
    close = _first("code", tuple(header_of(cell) for cell in table.rows[0].cells), {columns.name})
    for row in table.rows[1:]:
        cells = (*row.cells, *[""] * (len(table.rows[0].cells) - len(row.cells)))
        name, status = cells[columns.name], cells[columns.status]
        if not name or header_of(name) in _TABLE["total_rows"]:
            continue
        outcome = _outcome(status, asked=header_of(table.rows[0].cells[columns.status]) in _TABLE["asked"])
        if outcome is None:
            warnings.append(document.warning(row.line, f'no outcome in "{status[:60]}" of "{name[:80]}"'))
        elif identifiers_in(name) or (not of_functions and is_prose_name(_spelled(name))):
            claim = _claim(row.line, cells, columns, outcome, weight)
            bare = cells[close].strip() if close is not None else ""
            claims.append(replace(claim, codes=_closes(claim, bare) or claim.codes))
        else:
            warnings.append(document.warning(row.line, f'not read as a test: "{name[:80]}"'))
    return tuple(claims), tuple(warnings)


def _closes(claim: Claim, cell: str) -> tuple[int, ...]:
    """The codes in a cell of a column of close codes, of a failing test."""
    return codes_in(f"close code {cell}") if claim.outcome in {Outcome.FAILED, Outcome.ERROR} else ()


def _with_status(table: Block, outcome: str) -> Block:
    """The table with a column that says of each row what the words above it say of all."""
    head, *body = table.rows
    rows = (Row(head.line, (*head.cells, "status")), *(Row(row.line, (*row.cells, outcome)) for row in body))
    return replace(table, rows=rows)


def _is_of_functions(table: Block, columns: Columns) -> bool:
    """Whether most of the rows name a test's function."""
    names = _cells(table.rows[1:], columns.name)
    return 2 * sum(bool(identifiers_in(cell)) for cell in names) > len(table.rows) - 1


def _spelled(name: str) -> str:
    """The name without a leading number or mark."""
    return _ORDINAL.sub("", re.sub(r"^[^\w\[(]+", "", name)).strip()


def _claim(line: int, cells: tuple[str, ...], columns: Columns, outcome: Outcome, weight: Weight) -> Claim:
    found = identifiers_in(cells[columns.name])
    file = found[0].file if found else None
    if file is None and columns.file is not None:
        file = next(iter(files_in(cells[columns.file])), None)
    said = [cells[at] for at in columns.error if cells[at].strip().lower() not in _EMPTY]
    roles = {columns.name, columns.status, columns.duration, columns.file, *columns.error}
    other = [cell for at, cell in enumerate(cells) if at not in roles]
    status = without_status(cells[columns.status])
    bad = outcome in {Outcome.FAILED, Outcome.ERROR}
    return Claim(
        name=found[0].name if found else _spelled(cells[columns.name]),
        outcome=outcome,
        line=line,
        weight=weight,
        file=file,
        classes=found[0].classes if found else (),
        duration_s=None
        if columns.duration is None
        else duration_of(cells[columns.duration], bare_unit=columns.unit),
        error=((said or [status])[0][:_MOST_ERROR] or None) if bad else None,
        codes=codes_in(" · ".join((*said, cells[columns.status], *other))) if bad else (),
    )

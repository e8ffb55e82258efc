"""How many tests passed and failed, by the report's own count.

In: an outline and the tests read from it. Out: passed, failed, skipped, each None where it is not stated. Decides
which of several counts is the run's: that of the latest run, that which fits the rows, never "~17" or "30+".
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from rca.cycles.fields import Field, field_in, fields_of
from rca.cycles.names import identifiers_in
from rca.cycles.outline import Block, Form, Outline, Row
from rca.cycles.tables import header_of, sums_up
from rca.model import Outcome, Test


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts of tests (or of whatever the report counts)."""

    passed: int | None = None
    failed: int | None = None
    skipped: int | None = None


_KEYS = {
    "passed": re.compile(
        r"^(?:total |tests? )?(?:pass(?:ed|ing|es)?|successful|succeeded)(?: tests?| modules| cases| total| count)?$"
    ),
    "failed": re.compile(
        r"^(?:total |tests? )?(?:fail(?:ed|ing|ures?|s)?)(?: tests?| modules| cases| total| count)?$"
    ),
    "skipped": re.compile(r"^(?:total |tests? )?skip(?:ped|s)?(?: tests?| modules| cases| total| count)?$"),
    "total": re.compile(
        r"^(?:total |overall )?(?:tests?|total|test count|modules)(?: run| executed| collected| total| modules)?"
        r"(?: executed| run| collected)?$|^total(?: \w+)? tests?(?: \w+)?$|^total (?:test )?modules$"
    ),
}
_NUMBER = re.compile(r"^\W{0,8}(?P<number>\d{1,6})(?![\d+.:s%]|\s*/)(?:\s*/\s*\d+)?")
_OF = re.compile(r"^\W{0,8}(?P<number>\d{1,6})\s*/\s*(?P<total>\d{1,6})\b")
_NOT_EARLIER = re.compile(
    r"(?i)\b(?:previous|previously|before|initial|baseline|earlier|prior|expected|expect)\b|^was$"
)
_LATEST = re.compile(r"(?i)\b(?:latest|final|after|current|now|overall|total)\b")
_PAIR = re.compile(
    r"(?<![\d.~/])(?<!of )(?<!all )(?P<number>\d{1,6})\s+(?:tests? )?"
    r"(?P<kind>passed|failed|skipped|failures?|failing|passing)\b(?!\s+tests? (?:were|are))",
    re.IGNORECASE,
)
_FRACTION = re.compile(
    r"(?<![\d.~/])(?P<passed>\d{1,6})\s*/\s*(?P<total>\d{1,6})\s*"
    r"(?:\(\s*100 ?%[^)]{0,20}\)|(?:[\w-]+ ){0,3}(?:tests? )?(?:pass(?:ed|ing)\b|PASS\b|success))",
    re.IGNORECASE,
)
# "6 of 25 tests failed", "19 out of 25 passed"
_PART = re.compile(
    r"(?<![\d.~/])(?P<part>\d{1,6})\s+(?:out of|of)\s+(?:the |all )?(?P<total>\d{1,6})\s+(?:[\w-]+ ){0,4}?"
    r"(?P<kind>pass(?:ed|es|ing)?|succeed(?:ed)?|fail(?:ed|s|ing)?)\b",
    re.IGNORECASE,
)
_ALL = re.compile(
    r"\ball (?P<number>\d{1,6}) (?:[\w-]+ ){0,3}?tests? (?:have |are |now )?pass(?:ed|ing)?\b", re.IGNORECASE
)
# "passed=18 failed=7", "Passed: 18, Failed: 7": several counts in one line.
_KEYED = re.compile(
    r"\b(?P<kind>pass(?:ed|ing)?|fail(?:ed|ing|ures)?|skip(?:ped)?)\s*[:=]\s*(?P<number>\d{1,6})(?![\d.%/])",
    re.IGNORECASE,
)
_SINGLE = re.compile(
    r"^\W{0,8}(?P<number>\d{1,6})\s+(?:tests? )?(?P<kind>passed|failed|skipped|passing|failing)\W{0,4}$",
    re.IGNORECASE,
)
_RATE = re.compile(r"\b(?:pass|success)(?: |-)rate\b|^(?:result|score|test result)s?$")
_SHARE = re.compile(r"(?<![\d.~/])(?P<passed>\d{1,6})\s*/\s*(?P<total>\d{1,6})(?![\d/])")
_FAILURES = re.compile(r"(?i)^\s*(?:[\w-]+ ){0,2}(?:fail|skip|error)")
_MOST_COLUMNS = 40
_ROUGH = re.compile(r"~\s*\d|\d\s*\+(?!\d)|>\s*\d|\bapprox")


def of(outline: Outline, tests: tuple[Test, ...]) -> Totals:
    """The counts of the document's last run: stated as fields, in a line, as a fraction, else counted from the rows."""
    fields = list(fields_of(outline))
    stated = _fields(outline, fields) or _table(outline)
    if stated is not None:
        return stated
    counted = _counted(tests)
    lines = list(_lines(outline))
    if _is_rough(outline, fields):
        return Totals()
    if lines:
        return _chosen(lines, counted, tests)
    total = next((found for field in fields if (found := _of(field, "total")) is not None), None)
    # A list of some is a count of none, unless it tells of both endings: then the others did not end.
    if not tests or (total is not None and total > len(tests) and not (counted.passed and counted.failed)):
        return Totals()
    return counted


def _is_rough(outline: Outline, fields: list[Field]) -> bool:
    """Whether the report itself calls its counts approximate, in a field or in the sum of a table."""
    if any(
        _ROUGH.search(field.value) for field in fields if any(key.match(field.key) for key in _KEYS.values())
    ):
        return True
    counts = [block for block in outline.blocks if block.form is Form.TABLE and _count_columns(block)]
    return any(
        _ROUGH.search(row.cells[at])
        for block in counts
        for row in _sums(block)
        for at in _count_columns(block).values()
        if at < len(row.cells)
    )


def _counted(tests: Iterable[Test]) -> Totals:
    counts = Counter(test.outcome for test in tests)
    return Totals(
        counts[Outcome.PASSED], counts[Outcome.FAILED] + counts[Outcome.ERROR], counts[Outcome.SKIPPED]
    )


def _of(field: Field, kind: str) -> int | None:
    """The field's count, where it is one of that kind and exact."""
    if _KEYS[kind].match(field.key) is None or _ROUGH.search(field.value[:20]):
        return None
    match = _NUMBER.match(field.value) or (_OF.match(field.value) if kind != "total" else None)
    return int(match["number"]) if match else None


def _fields(outline: Outline, fields: list[Field]) -> Totals | None:
    """`Passed: 22` beside `Failed: 3`: the pair that stands together; of several the latest run's, else the first."""
    groups: list[dict[str, int]] = []
    near: list[tuple[int, str]] = []
    for field in fields:
        kind = next((kind for kind in _KEYS if _of(field, kind) is not None), None)
        if kind is None or _NOT_EARLIER.search(_heading(outline, field.index)):
            continue
        value = _of(field, kind) or 0
        # Fields of one group stand within a few lines of each other, each once.
        if not groups or field.line - near[-1][0] > 6 or kind in groups[-1]:  # noqa: PLR2004 - lines
            groups.append({})
        groups[-1][kind] = value
        near.append((field.line, _heading(outline, field.index)))
    pairs = [
        group
        for group in groups
        if {"passed", "failed"} <= group.keys() or {"passed", "total"} <= group.keys()
    ]
    if not pairs:
        return None
    first = pairs[0]
    failed = first.get("failed", first.get("total", 0) - first["passed"] - first.get("skipped", 0))
    return Totals(first["passed"], failed, first.get("skipped")) if failed >= 0 else None


def _heading(outline: Outline, index: int) -> str:
    headings = outline.blocks[index].headings
    return outline.blocks[headings[-1]].text if headings else ""


def _table(outline: Outline) -> Totals | None:
    """A table of counts with one row, or one named total."""
    for block in outline.blocks:
        if block.form is not Form.TABLE:
            continue
        at, sums = _count_columns(block), _sums(block)
        if {"passed", "failed"} <= at.keys() and sums:
            cells = sums[0].cells
            numbers = {kind: int(cells[n]) for kind, n in at.items() if n < len(cells) and cells[n].isdigit()}
            if {"passed", "failed"} <= numbers.keys():
                return Totals(numbers["passed"], numbers["failed"], numbers.get("skipped"))
    return None


def _count_columns(table: Block) -> dict[str, int]:
    """The columns of a table that hold counts of tests, by what they count."""
    headers = [header_of(cell) for cell in table.rows[0].cells[:_MOST_COLUMNS]]
    return {
        kind: n
        for kind in ("passed", "failed", "skipped")
        for n, head in enumerate(headers)
        if _KEYS[kind].match(head)
    }


def _sums(table: Block) -> list[Row]:
    """The rows that sum up a table of counts: those named so, or its only one."""
    rows = table.rows[1:]
    named = [row for row in rows if row.cells and sums_up(row.cells[0])]
    return named or (list(rows) if len(rows) == 1 else [])


@dataclass(frozen=True, slots=True)
class _Said:
    totals: Totals
    latest: bool


def _lines(outline: Outline) -> Iterable[_Said]:
    """Counts stated within one line: "Results: 3 PASSED, 1 FAILED", "3/5 tests passing"."""
    single: dict[str, int] = {}
    for block in outline.blocks:
        text = block.text[:1000]
        told, single = single, _singles(single, text)
        if {"pass", "fail"} <= single.keys() and not {"pass", "fail"} <= told.keys():
            yield _Said(Totals(single["pass"], single["fail"], single.get("skip")), latest=False)
        if block.form is Form.TABLE or _ROUGH.search(text) or _earlier(outline, block, text):
            continue
        latest = bool(_LATEST.search(text.split(":")[0]) or _LATEST.search(_above(outline, block)))
        totals = _stated(text)
        if totals is not None:
            yield _Said(totals, latest)


def _singles(before: dict[str, int], text: str) -> dict[str, int]:
    """Counts that stand in lines of their own, one below the other: "✅ 12 passed", "❌ 3 failed"."""
    one = _SINGLE.match(text)
    return {} if one is None else {**before, one["kind"].lower()[:4]: int(one["number"])}


def _stated(text: str) -> Totals | None:
    """The counts that one line states."""
    pair = field_in(text)
    # "Modules: 10 total, 8 passed, 2 failed" counts what the report counts; a line on one module counts its tests.
    of_module = "module" in text.lower() and not (pair and "module" in pair[0])
    for pattern in (_PAIR, _KEYED):
        pairs = {match["kind"].lower()[:4]: int(match["number"]) for match in pattern.finditer(text)}
        if {"pass", "fail"} <= pairs.keys() and not of_module:
            return Totals(pairs["pass"], pairs["fail"], pairs.get("skip"))
    if (share := _PART.search(text)) is not None:
        part, total = int(share["part"]), int(share["total"])
        failed = part if share["kind"].lower().startswith("fail") else total - part
        return Totals(total - failed, failed) if 0 <= failed <= total > 0 else None
    if (whole := _ALL.search(text)) is not None and not identifiers_in(text):
        return Totals(int(whole["number"]), 0)
    if (fraction := _FRACTION.search(text) or _rate(text)) is not None:
        passed, total = int(fraction["passed"]), int(fraction["total"])
        return Totals(passed, total - passed) if 0 < total >= passed else None
    return None


def _rate(text: str) -> re.Match[str] | None:
    """The first `N/M` of a field named after the share of passing tests."""
    pair = field_in(text)
    if pair is None or _RATE.search(pair[0]) is None:
        return None
    share = _SHARE.search(pair[1][:200])
    return None if share is None or _FAILURES.match(pair[1][share.end() :]) else share


def _above(outline: Outline, block: Block) -> str:
    lead = "" if block.lead is None else outline.blocks[block.lead].text
    lead = lead if lead.rstrip(" *").endswith(":") else ""  # else it is a statement of its own
    return " ".join([lead, *(outline.blocks[at].text for at in block.headings[-1:] if at > 0)])


def _earlier(outline: Outline, block: Block, text: str) -> bool:
    pair = field_in(text)
    return bool(_NOT_EARLIER.search(pair[0] if pair else "") or _NOT_EARLIER.search(_above(outline, block)))


def _chosen(lines: list[_Said], counted: Totals, tests: tuple[Test, ...]) -> Totals:
    """The statement that fits the rows; else the latest run's; else the only one; else nothing."""
    distinct = list(dict.fromkeys(said.totals for said in lines))
    # Counts of several groups are summed, whether or not two groups came out alike.
    sums = [
        Totals(sum(one.passed or 0 for one in group), sum(one.failed or 0 for one in group))
        for group in (distinct, [said.totals for said in lines])
    ]
    for candidate in (*distinct, *sums):
        if tests and (candidate.passed, candidate.failed) == (counted.passed, counted.failed):
            return Totals(candidate.passed, candidate.failed, candidate.skipped or counted.skipped or None)
    latest = [said.totals for said in lines if said.latest]
    if latest:
        return latest[-1]
    largest = max(distinct, key=lambda said: (said.passed or 0) + (said.failed or 0))
    if tests and (largest.passed or 0) + (largest.failed or 0) + (largest.skipped or 0) < len(tests):
        return counted  # a statement of one group of tests
    covers = (largest.passed or 0) + (largest.failed or 0) >= len(tests) > 0
    return largest if len(distinct) == 1 or (covers and distinct[0] == largest) else Totals()

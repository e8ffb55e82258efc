"""What the project's own pytest plugin recorded: cycle-N.json, the most exact source of a cycle.

In: a document. Out: a `Cycle` whose tests carry exact times, the closes they saw and their trace ids. Decides what
counts of a test that was tried several times (its last try), and that a close seen in the exception's chain is told
together with the exception: the two explain one ending.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from rca.cycles.claims import Claim, Weight, test_of, unique_names
from rca.cycles.document import Document
from rca.cycles.json_keys import text_or_none
from rca.cycles.results_json import mapping, parsed
from rca.cycles.times import day_in, instant_in
from rca.errors import CycleError
from rca.model import Cycle, Outcome, Test

SCHEMA = "rca.cycle/1"
"""What `rca.pytest_plugin.recorder` writes."""

_TRACE_ID = re.compile(r"(?!0{32})[0-9a-f]{32}")
_CODES = range(1000, 5000)
_MOST_IDS = 100
_OUTCOMES = {outcome.value: outcome for outcome in Outcome}


@dataclass(frozen=True, slots=True)
class _Row:
    """One test of the file."""

    claim: Claim
    start: datetime | None = None
    trace_ids: tuple[str, ...] = ()


class RecordedReader:
    """Reads what `pytest --rca-cycle N` wrote."""

    def read(self, document: Document) -> Cycle | None:
        """The cycle that was recorded; None where the document is something else."""
        top = mapping(parsed(document))
        schema = top.get("schema")
        if not isinstance(schema, str) or not schema.startswith("rca.cycle/"):
            return None
        if schema != SCHEMA:
            raise CycleError(
                f'"{document.name}" is a recording of the form "{schema[:40]}", and only "{SCHEMA}" is known here',
                "read it with the version of rca that recorded it, or a newer one",
            )
        return _cycle(top, document)


def _cycle(top: Mapping[str, Any], document: Document) -> Cycle:
    warnings: list[str] = []
    rows = [*_tests(top, document, warnings), *_uncollected(top, document)]
    names = unique_names(tuple((row.claim.name, None, row.claim.classes) for row in rows))
    tests = tuple(_test(row, name, document) for row, name in zip(rows, names, strict=True))
    why = text_or_none(top.get("interrupted"))
    collected = _count(top.get("collected"))
    if why is not None:
        of = f" of {collected}" if collected is not None else ""
        warnings.append(
            document.warning(None, f"the run broke off ({why}): {len(rows)}{of} tests have a result")
        )
    if not tests:
        warnings.append(document.warning(None, "no test results found"))
    outcomes = [test.outcome for test in tests]
    begun = text_or_none(top.get("started_at"))
    return Cycle(
        number=_count(top.get("number")),
        tests=tests,
        sources=(document.name,),
        date=day_in(text_or_none(top.get("date")) or begun or ""),
        environment=text_or_none(top.get("environment")),
        target=text_or_none(top.get("target")),
        revision=text_or_none(top.get("revision")),
        passed=outcomes.count(Outcome.PASSED),
        failed=outcomes.count(Outcome.FAILED) + outcomes.count(Outcome.ERROR),
        skipped=outcomes.count(Outcome.SKIPPED),
        run_time_text=begun,
        run_start=_instant(begun),
        warnings=(*document.warnings, *warnings),
    )


def _objects(value: object) -> list[Mapping[str, Any]]:
    return [mapping(item) for item in value] if isinstance(value, list) else []


def _lined(top: Mapping[str, Any], key: str, document: Document) -> list[tuple[Mapping[str, Any], int]]:
    """The objects of a list, each with the line of its node id; 0 where the file was written anew, on fewer lines."""
    sizes = {name: len(_objects(top.get(name))) for name in ("collection_errors", "tests")}
    lines = [n for n, line in enumerate(document.text.split("\n"), 1) if line.startswith('   "node_id":')]
    rows = _objects(top.get(key))
    if len(lines) != sum(sizes.values()):
        return [(row, 0) for row in rows]
    first = 0 if key == "collection_errors" else sizes["collection_errors"]
    return list(zip(rows, lines[first : first + len(rows)], strict=True))


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 31 else None


def _instant(text: str | None) -> datetime | None:
    """The instant in UTC; None where it is none, or names no zone."""
    moment, zoned = instant_in(text)
    return moment if zoned else None


def _tests(top: Mapping[str, Any], document: Document, warnings: list[str]) -> list[_Row]:
    found = []
    for number, (row, line) in enumerate(_lined(top, "tests", document), 1):
        read = _row(row, line)
        if read is None:
            warnings.append(document.warning(line, f"test {number} has no node id or no known outcome"))
            continue
        found.append(read)
        if read.start is None:
            warnings.append(document.warning(line, f"{read.claim.name} has no start that can be read"))
        if row.get("interrupted") is True:
            warnings.append(
                document.warning(line, f"{read.claim.name} was cut off: the run broke off or its worker died")
            )
    return found


def _row(row: Mapping[str, Any], line: int) -> _Row | None:
    node_id, outcome = text_or_none(row.get("node_id")), _OUTCOMES.get(str(row.get("outcome")))
    if node_id is None or outcome is None:
        return None
    name, classes = _named(node_id)
    endings = _objects(row.get("endings"))
    start, end = (_instant(text_or_none(row.get(key))) for key in ("started_at", "ended_at"))
    lasted = (end - start).total_seconds() if start and end else -1.0
    codes = [code for ending in endings if (code := _count(ending.get("code"))) in _CODES and code]
    claim = Claim(
        name=name,
        outcome=outcome,
        line=line,
        weight=Weight.PRINTED,
        classes=classes,
        duration_s=lasted if lasted >= 0 else None,
        error=_error(row, endings),
        codes=tuple(dict.fromkeys(codes)),
        retried=row.get("flaky") is True,
    )
    ids = row.get("trace_ids")
    traces = [one for one in ids if isinstance(one, str)] if isinstance(ids, list) else []
    known = dict.fromkeys(one for one in traces[:_MOST_IDS] if _TRACE_ID.fullmatch(one))
    return _Row(claim, start, tuple(known))


def _named(node_id: str) -> tuple[str, tuple[str, ...]]:
    """The function with its parameters, and where it stands, spelled as JUnit XML spells it: `tests.test_ws.TestA`."""
    bare, bracket, parameters = node_id.partition("[")
    path, *inner = bare.split("::")
    dotted = path.removesuffix(".py").replace("\\", "/").replace("/", ".")
    if not inner:
        return dotted + bracket + parameters, ()
    *classes, function = inner
    return function + bracket + parameters, (".".join((dotted, *classes)),)


def _error(row: Mapping[str, Any], endings: list[Mapping[str, Any]]) -> str | None:
    """The test's error; where an exception before it told of the connection's end, with that exception's line."""
    error = text_or_none(row.get("error"))
    ending = next((said for one in endings if (said := text_or_none(one.get("exception")))), None)
    if error is None or ending is None or ending in error:
        return error or ending
    return f"{error} (from {ending})"


def _uncollected(top: Mapping[str, Any], document: Document) -> list[_Row]:
    """Files whose tests never ran, as one error each: JUnit XML tells of them so."""
    rows = []
    for row, line in _lined(top, "collection_errors", document):
        node_id = text_or_none(row.get("node_id"))
        if node_id is not None:
            name, classes = _named(node_id)
            error = text_or_none(row.get("error")) or "cannot be collected"
            rows.append(_Row(Claim(name, Outcome.ERROR, line, Weight.PRINTED, classes=classes, error=error)))
    return rows


def _test(row: _Row, name: str, document: Document) -> Test:
    return replace(
        test_of(row.claim, name, document),
        ref=document.ref(row.claim.line or None),
        started_at=row.start,
        start_exact=row.start is not None,
        trace_ids=row.trace_ids,
    )

"""Results in JSON as scripts write them.

In: a document. Out: a `Cycle`. Decides which of its lists is one of tests: its objects have a name and an outcome
(or a `success`), and which keys mean what; a log export or a report of ours is none.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import orjson

from rca.cycles.claims import Claim, Weight, last_line, tests_of
from rca.cycles.close_codes import codes_in
from rca.cycles.document import Document
from rca.cycles.outcomes import of_cell
from rca.cycles.times import day_in, start_of
from rca.errors import CycleError
from rca.model import Cycle, Outcome, Test

_NAME = ("test_name", "name", "nodeid", "node_id", "test", "title", "fullName", "test_id", "id")
_OUTCOME = ("outcome", "status", "result", "state", "success", "passed", "ok", "healthy")
_DURATION = (("duration_s", 1.0), ("duration_seconds", 1.0), ("duration", 1.0), ("elapsed", 1.0),
             ("execution_time", 1.0), ("time", 1.0), ("duration_ms", 0.001), ("response_time_ms", 0.001))  # fmt: skip
_ERROR = ("error", "error_message", "message", "failure", "exception", "reason", "longrepr")
_START = ("started_at", "start", "start_time", "startTime", "timestamp")
_LISTS = (
    "tests",
    "test_results",
    "results",
    "testResults",
    "test_cases",
    "testcases",
    "cases",
    "suites",
    "specs",
)
# An object under such a key may hold tests by name; the services of a health check's answer are none.
_ROWS = re.compile(r"(?i)tests?(?:_|$)|results?$|checks?$|validation$|probes?$")
_DEEPEST = 6


def parsed(document: Document) -> object:
    """The document as JSON; None where it is none.

    Raises:
        CycleError: it opens as JSON and is named so, but breaks off.
    """
    if document.text.lstrip()[:1] not in {"{", "["}:
        return None
    try:
        value: object = orjson.loads(document.text.lstrip("\ufeff"))
    except orjson.JSONDecodeError as error:
        if document.name.lower().endswith(".json"):
            raise CycleError(
                f'"{document.name}" is broken JSON: {error}', "was the run killed while writing it?"
            ) from error
        return None
    return value


def mapping(value: object) -> Mapping[str, Any]:
    """The value where it is an object; an empty one where it is anything else."""
    return value if isinstance(value, Mapping) else {}


def text_or_none(value: object) -> str | None:
    """The value where it is a string that says something."""
    return value.strip()[:2000] if isinstance(value, str) and value.strip() else None


class ResultsJsonReader:
    """Reads JSON with a list of test results somewhere in it."""

    def read(self, document: Document) -> Cycle | None:
        """The cycle; None where the document is no JSON, a log export, or a report of `rca` itself."""
        value = parsed(document)
        top = mapping(value)
        if value is None or str(top.get("schema", "")).startswith("rca.report"):
            return None
        rows = next((rows for rows in _lists(value, 0) if _is_tests(rows)), None)
        if rows is None:
            return None
        claims, starts, warnings = [], [], []
        for number, row in enumerate(rows, 1):
            claim = _claim(mapping(row))
            if claim is None:
                warnings.append(document.warning(None, f"result {number} has no name or no outcome"))
            else:
                claims.append(claim)
                starts.append(_start(mapping(row)))
        tests, contradictions = tests_of(claims, document)
        tests = _timed(tests, claims, starts)
        facts = {str(key).lower(): item for key, item in _facts(top, 0)}
        return _cycle(document, tests, facts, (*document.warnings, *warnings, *contradictions))


def _lists(value: object, depth: int, *, named: bool = False) -> Iterator[list[Any]]:
    """Lists in the document, those under telling keys first, outer before inner."""
    if isinstance(value, list):
        yield value
    elif named and isinstance(value, Mapping):
        # {"test_a": {"success": true}, …}: the same list, with the names as keys.
        yield [{"name": name, **_row(item)} for name, item in value.items()]
    if depth >= _DEEPEST or not isinstance(value, Mapping):
        return
    keys = sorted(value, key=lambda key: _LISTS.index(key) if key in _LISTS else len(_LISTS))
    for key in keys:
        yield from _lists(value[key], depth + 1, named=_ROWS.search(key) is not None)


def _row(item: object) -> Mapping[str, Any]:
    """A named value as a row: an object as it is, a word such as "passed" as an outcome."""
    return item if isinstance(item, Mapping) else {"outcome": item if isinstance(item, str) else None}


def _facts(top: Mapping[str, Any], depth: int) -> Iterator[tuple[str, object]]:
    """Scalar values of the document outside of its lists, inner first so that outer ones win."""
    for key, value in top.items():
        if isinstance(value, Mapping) and depth < 2 and key not in {"tests", "details"}:  # noqa: PLR2004 - levels
            yield from _facts(value, depth + 1)
    yield from ((key, value) for key, value in top.items() if not isinstance(value, (Mapping, list)))


def _is_tests(rows: list[Any]) -> bool:
    """Whether most of the objects name a test and its outcome; log entries have an insertId or a severity."""
    objects = [row for row in rows if isinstance(row, Mapping)]
    if not objects or any(
        {"insertId", "logName", "severity", "insert_id"} & row.keys() for row in objects[:5]
    ):
        return False
    return 2 * sum(_claim(row) is not None for row in objects) > len(rows)


def _claim(row: Mapping[str, Any]) -> Claim | None:
    name = next((text for key in _NAME if (text := text_or_none(row.get(key))) is not None), None)
    outcome = next(
        (found for key in _OUTCOME if key in row and (found := _outcome(row[key])) is not None), None
    )
    if name is None or outcome is None:
        return None
    bare, bracket, param = name.partition("[")
    parts = bare.split("::")
    said = next((row[key] for key in _ERROR if row.get(key)), None)
    said = mapping(said).get("message", said) if isinstance(said, Mapping) else said
    error = last_line(said) if isinstance(said, str) else None
    bad = outcome in {Outcome.FAILED, Outcome.ERROR}
    code = row.get("close_code")
    stated = (code,) if isinstance(code, int) and not isinstance(code, bool) else ()
    return Claim(
        name=(parts[-1] if ".py" in parts[0] else bare) + bracket + param,
        outcome=outcome,
        line=0,
        weight=Weight.PRINTED,
        file=parts[0].replace("\\", "/").split("/")[-1] if len(parts) > 1 and ".py" in parts[0] else None,
        classes=tuple(parts[1:-1]) if ".py" in parts[0] else (),
        duration_s=_duration(row),
        error=error if bad else None,
        codes=tuple(dict.fromkeys((*stated, *codes_in(error)))) if bad else (),
        retried=row.get("flaky") is True,
    )


def _outcome(value: object) -> Outcome | None:
    if isinstance(value, bool):
        return Outcome.PASSED if value else Outcome.FAILED
    return of_cell(value) if isinstance(value, str) and len(value) < 40 else None  # noqa: PLR2004 - a word or two


def _duration(row: Mapping[str, Any]) -> float | None:
    for key, unit in _DURATION:
        value = row.get(key)
        if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < 1e9:  # noqa: PLR2004 - finite
            return round(value * unit, 9)
    return None


def _start(row: Mapping[str, Any]) -> tuple[datetime | None, bool]:
    """The start in UTC and whether a zone was stated."""
    text = next((text for key in _START if (text := text_or_none(row.get(key))) is not None), None)
    try:
        moment = datetime.fromisoformat(text or "")
        return (moment.astimezone(UTC), True) if moment.tzinfo else (moment.replace(tzinfo=UTC), False)
    except (ValueError, OverflowError):
        return None, False


def _timed(
    tests: tuple[Test, ...], claims: list[Claim], starts: list[tuple[datetime | None, bool]]
) -> tuple[Test, ...]:
    """The tests with their starts, where no test was told twice (else which start is whose is not known)."""
    if len(tests) != len(claims):
        return tests
    return tuple(
        replace(test, started_at=start, start_exact=zoned)
        for test, (start, zoned) in zip(tests, starts, strict=True)
    )


def _cycle(
    document: Document, tests: tuple[Test, ...], facts: Mapping[str, object], warnings: tuple[str, ...]
) -> Cycle:
    text = _first(
        facts, "run_time_text", "run_start_utc", "started_at", "start_time", "timestamp", "generated", "date"
    )
    start, _ = start_of(text, None)
    if any(test.started_at for test in tests) and not all(
        test.start_exact for test in tests if test.started_at
    ):
        warnings = (*warnings, document.warning(None, "times name no zone: read as if they were UTC"))
    outcomes = [test.outcome for test in tests]
    numbers = [_int(facts.get(key)) for key in ("cycle", "number", "cycle_number", "iteration")]
    return Cycle(
        number=next(iter(number for number in numbers if number is not None), None),
        tests=tests,
        sources=(document.name,),
        date=_day(facts) or (day_in(text) if text else None),
        environment=text_or_none(facts.get("environment") or facts.get("env")),
        target=_first(facts, "target", "base_url", "url", "target_url", "backend_url"),
        revision=text_or_none(facts.get("revision")),
        passed=outcomes.count(Outcome.PASSED),
        failed=outcomes.count(Outcome.FAILED) + outcomes.count(Outcome.ERROR),
        skipped=outcomes.count(Outcome.SKIPPED),
        run_time_text=text if text and ":" in text else None,
        run_start=start,
        warnings=warnings,
    )


def _first(facts: Mapping[str, object], *keys: str) -> str | None:
    """The first of the keys that holds words."""
    return next((text for key in keys if (text := text_or_none(facts.get(key))) is not None), None)


def _int(value: object) -> int | None:
    if isinstance(value, str) and value.isdigit():
        return int(value[:6])
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _day(facts: Mapping[str, object]) -> date | None:
    text = text_or_none(facts.get("date"))
    return day_in(text) if text else None

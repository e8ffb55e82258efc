"""Results in JSON as scripts write them.

In: a document. Out: a `Cycle`. Decides what the document as a whole states: its number, date, place and totals; where
its tests stand is `rca.cycles.json_rows`'s, what their keys mean `rca.cycles.json_keys`'s.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import orjson

from rca.cycles import json_keys
from rca.cycles.claims import Claim, Weight, tests_of
from rca.cycles.close_codes import codes_in
from rca.cycles.document import Document
from rca.cycles.json_keys import text_or_none
from rca.cycles.json_rows import Row, facts_of, rows_of
from rca.cycles.times import day_in, instant_of, start_of
from rca.errors import CycleError
from rca.model import Cycle, Outcome, Test

_TIMES = ("run_time_text", "run_start_utc", "started_at", "started", "start_time", "start", "timestamp", "created_at",
          "created", "generated", "generated_at", "executed_at", "run_at", "run_time", "test_time",
          "execution_time", "validation_time", "checked_at", "date", "finished_at", "completed_at", "time")  # fmt: skip
_TARGETS = ("target", "base_url", "target_url", "backend_url", "service_url", "url")
_PASSED = (
    "passed",
    "passed_tests",
    "tests_passed",
    "total_passed",
    "num_passed",
    "num_passed_tests",
    "passes",
    "pass_count",
    "passed_count",
)
_FAILED = (
    "failed",
    "failed_tests",
    "tests_failed",
    "total_failed",
    "num_failed",
    "num_failed_tests",
    "failures",
    "fail_count",
    "failed_count",
)


def parsed(document: Document) -> object:
    """The document as JSON; None where it is none, or many of them, a line each, as logs are.

    Raises:
        CycleError: it opens as JSON and is named so, but breaks off.
    """
    if document.text.lstrip("\ufeff \t\r\n")[:1] not in {"{", "["}:
        return None
    try:
        value: object = orjson.loads(document.text.lstrip("\ufeff"))
    except orjson.JSONDecodeError as error:
        if document.name.lower().endswith(".json") and not _stands_alone(document.text):
            raise CycleError(
                f'"{document.name}" is broken JSON: {error}', "was the run killed while writing it?"
            ) from error
        return None
    return value


def _stands_alone(text: str) -> bool:
    """Whether the first line is JSON by itself: whatever follows, the document is not one that breaks off."""
    try:
        orjson.loads(text.lstrip("\ufeff \t\n").partition("\n")[0])
    except orjson.JSONDecodeError:
        return False
    return True


def mapping(value: object) -> Mapping[str, Any]:
    """The value where it is an object; an empty one where it is anything else."""
    return value if isinstance(value, Mapping) else {}


class ResultsJsonReader:
    """Reads JSON with test results somewhere in it."""

    def read(self, document: Document) -> Cycle | None:
        """The cycle; None where the document is no JSON, a log export, or a report of `rca` itself."""
        value = parsed(document)
        top = mapping(value)
        if value is None or str(top.get("schema", "")).startswith("rca.report"):
            return None
        rows = rows_of(value)
        if not rows:
            return None
        facts = dict(facts_of(top))
        # Source: jest's and vitest's JSON reporters, whose durations are milliseconds.
        unit = 0.001 if "num_total_tests" in facts else 1.0
        claims, starts, warnings = [], [], []
        for number, row in enumerate(rows, 1):
            plain = json_keys.plain_row(row.value)
            claim = _claim(plain, row, unit)
            if claim is None:
                warnings.append(document.warning(None, f"result {number} has no name or no outcome"))
            else:
                claims.append(claim)
                starts.append(json_keys.start_of(plain))
        told = tests_of(claims, document)
        tests = _timed(told.tests, claims, starts)
        cycle = _cycle(document, tests, facts, (*document.warnings, *warnings, *told.warnings))
        return replace(cycle, earlier=told.earlier)


def _claim(plain: Mapping[str, Any], row: Row, unit: float) -> Claim | None:
    name, outcome = json_keys.name_of(plain), json_keys.outcome_of(plain)
    if name is None or outcome is None:
        return None
    bare, bracket, param = name.partition("[")
    parts = bare.split("::")
    error = json_keys.error_of(plain)
    bad = outcome in {Outcome.FAILED, Outcome.ERROR}
    return Claim(
        name=(parts[-1] if ".py" in parts[0] else bare) + bracket + param,
        outcome=outcome,
        line=0,
        weight=Weight.EARLIER if row.earlier or plain.get("run") == "earlier" else Weight.PRINTED,
        file=parts[0].replace("\\", "/").split("/")[-1] if len(parts) > 1 and ".py" in parts[0] else None,
        classes=tuple(parts[1:-1]) if ".py" in parts[0] else (),
        duration_s=json_keys.duration_of(plain, bare_unit=unit),
        error=error if bad else None,
        codes=tuple(dict.fromkeys((*json_keys.codes_of(plain), *codes_in(error)))) if bad else (),
        retried=plain.get("flaky") is True,
    )


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
    text, moment = _first(facts, *_TIMES), None
    if text is None and (key := next((key for key in _TIMES if instant_of(facts.get(key))), None)):
        text, moment = str(facts[key]), instant_of(facts[key])
    start = moment or start_of(text, None)[0]
    if any(test.started_at for test in tests) and not all(
        test.start_exact for test in tests if test.started_at
    ):
        warnings = (*warnings, document.warning(None, "times name no zone: read as if they were UTC"))
    passed, failed = _totals(tests, facts)
    numbers = [_int(facts.get(key)) for key in ("cycle", "number", "cycle_number", "iteration", "round")]
    return Cycle(
        number=next(iter(number for number in numbers if number is not None), None),
        tests=tests,
        sources=(document.name,),
        date=_day(facts) or (moment.date() if moment else day_in(text) if text else None),
        environment=text_or_none(facts.get("environment") or facts.get("env")),
        target=_first(facts, *_TARGETS),
        revision=text_or_none(facts.get("revision")),
        passed=passed,
        failed=failed,
        skipped=[test.outcome for test in tests].count(Outcome.SKIPPED),
        run_time_text=text if text and (moment or ":" in text) else None,
        run_start=start,
        warnings=warnings,
    )


def _totals(tests: tuple[Test, ...], facts: Mapping[str, object]) -> tuple[int, int]:
    """Counted from the rows; where they are a selection of more tests, as the document states them."""
    passed = sum(test.outcome is Outcome.PASSED for test in tests)
    failed = sum(test.failed for test in tests)
    stated = [
        next((number for key in keys if (number := _int(facts.get(key))) is not None), None)
        for keys in (_PASSED, _FAILED)
    ]
    if stated[0] is not None and stated[1] is not None and sum(filter(None, stated)) > passed + failed:
        return stated[0], stated[1]
    return passed, failed


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

"""pytest-json-report's JSON.

In: a document. Out: a `Cycle`. Decides a test's duration (its call phase, else its set-up) and the run's start
(`created` is the moment the report was written, `duration` earlier it began).

Source: https://github.com/numirias/pytest-json-report#format
"""

from collections.abc import Mapping
from typing import Any

from rca.cycles.claims import Claim, Weight, last_line, tests_of
from rca.cycles.close_codes import codes_in
from rca.cycles.document import Document
from rca.cycles.json_keys import text_or_none
from rca.cycles.results_json import mapping, parsed
from rca.cycles.times import instant_of
from rca.model import Cycle, Outcome

_OUTCOMES = {
    "passed": Outcome.PASSED,
    "failed": Outcome.FAILED,
    "error": Outcome.ERROR,
    "skipped": Outcome.SKIPPED,
    "xfailed": Outcome.SKIPPED,
    "xpassed": Outcome.PASSED,
}


class PytestJsonReader:
    """Reads pytest-json-report's JSON."""

    def read(self, document: Document) -> Cycle | None:
        """The cycle of the report; None where the document is another JSON, or none."""
        report = parsed(document)
        if not isinstance(report, Mapping) or not {"exitcode", "summary"} <= report.keys():
            return None
        summary = mapping(report.get("summary"))
        rows = report.get("tests")
        claims, warnings = [], []
        for number, row in enumerate(rows if isinstance(rows, list) else (), 1):
            claim = _claim(mapping(row))
            if claim is None:
                warnings.append(document.warning(None, f"test {number} has no nodeid or no known outcome"))
            else:
                claims.append(claim)
        told = tests_of(claims, document)
        tests, contradictions = told.tests, told.warnings
        if not tests:
            warnings.append(document.warning(None, "no test results found"))
        created, duration = _number(report.get("created")), _number(report.get("duration"))
        start = None if created is None else instant_of(created - (duration or 0.0))
        environment = mapping(report.get("environment"))
        return Cycle(
            number=None,
            tests=tests,
            sources=(document.name,),
            date=None if start is None else start.date(),
            environment=text_or_none(environment.get("environment") or environment.get("ENVIRONMENT")),
            target=text_or_none(environment.get("Base URL")),
            passed=_count(summary, "passed", "xpassed"),
            failed=_count(summary, "failed"),
            skipped=_count(summary, "skipped", "xfailed"),
            run_time_text=None if created is None else str(report["created"]),
            run_start=start,
            warnings=(*document.warnings, *warnings, *contradictions),
        )


def _count(summary: Mapping[str, Any], *keys: str) -> int:
    """Absent keys are zero: the plugin leaves them out."""
    return sum(value for key in keys if isinstance(value := summary.get(key), int))


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _claim(row: Mapping[str, Any]) -> Claim | None:
    node, outcome = text_or_none(row.get("nodeid")), _OUTCOMES.get(str(row.get("outcome")))
    if node is None or outcome is None:
        return None
    bare, bracket, param = node.partition("[")
    path, *classes = bare.split("::")
    name = classes.pop() if classes else path
    phases = [mapping(row.get(phase)) for phase in ("call", "setup", "teardown")]
    bad = [phase for phase in phases if str(phase.get("outcome")) in {"failed", "error"}]
    crash = mapping(bad[0].get("crash")) if bad else {}
    longrepr = str(bad[0].get("longrepr") or "") if bad else ""
    error = last_line(text_or_none(crash.get("message"))) or last_line(longrepr)
    duration = next(
        (value for phase in phases[:2] if (value := _number(phase.get("duration"))) is not None), None
    )
    return Claim(
        name=name + bracket + param,
        outcome=outcome,
        line=0,
        weight=Weight.PRINTED,
        file=path.replace("\\", "/").split("/")[-1],
        classes=tuple(classes),
        duration_s=duration,
        error=error,
        codes=codes_in(error),
    )

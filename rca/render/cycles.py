"""Cycles as JSON and as a table for a terminal: what `rca cycles` prints.

In: cycles. Out: text. Decides the keys and the columns; states nothing that was not read.
"""

from collections.abc import Iterable

from rca.model import Cycle, Test
from rca.render.json import indented

_NAME_WIDTH = 60


def as_json(cycles: Iterable[Cycle]) -> str:
    """An array with one object a cycle, as design.md states it; times RFC 3339 UTC, durations in seconds."""
    return indented([_cycle(cycle) for cycle in cycles])


def _cycle(cycle: Cycle) -> dict[str, object]:
    return {
        "number": cycle.number,
        "date": cycle.date,
        "environment": cycle.environment,
        "target": cycle.target,
        "revision": cycle.revision,
        "passed": cycle.passed,
        "failed": cycle.failed,
        "skipped": cycle.skipped,
        "run_time_text": cycle.run_time_text,
        "run_start_utc": cycle.run_start,
        "tests": [
            {**_test(number, test), "run": "last" if number <= len(cycle.tests) else "earlier"}
            for number, test in enumerate((*cycle.tests, *cycle.earlier), 1)
        ],
        "close_codes": list(cycle.close_codes),
        "impact": cycle.impact,
        "questions": list(cycle.questions),
        "checklist": [{"text": item.text, "done": item.done} for item in cycle.checklist],
        "sources": list(cycle.sources),
        "warnings": list(cycle.warnings),
    }


def _test(number: int, test: Test) -> dict[str, object]:
    return {
        "id": f"T{number}",
        "name": test.name,
        "title": test.title,
        "kind": test.kind.value,
        "outcome": test.outcome.value,
        "flaky": test.flaky,
        "started_at": test.started_at,
        "duration_s": test.duration_s,
        "error": test.error,
        "close_code": test.close_code,
    }


def as_text(cycles: Iterable[Cycle]) -> str:
    """A compact plain table: each cycle, its tests with file and line, its warnings."""
    parts = [_block(cycle) for cycle in cycles]
    return "\n".join(parts) if parts else "no cycles found\n"


def _block(cycle: Cycle) -> str:
    number = "cycle ?" if cycle.number is None else f"cycle {cycle.number}"
    counts = [f"{count} {word}" for count, word in _counts(cycle) if count is not None]
    facts = [
        str(cycle.date) if cycle.date else "no date",
        cycle.run_time_text,
        cycle.environment,
        cycle.target,
        cycle.revision,
    ]
    lines = [f"{number} · " + " · ".join(_safe(fact) for fact in facts if fact)]
    lines.append(
        f"  {', '.join(counts) or 'no totals'} · read from {', '.join(_safe(name) for name in cycle.sources)}"
    )
    lines += [_row(test) for test in cycle.tests]
    lines += [f"{_row(test)} (earlier run)" for test in cycle.earlier]
    lines += [f"  warning: {_safe(warning)}" for warning in cycle.warnings]
    return "\n".join(lines) + "\n"


def _counts(cycle: Cycle) -> tuple[tuple[int | None, str], ...]:
    return ((cycle.passed, "passed"), (cycle.failed, "failed"), (cycle.skipped, "skipped"))


def _row(test: Test) -> str:
    took = "-" if test.duration_s is None else f"{test.duration_s:.3f}s"
    start = "-" if test.started_at is None else f"{test.started_at:%H:%M:%S}"
    where = test.ref.file if test.ref.line is None else f"{test.ref.file}:{test.ref.line}"
    name = _safe(test.name)
    said = "" if test.close_code is None else f" · close {test.close_code}"
    flaky = " (flaky)" if test.flaky else ""
    left = f"  {test.outcome.value:<8}{name[:_NAME_WIDTH]:<{_NAME_WIDTH}}"
    return f"{left} {start:>8} {took:>10}  {_safe(where)}{said}{flaky}"


def _safe(text: str) -> str:
    """The text on one line without control characters, which could move a terminal's cursor."""
    return "".join(letter if letter.isprintable() else " " for letter in text)[:300]

"""The runs of a day -> the cycle as its runner tells it: JUnit XML with exact times, or a report with a date only."""

from collections.abc import Sequence
from datetime import UTC, datetime
from xml.sax.saxutils import escape, quoteattr

from tests.bench.runs import Result, Run

_S = 1_000_000_000
_ROUND_S = 0.3
"""What a runner takes round its tests."""


def _iso(at_ns: int) -> str:
    return datetime.fromtimestamp(at_ns / _S, UTC).isoformat(timespec="milliseconds")


def junit(runs: Sequence[Run], host: str) -> str:
    """All runs, as pytest writes them: a suite each, with its start and what it ran against."""
    target = f'<properties><property name="target" value="https://{host}" /></properties>'
    suites = []
    for number, run in enumerate(runs, 1):
        start, end = run.span_ns
        failed = sum(result.failed for result in run.results)
        cases = "".join(_case(result, number) for result in run.results)
        suites.append(
            f'<testsuite name="pytest" errors="0" failures="{failed}" skipped="0" tests="{len(run.results)}" '
            f'time="{(end - start) / _S + _ROUND_S:.3f}" timestamp="{_iso(start)}" hostname="runner">\n'
            f"{target}\n{cases}</testsuite>\n"
        )
    return f'<?xml version="1.0" encoding="utf-8"?>\n<testsuites name="pytest tests">\n{"".join(suites)}</testsuites>\n'


def _case(result: Result, number: int) -> str:
    head = (
        f'<testcase classname="e2e.test_round_{number}" name="{result.name}" time="{result.duration_s:.3f}"'
    )
    if not result.failed:
        return f"{head} />\n"
    told = f"<failure message={quoteattr(result.error)}>E   {escape(result.error)}</failure>"
    return f"{head}>{told}</testcase>\n"


def report(run: Run, host: str) -> str:
    """One run, as a person wrote it down: the date, what each test took and how it ended."""
    rows = "".join(
        f"| {one.title} | {'FAIL' if one.failed else 'PASS'} | {one.duration_s:.3f}s | "
        f"{one.error.replace('|', chr(92) + '|')} |\n"
        for one in run.results
    )
    failed = sum(one.failed for one in run.results)
    return (
        f"# Staging release loop, cycle 1\n\n- Date: {_iso(run.span_ns[0])[:10]}\n- Environment: staging\n"
        f"- Target: https://{host}\n- Outcome: {len(run.results) - failed} passed, {failed} failed\n\n"
        f"| Test | Status | Duration | Error |\n|------|--------|----------|-------|\n{rows}"
    )

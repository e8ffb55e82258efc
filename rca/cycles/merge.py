"""Several tellings of one run become one cycle.

In: cycles that tell of the same run, most exact first. Out: one `Cycle`, each field from the most exact file that
states it. Decides that tests are joined by equality of their names alone, and that a report's words become titles.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from rca.cycles.names import key_of
from rca.model import Cycle, Outcome, Test

Value = TypeVar("Value")


def merged(tellings: tuple[Cycle, ...]) -> Cycle:
    """One cycle; what the less exact files contradict is a warning.

    Args:
        tellings: Most exact first, at least one. Names, starts, durations, errors and outcomes come from the first
            that has tests; number, date, environment, target and impact from the report, which was written to tell
            them, that is from the last that states them.
    """
    if len(tellings) == 1:
        return tellings[0]
    with_tests = [telling for telling in tellings if telling.tests] or [tellings[0]]
    tests, warnings = with_tests[0].tests, []
    for other in with_tests[1:]:
        tests, said = _joined(tests, other, with_tests[0].sources[0])
        warnings += said
    outcomes = [test.outcome for test in tests]
    first = tellings[0]
    starts = [telling for telling in tellings if telling.run_start is not None]
    texts = [telling for telling in reversed(tellings) if telling.run_time_text is not None]
    return replace(
        first,
        number=_last(tellings, lambda cycle: cycle.number),
        tests=tests,
        sources=tuple(dict.fromkeys(source for telling in tellings for source in telling.sources)),
        date=_last(tellings, lambda cycle: cycle.date),
        environment=_last(tellings, lambda cycle: cycle.environment),
        target=_last(tellings, lambda cycle: cycle.target),
        revision=_last(tellings, lambda cycle: cycle.revision),
        passed=outcomes.count(Outcome.PASSED) if tests else _last(tellings, lambda cycle: cycle.passed),
        failed=sum(test.failed for test in tests) if tests else _last(tellings, lambda cycle: cycle.failed),
        skipped=outcomes.count(Outcome.SKIPPED) if tests else _last(tellings, lambda cycle: cycle.skipped),
        run_time_text=texts[0].run_time_text if texts else None,
        run_start=starts[0].run_start if starts else None,
        earlier=tuple(test for telling in tellings for test in telling.earlier),
        close_codes=tuple(dict.fromkeys(code for telling in tellings for code in telling.close_codes)),
        impact=_last(tellings, lambda cycle: cycle.impact),
        questions=tuple(dict.fromkeys(item for telling in tellings for item in telling.questions)),
        checklist=tuple(dict.fromkeys(item for telling in tellings for item in telling.checklist)),
        warnings=tuple(
            dict.fromkeys((*(line for telling in tellings for line in telling.warnings), *warnings))
        ),
    )


def _last(tellings: tuple[Cycle, ...], field: Callable[[Cycle], Value | None]) -> Value | None:
    return next((value for telling in reversed(tellings) if (value := field(telling)) is not None), None)


def _joined(tests: tuple[Test, ...], other: Cycle, source: str) -> tuple[tuple[Test, ...], list[str]]:
    """The tests completed by another file's; those only it names come after them."""
    places: dict[str, list[int]] = {}
    for at, test in enumerate(tests):
        places.setdefault(key_of(test.name), []).append(at)
    joined, warnings = list(tests), []
    for test in other.tests:
        same = places.get(key_of(test.name), [])
        exact = [at for at in same if tests[at].name == test.name]
        where = f"{test.ref.file}:{test.ref.line}" if test.ref.line else test.ref.file
        if len(exact or same) == 1:
            at = (exact or same)[0]
            if joined[at].outcome is not test.outcome:
                words = f"{test.name} is {test.outcome.value} here but {joined[at].outcome.value} in {source}"
                warnings.append(f"{where}: {words}, which counts")
            joined[at] = _completed(joined[at], test)
        elif same:
            words = f'"{test.name}" could be any of {len(same)} tests of {source}; not joined'
            warnings.append(f"{where}: {words}")
        else:
            joined.append(test)
            warnings.append(f'{where}: "{test.name}" is not in {source}')
    return tuple(joined), warnings


def _completed(exact: Test, told: Test) -> Test:
    """The exact test with what only the other tells; its words become the title."""
    agree = exact.outcome is told.outcome
    return replace(
        exact,
        title=exact.title or (told.title or told.name if told.name != exact.name else None),
        flaky=exact.flaky or told.flaky,
        started_at=exact.started_at or told.started_at,
        start_exact=exact.start_exact if exact.started_at else told.start_exact,
        start_slack_s=exact.start_slack_s if exact.started_at else told.start_slack_s,
        duration_s=exact.duration_s if exact.duration_s is not None else told.duration_s,
        error=exact.error or (told.error if agree else None),
        close_code=exact.close_code if exact.close_code is not None else (told.close_code if agree else None),
        close_codes=exact.close_codes or (told.close_codes if agree else ()),
        kind=exact.kind if exact.kind.value != "unknown" else told.kind,
        trace_ids=exact.trace_ids or told.trace_ids,
    )

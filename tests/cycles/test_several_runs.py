"""Of several runs in one report the last counts, and the others are kept."""

import time
from collections.abc import Callable

import pytest

from rca import model
from rca.cycles import READERS, outline
from rca.cycles.claims import Told, tests_of as told_of
from rca.cycles.document import from_bytes
from rca.cycles.markdown import claims_of


def told(text: str) -> Told:
    """What a report tells of its tests."""
    document = from_bytes(text.encode(), "report.md")
    return told_of(claims_of(outline.read(document), document)[0], document)


def rows(tests: tuple[model.Test, ...]) -> list[tuple[str, str, int | None]]:
    """Name, outcome and close code of each test."""
    return [(test.name, test.outcome.value, test.close_code) for test in tests]


HEAD = "| Test | Status | Error |\n|---|---|---|\n"
RUN_1 = f"{HEAD}| test_a | FAILED | received 1011 (internal error) |\n| test_b | PASSED | |\n"
RUN_2 = f"{HEAD}| test_a | PASSED | |\n| test_b | FAILED | received 1008 (policy violation) |\n"
SUITE = '{"tests":[{"name":"a","status":"passed"}]}'


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("## Run 1 (10:02)", "## Run 2 (10:40)"),
        ("### First attempt", "### Second attempt"),
        ("## Before the fix", "## After the fix"),
        ("## Initial run", "## Re-run"),
    ],
)
def test_the_last_run_counts(first: str, second: str) -> None:
    """Each test ended as its last run says, without what an earlier run said of it; the earlier rows are kept."""
    found = told(f"# Results\n\n{first}\n\n{RUN_1}\n{second}\n\n{RUN_2}")
    assert rows(found.tests) == [("test_a", "passed", None), ("test_b", "failed", 1008)]
    assert rows(found.earlier) == [("test_a", "failed", 1011), ("test_b", "passed", None)]
    assert found.warnings == ()


def test_before_may_stand_last() -> None:
    """A run that the report calls an earlier one is one wherever it stands."""
    found = told(f"# Results\n\n## Test results\n\n{RUN_2}\n## Previous run\n\n{RUN_1}")
    assert rows(found.tests) == [("test_a", "passed", None), ("test_b", "failed", 1008)]
    assert rows(found.earlier) == [("test_a", "failed", 1011), ("test_b", "passed", None)]


def test_details_are_no_run_of_their_own() -> None:
    """What a report says twice of one run is one saying, contradictions and all."""
    found = told(
        f"# Results\n\n## Run 1\n\n{RUN_1}\n### Failures of run 1\n\n- `test_a` - FAILED (closed 1011)\n"
    )
    assert rows(found.tests) == [("test_a", "failed", 1011), ("test_b", "passed", None)]
    assert found.earlier == ()


def cpu(text: str, name: str) -> float:
    """Seconds of CPU time it takes to read a document."""
    document = from_bytes(text.encode(), name)
    before = time.process_time()
    next((cycle for reader in READERS if (cycle := reader.read(document)) is not None), None)
    return time.process_time() - before


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("out.txt", lambda n: "".join(f"a.py::test_{i} FAILED\n" for i in range(n))),
        ("out.txt", lambda n: "".join(f"test_{i} (a.B.test_{i}) ... ok\n" for i in range(n)) + "Ran 1 test in 1s\n"),
        ("r.md", lambda n: f"# Tests\n\n## Failed tests ({n})\n\n" + "".join(f"- Name {i}x\n" for i in range(n))),
        ("r.md", lambda n: "# Tests\n\n" + "".join(f"Test {i}: Name\nStatus: FAILED\n" for i in range(n))),
        ("r.md", lambda n: "# Tests\n\n```\n" + "".join(f"- name: n{i}x\n" for i in range(n)) + "```\n"),
        ("r.md", lambda n: "# Tests\n\n" + "<tr>\n<td>a</td>\n" * n),
        ("r.json", lambda n: '{"tests":[' * min(n // 8, 250) + "1" + "]}" * min(n // 8, 250)),
        ("r.json", lambda n: '{"tests":[' + ",".join([SUITE] * n) + "]}"),
    ],
)  # fmt: skip
def test_work_grows_with_the_document(name: str, text: Callable[[int], str]) -> None:
    """A document twice as long costs about twice as much, not four times."""
    cpu(text(200), name)
    short, long = (min(cpu(text(n), name) for _ in range(2)) for n in (2000, 8000))
    assert long < 9 * max(short, 0.05)

"""Real reports beside the project, where there are any: rows are right, fields mostly."""

import json
from pathlib import Path

import pytest

from rca.cycles import find, read_file
from rca.cycles.names import key_of

SHARED = Path(__file__).parents[2] / "shared"
REPORTS = sorted((SHARED / "real" / "cycles").glob("*.label.json"))
CASES = sorted((SHARED / "cases").glob("*/label.json"))


@pytest.mark.slow
@pytest.mark.skipif(not REPORTS, reason="no real reports beside the project")
def test_no_invented_rows() -> None:
    """Of the rows given, at least 97 in 100 are the labels'; of the labels', at least 90 in 100 are given."""
    given = right = wanted = 0
    for path in REPORTS:
        stem = str(path).removesuffix(".label.json")
        document = next(
            Path(stem + end) for end in (".md", ".json", ".txt", ".xml") if Path(stem + end).exists()
        )
        label = json.loads(path.read_text(encoding="utf-8"))
        left = [(key_of(row["name"]), row["outcome"]) for row in label["tests"]]
        wanted += len(left)
        for test in read_file(document).tests:
            given += 1
            if (row := (key_of(test.name), test.outcome.value)) in left:
                left.remove(row)
                right += 1
    assert right >= 0.97 * given
    assert right >= 0.9 * wanted


@pytest.mark.skipif(not CASES, reason="no recorded cases beside the project")
@pytest.mark.parametrize("path", CASES, ids=lambda path: path.parent.name)
def test_recorded_case(path: Path) -> None:
    """A recorded case's files merge into exactly its tests."""
    label = json.loads(path.read_text(encoding="utf-8"))
    cycle = find(path.parent, 1)
    failing = {key_of(test.name) for test in cycle.tests if test.failed}
    passing = {key_of(test.name) for test in cycle.tests if not test.failed}
    assert failing == {key_of(name) for name in label["failing_tests"]}
    assert passing == {key_of(name) for name in label["passing_tests"]}
    assert len(cycle.tests) == len(failing) + len(passing)
    assert cycle.warnings == ()

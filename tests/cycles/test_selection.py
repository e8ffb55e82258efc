"""Which cycle of a folder is meant, and what its files become together."""

import errno
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from rca.cycles import find, list_cycles
from rca.errors import CycleError
from rca.model import Outcome

REPORT = """# Loop - cycle {number}
**Date**: {day}
**Environment**: staging
**Revision**: chat-00007-abc

| Test | Status | Details |
|---|---|---|
| Order Pipeline | {status} | received 1011 (internal error) |
| WebSocket Connect | ✅ PASS | ok |

## Business impact
None can chat.
"""
JUNIT = """<testsuites><testsuite name="e2e" timestamp="{day}T10:00:00Z">
<testcase classname="t" name="test_order_pipeline" time="0.5">
<failure message="E: received 1011 (internal error) boom"/></testcase>
<testcase classname="t" name="test_websocket_connect" time="0.25"/>
<testcase classname="t" name="test_websocket_connection" time="0.25"/>
</testsuite></testsuites>
"""


def report(path: Path, number: int | str, day: str = "2026-05-05", status: str = "❌ FAIL") -> None:
    """A results report lies at the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(REPORT.format(number=number, day=day, status=status), encoding="utf-8")


def junit(path: Path, day: str = "2026-05-05") -> None:
    """A JUnit file without a cycle's number lies at the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(JUNIT.format(day=day), encoding="utf-8")


def test_files_of_one_run(tmp_path: Path) -> None:
    """A report and a JUnit file in one folder are one cycle, each field from the file that tells it best."""
    report(tmp_path / "report.md", 1)
    junit(tmp_path / "junit.xml")
    cycle = find(tmp_path, 1)
    assert cycle.sources == ("junit.xml", "report.md")
    assert [(test.name, test.title, test.outcome.value) for test in cycle.tests] == [
        ("test_order_pipeline", "Order Pipeline", "failed"),
        ("test_websocket_connect", "WebSocket Connect", "passed"),
        ("test_websocket_connection", None, "passed"),
    ]
    assert (cycle.number, cycle.environment, cycle.revision) == (1, "staging", "chat-00007-abc")
    assert (cycle.passed, cycle.failed, cycle.impact) == (2, 1, "None can chat.")
    assert cycle.tests[0].error == "E: received 1011 (internal error) boom"
    assert cycle.tests[0].ref.file == "junit.xml"
    assert cycle.warnings == ()


def test_contradicting_files(tmp_path: Path) -> None:
    """Where a report and a JUnit file disagree, the JUnit file counts, with a warning."""
    report(tmp_path / "report.md", 1, status="✅ PASS")
    junit(tmp_path / "junit.xml")
    cycle = find(tmp_path, 1)
    assert cycle.tests[0].outcome is Outcome.FAILED
    assert cycle.warnings == (
        "report.md:8: Order Pipeline is passed here but failed in junit.xml, which counts",
    )


def test_folder_of_many(tmp_path: Path) -> None:
    """Subfolders and files each hold a cycle; the number stands in the document."""
    report(tmp_path / "cycle-1" / "report.md", 1)
    junit(tmp_path / "cycle-1" / "junit.xml")
    report(tmp_path / "cycle-9.md", 2)
    assert [(cycle.number, len(cycle.sources)) for cycle in list_cycles(tmp_path)] == [(1, 2), (2, 1)]
    assert find(tmp_path, 2).sources == ("cycle-9.md",)


def test_number_in_the_name_is_for_look_up(tmp_path: Path) -> None:
    """A file without a number is found by its folder's name, with a warning."""
    junit(tmp_path / "cycle-3" / "junit.xml")
    report(tmp_path / "cycle-4" / "report.md", 4)
    cycle = find(tmp_path, 3)
    assert cycle.number == 3
    assert "states no cycle number" in cycle.warnings[-1]


def test_one_unnumbered_cycle(tmp_path: Path) -> None:
    """One unnumbered cycle alone in a folder answers to any number."""
    junit(tmp_path / "junit.xml")
    assert find(tmp_path, 17).number == 17


def test_latest_date_wins(tmp_path: Path) -> None:
    """Of several cycles of one number the latest counts and a warning says so; a date chooses another."""
    report(tmp_path / "a.md", 1, "2026-05-05")
    report(tmp_path / "b.md", 1, "2026-05-09")
    cycle = find(tmp_path, 1)
    assert cycle.date == date(2026, 5, 9)
    assert cycle.warnings[0].startswith("2 cycles have number 1; the latest, of 2026-05-09, is taken")
    assert find(tmp_path, 1, date(2026, 5, 5)).sources == ("a.md",)
    with pytest.raises(CycleError, match="there is one of 2026-05-05, 2026-05-09"):
        find(tmp_path, 1, date(2026, 5, 6))


def test_same_number_and_date(tmp_path: Path) -> None:
    """Two cycles of one number and date are an error that lists their files."""
    report(tmp_path / "a" / "report.md", 1)
    report(tmp_path / "b" / "report.md", 1)
    with pytest.raises(CycleError, match=r"a/report\.md; b/report\.md"):
        find(tmp_path, 1)


def test_no_such_cycle(tmp_path: Path) -> None:
    """A cycle that does not exist is an error that lists those that do."""
    report(tmp_path / "a.md", 1)
    report(tmp_path / "b.md", 2)
    with pytest.raises(CycleError, match=r"no cycle 7 .* cycle 1 of 2026-05-05 \(a\.md\), cycle 2 of"):
        find(tmp_path, 7)
    with pytest.raises(CycleError, match="no such folder"):
        find(tmp_path / "none", 1)


def test_what_is_no_cycle(tmp_path: Path) -> None:
    """Notes, labels, exports, reports of ours and expected output are left out without a word."""
    report(tmp_path / "report.md", 1)
    (tmp_path / "story.md").write_text("# Cycle 1: what happened\n\nThe pool ran dry.\n")
    (tmp_path / "label.json").write_text('{"category": "unknown"}')
    (tmp_path / "logs.json").write_text('[{"insertId": "1", "severity": "ERROR"}]')
    (tmp_path / "why.md").write_text(
        "# Why cycle 1 failed: x\n\n| Test | Status |\n|---|---|\n| a b | FAIL |\n"
    )
    report(tmp_path / "expected" / "report.md", 1)
    assert find(tmp_path, 1).sources == ("report.md",)
    assert find(tmp_path, 1).warnings == ()


def test_broken_file_beside(tmp_path: Path) -> None:
    """A broken file beside a cycle is a warning, not an error."""
    report(tmp_path / "report.md", 1)
    (tmp_path / "junit.xml").write_text('<testsuite><testcase name="a"')
    assert "broken XML" in find(tmp_path, 1).warnings[-1]


def test_shards(tmp_path: Path) -> None:
    """Two JUnit files with no test in common are one run; with a common test they are two."""
    junit(tmp_path / "one.xml")
    other = JUNIT.format(day="2026-05-05").replace('name="test_', 'name="test_other_')
    (tmp_path / "two.xml").write_text(other)
    assert [len(cycle.tests) for cycle in list_cycles(tmp_path)] == [6]
    junit(tmp_path / "three.xml")
    assert len(list_cycles(tmp_path)) > 1


def test_a_file_of_another_number(tmp_path: Path) -> None:
    """A file that is named itself is read whatever its number; where it states another, a warning says so."""
    path = tmp_path / "report.md"
    path.write_text("# Cycle 9\n\n| Test | Status |\n|---|---|\n| Opens | PASS |\n")
    cycle = find(path, 8)
    assert cycle.number == 9
    assert cycle.warnings == ("report.md: states cycle 9, not 8; it is read as it is",)
    assert find(path, 9).warnings == ()


def test_a_broken_file_alone_is_told_where_no_cycle_is_found(tmp_path: Path) -> None:
    """A run that was killed leaves half an XML: whoever asks hears of it, not of an empty folder."""
    report(tmp_path / "two" / "report.md", 2)
    (tmp_path / "junit.xml").write_text('<testsuite><testcase name="a"')
    with pytest.raises(CycleError, match="broken XML"):
        find(tmp_path, 1)
    said: list[str] = []
    assert [cycle.number for cycle in list_cycles(tmp_path, said.append)] == [2]
    assert len(said) == 1
    assert "junit.xml" in said[0]


def test_logs_as_lines_of_json_are_no_broken_cycle(tmp_path: Path) -> None:
    """Whole documents, a line each, are left out without a word, as other logs are; one that breaks off is not."""
    report(tmp_path / "report.md", 1)
    (tmp_path / "logs.json").write_text('{"insertId": "1"}\n{"insertId": "2"}\n')
    assert find(tmp_path, 1).warnings == ()
    (tmp_path / "results.json").write_text('{"tests": [{"name": "a"},\n')
    assert "broken JSON" in find(tmp_path, 1).warnings[-1]


def test_what_may_not_be_looked_at_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that cannot be listed, or a link whose end cannot be seen, costs itself alone and is named."""
    report(tmp_path / "one" / "report.md", 1)
    for name in ("locked", "away"):
        (tmp_path / name).mkdir()
    listed, looked = Path.iterdir, Path.is_dir

    def refused(path: Path) -> Iterator[Path]:
        if path.name == "locked":
            raise PermissionError(errno.EACCES, "Permission denied")
        return listed(path)

    def unseen(path: Path) -> bool:
        if path.name == "away":
            raise PermissionError(errno.EACCES, "Permission denied")
        return looked(path)

    monkeypatch.setattr(Path, "iterdir", refused)
    monkeypatch.setattr(Path, "is_dir", unseen)
    assert find(tmp_path, 1).number == 1
    with pytest.raises(CycleError, match="away: cannot be read: Permission denied; locked: cannot be read"):
        find(tmp_path, 2)

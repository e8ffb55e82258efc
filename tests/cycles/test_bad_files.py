"""Files that are no results: one clear sentence, never a traceback, never minutes."""

import time
from pathlib import Path

import pytest

from rca.cycles import read_file
from rca.errors import CycleError


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "is empty"), (b"  \n", "is empty"), (bytes(range(256)) * 50, "is not text")],
)
def test_refused(tmp_path: Path, content: bytes, words: str) -> None:
    """An empty or binary file is refused by name."""
    path = tmp_path / "report.md"
    path.write_bytes(content)
    with pytest.raises(CycleError, match=words) as caught:
        read_file(path)
    assert caught.value.hint


def test_missing_or_folder(tmp_path: Path) -> None:
    """A missing file and a folder are told apart."""
    with pytest.raises(CycleError, match="no such cycle file"):
        read_file(tmp_path / "none.md")
    with pytest.raises(CycleError, match="is a folder"):
        read_file(tmp_path)
    with pytest.raises(CycleError, match=r"cannot read|no such"):
        read_file(tmp_path / "a\0b")


def test_damaged_text(tmp_path: Path) -> None:
    """NUL characters and bytes that are not UTF-8 are replaced and reported with their line."""
    path = tmp_path / "report.md"
    path.write_bytes(
        b"# Cycle 1\n\n| Test | Status |\n|---|---|\n| Op\0ens | PASS |\n| Clo\xffses | FAIL |\n"
    )
    cycle = read_file(path)
    assert [test.outcome.value for test in cycle.tests] == ["passed", "failed"]
    assert cycle.warnings[:2] == (
        "report.md:6: 1 bytes that are not UTF-8, replaced",
        "report.md:5: 1 NUL characters, replaced",
    )


def test_utf16(tmp_path: Path) -> None:
    """What PowerShell's redirection wrote is read."""
    path = tmp_path / "report.md"
    path.write_bytes(
        "# Cycle 3\r\n\r\n| Test | Status |\r\n|---|---|\r\n| Opens | PASS |\r\n".encode("utf-16")
    )
    assert read_file(path).number == 3


@pytest.mark.slow
@pytest.mark.parametrize("piece", ["*", "[", "`", "| ", "test_a ", "1011 ", "a: ", "> ", "::"])
def test_long_line(tmp_path: Path, piece: str) -> None:
    """A line of five megabytes is cut, said so, and costs no more than a moment."""
    path = tmp_path / "report.md"
    path.write_text("# Cycle 1\n" + piece * (5_000_000 // len(piece)))
    before = time.process_time()
    assert any("characters cut to" in warning for warning in read_file(path).warnings)
    assert time.process_time() - before < 10

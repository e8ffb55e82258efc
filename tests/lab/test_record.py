"""What is recorded, skipped or tried again, without a server."""

from pathlib import Path
from typing import Self

import pytest

from tests.lab import __main__ as lab, batch
from tests.lab.recorder import Recording
from tests.lab.scenario import Expected, Scenario

PASSED = (
    '<testsuites><testsuite name="e2e" timestamp="2026-03-04T05:06:07.000000+00:00" time="1">'
    '<testcase classname="t" name="test_a" time="1"/></testsuite></testsuites>'
)
FAILED = PASSED.replace("/></testsuite>", '><failure message="m">x</failure></testcase></testsuite>')
BROKEN = Scenario("broken", "Broken", Expected("application_error", "It broke."), "It broke.")


class Runs:
    """Stands for the recorder: each recording has the next of some runs of the suite."""

    def __init__(self, *junits: str) -> None:
        self.left = list(junits)

    def __call__(self, scenario: Scenario, seed: int) -> Self:
        """A recorder of anything."""
        assert (scenario.title, seed) == ("Broken", 1)
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    async def record(self) -> Recording:
        """The next run."""
        return Recording((), self.left.pop(0), (), (0, 1), (), Path())


class TestRecord:
    """A recording without its fault is none."""

    def test_it_is_recorded_again(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """Where no test failed it is tried again, and the run in which one did is kept."""
        runs = Runs(PASSED, PASSED, FAILED)
        monkeypatch.setattr(lab, "Recorder", runs)
        lab.record(BROKEN, tmp_path / "out", 1)
        assert "failure" in (tmp_path / "out" / "junit.xml").read_text(encoding="utf-8")

    def test_after_three_it_has_failed(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """It says so, and nothing is written."""
        runs = Runs(PASSED, PASSED, PASSED, FAILED)
        monkeypatch.setattr(lab, "Recorder", runs)
        with pytest.raises(lab.FaultMissing, match="broken: no test failed in 3 recordings"):
            lab.record(BROKEN, tmp_path / "out", 1)
        assert not (tmp_path / "out").exists()
        assert len(runs.left) == 1


class TestAll:
    """Many at a time."""

    def test_what_cannot_be_recorded_is_skipped(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        """A missing module, a missing interpreter and a day round what was not recorded each give their reason."""
        known = {
            "module": Scenario("module", "M", BROKEN.expected, "", needs=("no_such_server",)),
            "python": Scenario("python", "P", BROKEN.expected, "", interpreter="NO_SUCH_PYTHON"),
        }
        monkeypatch.setattr(batch, "all_scenarios", lambda: known)
        monkeypatch.setattr(batch, "DAYS", ("module", "no longer there"))
        found = batch.record_all(tmp_path, [1, 2], 2)
        assert [one.state for one in found] == ["skipped"] * 6
        said = batch.told(found)
        assert said.startswith("0 recorded, 0 kept, 6 skipped, 0 failed\n")
        assert "skipped module: it needs no_such_server\n" in said
        assert "skipped python: it needs $NO_SUCH_PYTHON (see tests/lab/servers.py)\n" in said
        assert said.count("skipped day-module: module was not recorded") == 1

    def test_what_is_there_is_kept(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """A case that was recorded before is not recorded again."""
        monkeypatch.setattr(batch, "all_scenarios", lambda: {"broken": BROKEN})
        (tmp_path / "s1" / "broken").mkdir(parents=True)
        (tmp_path / "s1" / "broken" / "label.json").write_text("{}", encoding="utf-8")
        assert [one.state for one in batch.record_all(tmp_path, [1], 1)] == ["kept"]

    @pytest.mark.slow
    def test_a_failure_is_loud_and_leaves_nothing(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        """A recording that fails is named with what it said, and its folder is gone."""
        nowhere = Scenario("nowhere", "Nowhere", BROKEN.expected, "")
        monkeypatch.setattr(batch, "all_scenarios", lambda: {"nowhere": nowhere})
        found = batch.record_all(tmp_path, [1], 1)
        assert [one.state for one in found] == ["failed"]
        assert "no scenario 'nowhere'" in found[0].why
        assert "FAILED nowhere, seed 1" in batch.told(found)
        assert not (tmp_path / "s1" / "nowhere").exists()

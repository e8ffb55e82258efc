"""The timeline tells what is worth a reader's time, however often it happened."""

import json
from pathlib import Path

import pytest

from rca.contract import Report
from rca.cycles import find
from rca.pipeline import Question, investigate
from rca.sources.files import Files
from tests.bench.crash_loop import crash_loop

_CRASHES = 60


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The report on a roll-out of which dozens of instances died at their start."""
    folder = crash_loop(_CRASHES, 1, tmp_path_factory.mktemp("bench"))
    return investigate(Question(find(folder / "exact", 1, None)), Files([str(folder / "logs.ndjson")]))


@pytest.mark.slow
def test_what_happens_over_and_over_is_counted(report: Report) -> None:
    """Of many platform messages of a kind the first few are told, then how many more there were, and until when."""
    starts = [moment for moment in report.timeline if "Listening at" in moment.text]
    assert len(starts) < 10
    told, more = starts[-1].text.split(", the first of ")
    assert "Listening at" in told
    assert int(more.split()[0]) > 2 * len(starts)
    assert " more of its kind until " in more


@pytest.mark.slow
def test_the_failing_sockets_are_not_crowded_out(report: Report) -> None:
    """Every failing socket has its line, whatever else happened."""
    assert {moment.kind for moment in report.timeline} >= {"socket", "close", "cause", "platform", "deploy"}
    opened = " ".join(moment.text for moment in report.timeline if moment.kind == "socket")
    assert all(test.name in opened for test in report.tests if test.outcome == "failed")


@pytest.mark.slow
def test_only_what_is_told_is_cited(report: Report) -> None:
    """A crash loop's thousands of entries do not fill the evidence of the ticket."""
    label = json.loads((Path(__file__).parents[1] / "fixtures" / "cycle-4" / "label.json").read_text())
    assert report.causes[0].category == label["category"]
    assert len(report.evidence) < 100
    moments = [moment.at for moment in report.timeline]
    assert moments == sorted(moments)

"""The bundled cycles through the whole pipeline: fixtures/cycle-N against its label and its golden report.

`pytest tests/test_stories.py --update-stories` writes `expected/` anew; the diff is to be read like code.
"""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from rca.contract import Report
from rca.errors import Exit
from rca.render import json as stored, markdown
from tests.labels import Answer, answer, named, same_tests

FIXTURES = Path(__file__).parent.parent / "fixtures"
STORIES = sorted(path.parent.name for path in FIXTURES.glob("cycle-*/label.json"))
EXITS = {"cause_found": Exit.OK, "nothing_failed": Exit.OK, "unknown": Exit.UNKNOWN}

each_story = pytest.mark.parametrize("story", STORIES)


@cache
def explained(story: str) -> Answer:
    """The command line's answer, worked out once."""
    return answer(FIXTURES / story, int(story.removeprefix("cycle-")))


def golden(report: Report) -> dict[str, str]:
    """File name -> text; the version of the program is left out, so that a release rewrites nothing."""
    bare = replace(report, version="")
    return {"report.md": markdown.render(bare), "report.json": stored.render(bare)}


# --- against the label -----------------------------------------------------------------------------------


@each_story
def test_the_exit_code_follows_from_the_verdict(story: str) -> None:
    """0 for a cause or for nothing failed, 3 for an unknown."""
    found = explained(story)
    assert found.exit_code == EXITS[found.report["verdict"]]


@each_story
def test_the_verdict_is_the_label_s(story: str) -> None:
    """Nothing failed where no test did; unknown where the logs do not say; a cause everywhere else."""
    label = explained(story).label
    expected = "unknown" if label["category"] == "unknown" else "cause_found"
    assert explained(story).report["verdict"] == (expected if label["failing_tests"] else "nothing_failed")


@each_story
def test_the_cause_is_the_label_s(story: str) -> None:
    """Category and exception or message are right; an unknown blames nothing."""
    found = explained(story)
    cause = found.report["root_cause"]
    if found.label["category"] == "unknown":
        assert cause is None
        return
    assert cause["category"] in [found.label["category"], *found.label["also_categories"]]
    assert named(cause, found.label)


@each_story
def test_the_place_is_the_label_s(story: str) -> None:
    """A frame is named where the logs tell one, and none is made up where they do not."""
    found = explained(story)
    frame, cause = found.label["frame"], found.report["root_cause"]
    if cause is None or frame is None:
        assert cause is None or cause["frame"] is None
        return
    assert (cause["frame"]["file"], cause["frame"]["function"]) == (frame["file"], frame["function"])


@each_story
def test_the_cause_cites_evidence_that_counts(story: str) -> None:
    """What the cause cites is among the entries that show it."""
    found = explained(story)
    assert found.cited <= set(found.label["evidence"])
    assert bool(found.cited) == bool(found.label["evidence"])


@each_story
def test_the_failing_tests_are_the_label_s(story: str) -> None:
    """None is lost, none is added, and every one is explained or said not to be."""
    found = explained(story)
    assert same_tests(found.report["failing_tests"], found.label)
    explained_ones = {name for cause in found.report["causes"] for name in cause["tests"]}
    assert explained_ones | set(found.report["unexplained"]) == set(found.report["failing_tests"])
    assert not explained_ones & set(found.report["unexplained"])


@each_story
def test_no_red_herring_is_blamed(story: str) -> None:
    """What would mislead is not in the answer."""
    found = explained(story)
    assert [one for one in found.label["red_herrings"] if one.lower() in found.blamed.lower()] == []


@each_story
def test_the_closes_are_those_on_the_wire(story: str) -> None:
    """Each close that the report shows happened: its request and code are the label's."""
    found = explained(story)
    wire = {(close["insertId"], close["code"]) for close in found.label["closes"]}
    assert {(close["insert_id"], close["code"]) for close in found.report["closes"]} == wire


@each_story
def test_no_secret_leaves(story: str) -> None:
    """No token of the logs stands in the report, in either form."""
    found = explained(story)
    text = markdown.render(stored.loads(found.text))
    assert [one for one in found.label["secrets"] if one in found.text or one in text] == []


@each_story
def test_every_citation_leads_to_an_entry_or_test(story: str) -> None:
    """No answer, cause, check or moment cites what is not listed, and nothing is listed twice."""
    report = explained(story).report
    listed = [one["id"] for one in report["evidence"]]
    parts = ("causes", "alternatives", "whys", "status_checks", "timeline", "closes", "ruled_out")
    cited = {one for part in parts for item in report[part] for one in item["evidence"]}
    assert len(set(listed)) == len(listed)
    assert cited <= set(listed)


@each_story
def test_five_whys_are_asked_and_answered(story: str) -> None:
    """Each has a question and an answer or an admission; where a test failed, what is answered is cited."""
    report = explained(story).report
    whys = report["whys"]
    assert len(whys) == 5
    assert all(one["question"] and one["answer"] for one in whys)
    assert all(one["status"] in ("answered", "partly", "unknown") for one in whys)
    if report["failing_tests"]:
        assert all(one["evidence"] for one in whys if one["status"] == "answered")


def test_a_wrong_clock_is_told() -> None:
    """Where the label says that the runner's clock was off, the report says by how much."""
    off = [story for story in STORIES if explained(story).label["clock_skew_s"]]
    assert off
    for story in off:
        found = explained(story)
        assert found.report["clock_offset_s"] == pytest.approx(found.label["clock_skew_s"], abs=1.0)


# --- against the golden files ----------------------------------------------------------------------------


@each_story
def test_the_report_is_word_for_word_the_expected_one(story: str, pytestconfig: pytest.Config) -> None:
    """Markdown and JSON are those of fixtures/cycle-N/expected; `--update-stories` writes them anew."""
    folder = FIXTURES / story / "expected"
    made = golden(stored.loads(explained(story).text))
    if pytestconfig.getoption("--update-stories"):
        folder.mkdir(exist_ok=True)
        for name, text in made.items():
            (folder / name).write_text(text, encoding="utf-8")
    for name, text in made.items():
        assert (folder / name).read_text(encoding="utf-8") == text


@each_story
def test_a_golden_file_holds_a_verdict_and_no_machine(story: str) -> None:
    """An expected report that froze an error would prove nothing; one that names a path would not last."""
    folder = FIXTURES / story / "expected"
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    assert report["verdict"] in EXITS
    for name in ("report.md", "report.json"):
        text = (folder / name).read_text(encoding="utf-8")
        assert str(FIXTURES) not in text
        assert str(Path.home()) not in text

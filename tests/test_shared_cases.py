"""Labelled incidents beside the project, where there are any: the cause by its label, no red herring, no secret."""

from functools import cache
from pathlib import Path

import pytest

from rca.errors import Exit
from rca.render import json as stored, markdown
from tests.labels import Answer, answer, named, same_tests

CASES = Path(__file__).parent.parent.parent / "shared" / "cases"
NAMES = sorted(path.parent.name for path in CASES.glob("*/label.json"))

pytestmark = pytest.mark.skipif(not NAMES, reason="no labelled cases lie beside the project")
each_case = pytest.mark.parametrize("case", NAMES or ["none"])


@cache
def explained(case: str) -> Answer:
    """The command line's answer, worked out once."""
    return answer(CASES / case)


@each_case
def test_the_cause_is_the_label_s(case: str) -> None:
    """Category and exception or message are right; where the logs do not say why, the answer is unknown."""
    found = explained(case)
    cause = found.report["root_cause"]
    if found.label["category"] == "unknown":
        assert (cause, found.exit_code) == (None, Exit.UNKNOWN)
        return
    assert found.exit_code == Exit.OK
    assert named(cause, found.label)
    assert cause["category"] in [found.label["category"], *found.label["also_categories"]]


@each_case
def test_the_place_is_the_label_s(case: str) -> None:
    """The innermost frame of the application is named where the logs tell it."""
    found = explained(case)
    frame = found.label["frame"]
    if frame is None:
        return
    said = found.report["root_cause"]["frame"]
    assert (Path(said["file"]).name, said["function"]) == (Path(frame["file"]).name, frame["function"])


@each_case
def test_no_red_herring_is_blamed(case: str) -> None:
    """What would mislead is not in the answer."""
    found = explained(case)
    assert [one for one in found.label["red_herrings"] if one.lower() in found.blamed.lower()] == []


@each_case
def test_the_cause_cites_an_entry_that_counts(case: str) -> None:
    """One of the entries that show the cause is cited."""
    found = explained(case)
    assert bool(found.cited & set(found.label["evidence"])) == bool(found.label["evidence"])


@each_case
def test_the_failing_tests_are_the_label_s(case: str) -> None:
    """None is lost and none is added."""
    found = explained(case)
    assert same_tests(found.report["failing_tests"], found.label)


@each_case
def test_no_secret_leaves(case: str) -> None:
    """No token of the logs stands in the report, in either form."""
    found = explained(case)
    text = markdown.render(stored.loads(found.text))
    assert [one for one in found.label.get("secrets", []) if one in found.text or one in text] == []

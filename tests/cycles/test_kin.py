"""Documents of many layouts (kin/) give what a careful reader takes from them (kin/labels.toml), and no more."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from rca import model
from rca.cycles import READERS, read_file
from rca.cycles.document import from_bytes
from rca.model import Cycle
from rca.render.cycles import as_json
from tests.examples import examples

KIN = Path(__file__).parent / "kin"
LABELS: dict[str, dict[str, Any]] = tomllib.loads((KIN / "labels.toml").read_text(encoding="utf-8"))
TEXTS = {name: (KIN / name).read_text(encoding="utf-8") for name in LABELS}
FACTS = ("number", "date", "environment", "revision", "passed", "failed")


def row(test: model.Test) -> str:
    """A test as labels.toml spells it."""
    seconds = "" if test.duration_s is None else f"{test.duration_s:g}"
    code = "" if test.close_code is None else str(test.close_code)
    return f"{test.name} | {test.outcome.value} | {seconds} | {code}".rstrip(" |")


def read(text: str, name: str) -> Cycle:
    """The cycle of a document's text, by the reader that understands it."""
    document = from_bytes(text.encode(), name)
    return next(cycle for reader in READERS if (cycle := reader.read(document)) is not None)


def told(cycle: Cycle) -> dict[str, object]:
    """What a document says, without where it says it."""
    return {"rows": sorted(map(row, cycle.tests)), "codes": sorted(cycle.close_codes)} | {
        fact: getattr(cycle, fact) for fact in FACTS
    }


@pytest.mark.parametrize("name", LABELS)
def test_rows(name: str) -> None:
    """Every test the document tells of is there, with its outcome, duration and close code, and none beside."""
    cycle = read_file(KIN / name)
    assert sorted(map(row, cycle.tests)) == sorted(LABELS[name].get("tests", []))


@pytest.mark.parametrize("name", LABELS)
def test_facts(name: str) -> None:
    """Number, date, environment, revision and totals are the document's; what it does not state is None."""
    cycle = read_file(KIN / name)
    assert {fact: getattr(cycle, fact) for fact in FACTS} == {fact: LABELS[name].get(fact) for fact in FACTS}
    assert list(cycle.close_codes) == LABELS[name].get("close_codes", list(cycle.close_codes))


def test_every_document_is_labelled() -> None:
    """No document of kin/ goes unread."""
    assert {path.name for path in KIN.iterdir()} - {"labels.toml"} == set(LABELS)


MARKDOWN = sorted(name for name in LABELS if name.endswith(".md"))


@settings(deadline=None, max_examples=examples(60))
@given(st.sampled_from(sorted(LABELS)), st.booleans(), st.booleans(), st.integers(0, 3))
def test_line_ends_and_margins_mean_nothing(name: str, bom: bool, windows: bool, blank: int) -> None:  # noqa: FBT001 - drawn
    """A byte order mark, Windows line ends and blank lines around a document change nothing that it tells."""
    text = TEXTS[name].rstrip("\n") + "\n" * (1 + blank)
    text = "\ufeff" * bom + (text.replace("\n", "\r\n") if windows else text)
    assert told(read(text, name)) == told(read(TEXTS[name], name))


@settings(deadline=None, max_examples=examples(60))
@given(st.sampled_from(MARKDOWN), st.sampled_from((" ", "  ", "\t")), st.data())
def test_trailing_space_means_nothing(name: str, space: str, data: st.DataObject) -> None:
    """Spaces and tabs after any lines of a report change nothing that it tells."""
    lines = TEXTS[name].split("\n")
    chosen = data.draw(st.sets(st.integers(0, len(lines) - 1), max_size=8))
    changed = [line + space if at in chosen else line for at, line in enumerate(lines)]
    assert told(read("\n".join(changed), name)) == told(read(TEXTS[name], name))


@settings(deadline=None, max_examples=examples(60))
@given(st.sampled_from([name for name in MARKDOWN if "<<<<" not in TEXTS[name]]), st.data())
def test_conflict_markers_mean_nothing(name: str, data: st.DataObject) -> None:
    """Markers of an unresolved merge around any lines, with other words on the second side, change nothing."""
    lines = TEXTS[name].split("\n")
    first, last = sorted(data.draw(st.tuples(*[st.integers(0, len(lines))] * 2)))
    other = ["=======", "| test_of_another_side | FAILED |", "**Passed**: 99", ">>>>>>> other"]
    changed = [*lines[:first], "<<<<<<< HEAD", *lines[first:last], *other, *lines[last:]]
    assert told(read("\n".join(changed), name)) == told(read(TEXTS[name], name))


@settings(deadline=None, max_examples=examples(30))
@given(st.sampled_from(sorted(LABELS)), st.data())
def test_cut_anywhere(name: str, data: st.DataObject) -> None:
    """A report that breaks off anywhere still gives only tests that the whole one names."""
    if not name.endswith(".md"):
        return
    text = TEXTS[name][: data.draw(st.integers(0, len(TEXTS[name])))]
    words = TEXTS[name].lower()
    assert all(test.name.split("::")[-1].lower() in words for test in read(text or "x", name).tests)


@pytest.mark.parametrize("name", LABELS)
def test_round_trip(name: str) -> None:
    """What is printed of a cycle as JSON holds the same tests again."""
    cycle = read_file(KIN / name)
    (printed,) = json.loads(as_json([cycle]))
    if cycle.tests:
        again = read(json.dumps(printed), "cycle.json")
        assert [(test.name, test.outcome) for test in again.tests] == [
            (test.name, test.outcome) for test in cycle.tests
        ]

"""Alterations take away what they name, and nothing else."""

import re
from copy import deepcopy
from datetime import timedelta
from pathlib import Path

import pytest

from rca import cycles
from tests.lab.alter import (
    ALTERATIONS,
    Alteration,
    Entries,
    split_tracebacks,
    without_app_traces,
    without_instances,
    without_request_log,
    without_tracebacks,
)
from tests.lab.entries import LogEntry, nanoseconds

PYTHON = (
    "Traceback (most recent call last):\n"
    '  File "/app/keel/hold.py", line 31, in stow\n'
    "    return self.bays[name]\n"
    "KeyError: 'aft'"
)
NODE = "TypeError: no lane\n    at laneOf (/app/src/lane.js:8:11)\n    at async run (/app/src/run.js:20:3)"


def entry(number: int, **fields: object) -> LogEntry:
    """A stderr entry, some seconds after those before it."""
    return {
        "insertId": f"id{number}",
        "timestamp": f"2026-03-04T05:06:{number:02d}.5Z",
        "logName": "projects/p/logs/run.googleapis.com%2Fstderr",
        "labels": {"instanceId": "00aa", "commit": "c1"},
        "trace": "projects/p/traces/0a",
        "spanId": "0b",
        **fields,
    }


ENTRIES: Entries = [
    entry(0, textPayload="stowing aft"),
    entry(1, textPayload=f"ERROR stow failed\n{PYTHON}"),
    entry(2, textPayload="stowed fore"),
    *(entry(3 + i, textPayload=line) for i, line in enumerate(PYTHON.split("\n"))),
    entry(7, textPayload="next"),
    entry(8, jsonPayload={"message": "lane lost", "err": {"stack": NODE, "code": 7}, "trace_id": "0a"}),
    entry(9, jsonPayload={"message": "bay lost", "exception": PYTHON, "bay": "aft"}),
    entry(10, httpRequest={"requestUrl": "https://x/live", "status": 101}, textPayload="a\nb"),
]


def texts(entries: Entries) -> list[str]:
    """What the entries say."""
    return [one.get("textPayload") or one["jsonPayload"]["message"] for one in entries]


@pytest.mark.parametrize("alteration", ALTERATIONS, ids=lambda one: one.name)
class TestEvery:
    """Laws of them all."""

    def test_nothing_given_is_changed(self, alteration: Alteration) -> None:
        """The recording itself stays as it is."""
        before = deepcopy(ENTRIES)
        alteration.entries(ENTRIES)
        assert before == ENTRIES

    def test_insert_ids_are_kept(self, alteration: Alteration) -> None:
        """Each entry that is left carries the insertId of one that was there, but for the part's number."""
        known = {one["insertId"] for one in ENTRIES}
        left = [one["insertId"].partition("+")[0] for one in alteration.entries(ENTRIES)]
        assert set(left) <= known
        assert left == sorted(left, key=lambda name: int(name.removeprefix("id")))

    def test_twice_is_once(self, alteration: Alteration) -> None:
        """What is taken away cannot be taken away again."""
        once = alteration.entries(ENTRIES)
        assert alteration.entries(once) == once


@pytest.mark.parametrize(("alteration", "seconds"), [(ALTERATIONS[1], 60), (ALTERATIONS[2], -60)])
def test_a_clock_moves_the_cycle_only(alteration: Alteration, seconds: int, tmp_path: Path) -> None:
    """Each time that the cycle states is off by a minute; the entries and all else are as they were."""
    (tmp_path / "junit.xml").write_text(
        '<testsuites><testsuite name="e2e" tests="1" failures="1" timestamp="2026-03-04T05:06:07+00:00" time="2">'
        '<testcase classname="t" name="test_stow" time="2"><failure message="m">x</failure></testcase>'
        "</testsuite></testsuites>",
        encoding="utf-8",
    )
    cycle = cycles.find(tmp_path, 1)
    moved = alteration.cycle(cycle)
    assert cycle.run_start is not None
    assert moved.run_start == cycle.run_start + timedelta(seconds=seconds)
    assert [test.name for test in moved.tests] == [test.name for test in cycle.tests] == ["test_stow"]
    assert alteration.entries(ENTRIES) == ENTRIES


def test_tracebacks_go_and_their_headings_stay() -> None:
    """Frames and the line that names the exception are gone, wherever they stood; all else is left."""
    left = without_tracebacks(ENTRIES)
    assert texts(left[:4]) == ["stowing aft", "ERROR stow failed", "stowed fore", "next"]
    assert left[4]["jsonPayload"] == {"message": "lane lost", "err": {"code": 7}, "trace_id": "0a"}
    assert left[5]["jsonPayload"] == {"message": "bay lost", "bay": "aft"}
    assert left[6] == ENTRIES[-1]
    assert not re.search(r"Traceback|KeyError|TypeError", str(left))


def test_split_lines_keep_their_order_and_their_words() -> None:
    """A text of several lines is a line an entry, each later than the one before; the words are the same."""
    parts = [one for one in split_tracebacks(ENTRIES) if one["insertId"].startswith("id1+")]
    assert "\n".join(texts(parts)) == ENTRIES[1]["textPayload"]
    assert [one["insertId"] for one in parts] == [f"id1+{n}" for n in range(5)]
    times = [nanoseconds(one["timestamp"][:26] + "Z") for one in parts]
    assert times == sorted(set(times))


def test_request_entries_go() -> None:
    """Those with httpRequest are gone, and only they."""
    assert without_request_log(ENTRIES) == ENTRIES[:-1]


def test_instance_ids_go() -> None:
    """No entry names its instance; its other labels and fields stay."""
    for before, after in zip(ENTRIES, without_instances(ENTRIES), strict=True):
        assert after["labels"] == {"commit": "c1"}
        assert {**after, "labels": before["labels"]} == before


def test_the_applications_trace_ids_go() -> None:
    """Only the request entry keeps its trace; a field that holds a stack is no trace id."""
    left = without_app_traces(ENTRIES)
    assert left[-1] == ENTRIES[-1]
    assert not any({"trace", "spanId"} & one.keys() for one in left[:-1])
    assert "trace_id" not in left[-3]["jsonPayload"]
    assert left[-2]["jsonPayload"] == ENTRIES[-2]["jsonPayload"]

"""The plain rules, on logs of a dozen lines: tests/lab/baselines.py."""

import json
from pathlib import Path

import pytest

from rca.model import Event
from tests.lab.baselines import (
    BASELINES,
    baselines,
    largest_new,
    last_error,
    most_frequent,
    rarest_template,
    scene_of,
)
from tests.lab.score import Recorded

LINES = [
    (1, "ERROR", "feed 11 gave no reading"),
    (2, "ERROR", "feed 12 gave no reading"),
    (3, "INFO", "guest 7 came in by the north gate"),
    (4, "INFO", "guest 8 came in by the north gate"),
    (11, "ERROR", "KeyError: 'aft' while stowing"),
    (12, "ERROR", "feed 13 gave no reading"),
    (13, "INFO", "guest 9 came in by the north gate"),
    (14, "ERROR", "KeyError: 'aft' while stowing"),
    (15, "ERROR", "ballast pump 3 refused to start"),
    (16, "INFO", "guest 5 came in by the north gate"),
    (25, "ERROR", "feed 14 gave no reading"),
]
LABEL = {
    "category": "application_error",
    "exception": "KeyError",
    "exception_any": [],
    "message_contains": [],
    "red_herrings": ["gave no reading"],
    "closes": [{"timestamp": "2026-03-04T05:06:14.500000Z"}, {"timestamp": "2026-03-04T05:06:19Z"}],
    "test_window": ["2026-03-04T05:06:10Z", "2026-03-04T05:06:20Z"],
    "server": "uvicorn/fastapi",
}


def recorded(folder: Path, lines: list[tuple[int, str, str]], label: dict[str, object]) -> Recorded:
    """A case of these lines: second, severity, text."""
    entries = [
        {
            "insertId": f"id{second}",
            "timestamp": f"2026-03-04T05:06:{second:02d}Z",
            "severity": severity,
            "textPayload": text,
            "logName": "projects/p/logs/run.googleapis.com%2Fstderr",
            "resource": {"type": "cloud_run_revision", "labels": {"service_name": "keel"}},
            "labels": {"instanceId": "00aa"},
        }
        for second, severity, text in lines
    ]
    case = folder / "s1" / "stow"
    case.mkdir(parents=True)
    (case / "logs.ndjson").write_text("".join(json.dumps(one) + "\n" for one in entries), encoding="utf-8")
    return Recorded(case, label)


@pytest.fixture
def case(tmp_path: Path) -> Recorded:
    """Feeds err all the time, stowing fails twice during the run, and a pump once."""
    return recorded(tmp_path, LINES, dict(LABEL))


def said(events: list[Event]) -> str:
    """What a rule names."""
    return events[0].title


def test_each_rule_names_what_it_says(case: Recorded) -> None:
    """The last before the first close, the largest group, the largest that is new, the rarest of the run."""
    scene = scene_of(case)
    assert said(last_error(scene)) == "KeyError: 'aft' while stowing"
    assert [event.entry.ref.insert_id for event in last_error(scene)] == ["id14"]
    assert said(most_frequent(scene)) == "feed 11 gave no reading"
    assert len(most_frequent(scene)) == 4
    assert said(largest_new(scene)) == "KeyError: 'aft' while stowing"
    assert said(rarest_template(scene)) == "ballast pump 3 refused to start"


def test_answers_are_held_against_the_label(case: Recorded) -> None:
    """Two rules are right here; the largest group is the decoy, the rarest line nothing of the kind."""
    rows = {row.alteration: row for row in baselines([case], processes=1)}
    assert [rows[name].right for name in BASELINES] == [True, False, True, False]
    assert rows["most frequent error group"].herring == "gave no reading"
    assert {(row.case, row.server, row.decoys) for row in rows.values()} == {("s1/stow", "uvicorn", True)}


def test_quiet_logs_have_no_answer(tmp_path: Path) -> None:
    """Where nothing is logged as an error the rules for errors say unknown, which may be right."""
    quiet = recorded(tmp_path, LINES[2:4], {**LABEL, "category": "unknown", "exception": None})
    rows = baselines([quiet], processes=1)
    assert [(row.answered, row.right) for row in rows] == [(False, True)] * 4

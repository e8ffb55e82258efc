"""Recording -> a cycle's folder on disk."""

import json
from pathlib import Path

from tests.lab.cycle_files import report, shift
from tests.lab.entries import LogEntry
from tests.lab.label import label_of
from tests.lab.recorder import Recording
from tests.lab.scenario import Scenario


def write(scenario: Scenario, recording: Recording, entries: tuple[LogEntry, ...], out: Path) -> None:
    """`out` holds the cycle's files, the logs, the label and the story."""
    out.mkdir(parents=True, exist_ok=True)
    if recording.junit is None:
        raise ValueError("a cycle needs a run of the suite")
    junit = shift(recording.junit, scenario.skew_s)
    if scenario.junit:
        (out / "junit.xml").write_text(junit, encoding="utf-8")
    if scenario.report:
        (out / "report.md").write_text(report(scenario, junit), encoding="utf-8")
    text = "".join(f"{json.dumps(entry, ensure_ascii=False)}\n" for entry in entries)
    (out / "logs.ndjson").write_text(text, encoding="utf-8")
    label = label_of(scenario, recording, entries)
    (out / "label.json").write_text(json.dumps(label, indent=1) + "\n", encoding="utf-8")
    (out / "story.md").write_text(f"# {scenario.title}\n\n{scenario.story.strip()}\n", encoding="utf-8")

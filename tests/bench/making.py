"""A size and a seed -> a folder with the day as NDJSON by time, both tellings of its cycle, and the label.

`exact/junit.xml` tells all runs with their times, `dated/report.md` tells one with its date only. A folder that was
made is kept and used again.
"""

import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.cycle import junit, report
from tests.bench.day import Day, Plan
from tests.bench.runs import Run
from tests.lab.day import service_of
from tests.lab.day_units import Case
from tests.lab.score import Recorded

DATA = Path("build/bench")
RECORDINGS = Path(__file__).parents[1] / "lab" / "recordings"
FAULTS = (
    "hypercorn-uncaught",
    "node-cause-below",
    "tornado-setting-missing",
    "wsproto-relay-died",
    "sanic-redis-timeout",
)
"""The recorded cases, a seed each in turn: the first four tell their cause on stderr, without a severity."""

TOLD_RUN = 0
"""The run with the recording's own rhythm."""


@dataclass(frozen=True, slots=True)
class Size:
    """What day is wanted."""

    entries: int
    content: int
    seed: int

    @property
    def name(self) -> str:
        """The folder's."""
        same = "" if self.content == self.entries else f"-of-{self.content}"
        return f"{self.entries}{same}-seed-{self.seed}"


def made(size: Size, out: Path) -> Path:
    """The folder of the day, made now where it was not before."""
    folder = out / size.name
    if folder.exists():
        return folder
    name = FAULTS[(size.seed - 1) % len(FAULTS)]
    recording = RECORDINGS / name
    label = json.loads((recording / "label.json").read_text(encoding="utf-8"))
    case = Case(Recorded(recording, label).entries(), label)
    day = Day(case, recording, Plan(size.entries, size.content, size.seed))
    making = out / f"{size.name}.making"
    shutil.rmtree(making, ignore_errors=True)
    for part in ("exact", "dated"):
        (making / part).mkdir(parents=True)
    with (making / "logs.ndjson").open("wb") as file:
        count = 0
        for count, line in enumerate(day.lines(), 1):  # noqa: B007 - counted
            file.write(line)
    (making / "exact" / "junit.xml").write_text(junit(day.runs, service_of(case).host), encoding="utf-8")
    told = report(day.runs[TOLD_RUN], service_of(case).host)
    (making / "dated" / "report.md").write_text(told, encoding="utf-8")
    labelled(making, label, day.runs, day.herrings, count)
    making.rename(folder)
    return folder


def labelled(
    folder: Path, label: Mapping[str, Any], runs: Sequence[Run], herrings: Iterable[str], count: int
) -> None:
    """The folder's label says what the answer is, and where it stands."""
    kept = ("id", "category", "also_categories", "exception", "exception_any", "message_contains")
    new = {
        **{key: label[key] for key in kept},
        "red_herrings": [*label["red_herrings"], *herrings],
        "evidence": [list(run.evidence) for run in runs],
        "told_run": TOLD_RUN,
        "entries": count,
        "runs": [list(run.span_ns) for run in runs],
    }
    (folder / "label.json").write_text(json.dumps(new, indent=1) + "\n", encoding="utf-8")

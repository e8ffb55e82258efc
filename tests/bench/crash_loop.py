"""A recorded roll-out whose instances do not start -> a window of minutes in which thousands of them die.

Each dies as one was recorded to: its start, its traceback line by line (the libraries' frames left out), its end. In
the midst the suite ran, as recorded.
"""

import json
import random
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import orjson

from tests.bench.cycle import junit
from tests.bench.lines import exported, timed
from tests.bench.making import labelled
from tests.bench.runs import Run, Runs
from tests.lab.day import service_of
from tests.lab.day_units import Case
from tests.lab.entries import LogEntry, seeded
from tests.lab.fill import Era, instances_for, new_instance
from tests.lab.mould import Line, Mould, Part, Setting
from tests.lab.score import Recorded
from tests.lab.ties import instance_of, span_of, text_of

RECORDING = Path(__file__).parents[2] / "fixtures" / "cycle-4"
_ROUND_NS = 110_000_000_000
"""Before the run and after it: within what is read round the tests' times."""

_CAUSE = "ModuleNotFoundError"
_SHOWS = re.compile(rf"{_CAUSE}|Traceback|Exception in worker|File \\\\?\"/app/")
"""The lines of a traceback that name the cause, open it, or say where it was raised."""


def crash_loop(traces: int, seed: int, out: Path) -> Path:
    """The folder of a window with so many crashes, made now where it was not before."""
    folder = out / f"crash-loop-{traces}-seed-{seed}"
    if folder.exists():
        return folder
    label = json.loads((RECORDING / "label.json").read_text(encoding="utf-8"))
    case = Case(Recorded(RECORDING, label).entries(), label)
    dice = seeded(seed)
    at = min(span_of(entry)[0] for entry in case.entries)
    run = Runs(case, RECORDING).cast(0, at, Era(at, at, case.revision, instances_for(600, dice), ()), dice)
    lines = sorted(_lines(case, run, traces, dice))
    making = out / f"{folder.name}.making"
    (making / "exact").mkdir(parents=True, exist_ok=True)
    with (making / "logs.ndjson").open("wb") as file:
        file.writelines(exported(text) for _, text in lines)
    (making / "exact" / "junit.xml").write_text(junit([run], service_of(case).host), encoding="utf-8")
    shown = replace(
        run, evidence=tuple(orjson.loads(text)["insertId"] for _, text in lines if _SHOWS.search(text))
    )
    labelled(making, label, (shown,), [], len(lines))
    making.rename(folder)
    return folder


def _lines(case: Case, run: Run, traces: int, dice: random.Random) -> Iterator[Line]:
    moulds = _deaths(case)
    start, end = run.span_ns
    yield from (timed(line) for line in run.lines)
    for _ in range(traces - sum(_CAUSE in text for _, text in run.lines)):
        at = dice.randrange(start - _ROUND_NS, end + _ROUND_NS)
        setting = Setting(at, case.revision, (new_instance(dice),), (0.8, 1.3))
        yield from (timed(line) for line in dice.choice(moulds).cast(setting, dice))


def _deaths(case: Case) -> list[Mould]:
    """How instances died, each from its start to its exit."""
    by_instance: defaultdict[str, list[LogEntry]] = defaultdict(list)
    for entry in case.entries:
        if "httpRequest" not in entry:
            by_instance[instance_of(entry)].append(entry)
    found = []
    for instance, entries in by_instance.items():
        texts = [text_of(entry) for entry in entries]
        if instance and any(_CAUSE in text for text in texts) and any("exit(" in text for text in texts):
            found.append(Mould([Part(entry) for entry in _short(entries)]))
    return found


def _short(entries: list[LogEntry]) -> Iterator[LogEntry]:
    """The entries without the lines of frames that lie in libraries."""
    left_out = False
    for entry in entries:
        text = str(entry.get("textPayload", ""))
        if text.startswith('  File "'):
            left_out = not text.startswith('  File "/app/')
        elif not text.startswith("    "):
            left_out = False
        if not left_out:
            yield entry

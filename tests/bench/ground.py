"""What every measurement stands on: the data, the commands, the yardstick, the answers held against the labels."""

import compileall
import json
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.bench.answers import held
from tests.bench.cases import Case
from tests.bench.making import Size, made
from tests.bench.measure import ROOT, STOPPED, Bench, Cost
from tests.bench.rivals import Rival, rivals

RCA = (sys.executable, "-m", "rca")
ROUND_NS = 180_000_000_000
"""Before and after a run: what whoever typed in the windows would add."""

_S = 1_000_000_000
_USAGE = 2
YARDSTICK = (sys.executable, str(Path(__file__).with_name("yardstick.py")))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to measure."""

    entries: int
    seeds: tuple[int, ...]
    times: int
    limit_s: int
    """For one run of one command."""

    data: Path
    tools: Path
    """An environment with the rivals that are Python packages."""


class Ground:
    """Makes what is measured and runs it; tells on standard error how far it is."""

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        place = (wanted.data / "place").resolve()
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        self.bench = Bench(place, wanted.limit_s)
        compileall.compile_dir(ROOT / "rca", quiet=1)
        self.bench.run((*RCA, "demo"))  # compiled and cached, as for whoever uses it daily

    @property
    def seed(self) -> int:
        """That of the day that is measured in full."""
        return self.wanted.seeds[0]

    def folder(self, seed: int, entries: int | None = None) -> Path:
        """The folder of a day; of so many entries round the same windows, where that is said."""
        size = Size(entries or self.wanted.entries, self.wanted.entries, seed)
        say(f"the day {size.name}")
        return made(size, self.wanted.data).resolve()

    def yardstick(self, folder: Path) -> Cost:
        """What reading the day's NDJSON with nothing but `orjson.loads` costs now."""
        return self.bench.run((*YARDSTICK, str(folder / "logs.ndjson")))

    def why(self, folder: Path, logs: Path, case: Case, more: tuple[str, ...] = ()) -> tuple[str, ...]:
        """The command of a case."""
        cycle = ("--cycles-dir", str(folder / case.cycle), "--cycle", "1")
        return (*RCA, "why", *cycle, "--logs", str(logs), *case.options, *(more or ("-o", "report.md")))

    def answer(self, folder: Path, logs: Path, case: Case) -> str:
        """Whether the report names the true cause first, from one run more."""
        path = self.bench.place / "report.json"
        path.unlink(missing_ok=True)
        cost = self.bench.run(self.why(folder, logs, case, ("--format", "json", "-o", str(path))))
        if cost.code == STOPPED:
            return f"WRONG: none in {self.wanted.limit_s} s"
        return "not offered" if cost.code == _USAGE else held(path, label_of(folder))

    def measured(
        self, folder: Path, commands: Sequence[tuple[str, ...]]
    ) -> tuple[list[list[Cost]], list[Cost]]:
        """The costs of each command, each time after the yardstick's; what had to be stopped is not run again."""
        costs: list[list[Cost]] = [[] for _ in commands]
        yardsticks = []
        for _ in range(self.wanted.times):
            yardsticks.append(self.yardstick(folder))
            for command, found in zip(commands, costs, strict=True):
                stopped = bool(found) and found[-1].code in {STOPPED, _USAGE}
                found.append(found[-1] if stopped else self.bench.run(command))
                what = " ".join(command).replace(f"{folder}/", "").replace("\n", " ")
                say(f"{found[-1].cpu_s:8.2f} s {found[-1].peak_mib:6.0f} MiB  … {what[-100:]}")
        return costs, yardsticks

    @cached_property
    def rivals(self) -> tuple[Rival, ...]:
        """The tools beside it, asked for the windows of the day that is measured."""
        folder = self.folder(self.seed)
        runs = label_of(folder)["runs"]
        windows = [(stamp(start - ROUND_NS), stamp(end + ROUND_NS)) for start, end in runs]
        return rivals(self.wanted.tools.absolute(), folder / "logs.ndjson", windows, self.bench.place)


def label_of(folder: Path) -> dict[str, Any]:
    """The label of a folder's data."""
    label: dict[str, Any] = json.loads((folder / "label.json").read_text(encoding="utf-8"))
    return label


def stamp(at_ns: int) -> str:
    """RFC 3339 as the entries have it."""
    return datetime.fromtimestamp(at_ns / _S, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def say(text: str) -> None:
    """Told on standard error."""
    sys.stderr.write(f"bench: {text}\n")

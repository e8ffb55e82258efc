"""All scenarios that can be recorded here, several at a time; what was not recorded is said, with the reason."""

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.lab.day import DAYS
from tests.lab.scenario import Scenario, all_scenarios

_LONGEST_S = 600
_SAID = 300


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one recording."""

    name: str
    seed: int
    state: str
    """recorded, kept (it was there before), skipped or failed."""

    why: str = ""


def missing(scenario: Scenario) -> list[str]:
    """What the scenario needs and is not here: modules, another Python, node with its packages."""
    lacking = [name for name in scenario.needs if importlib.util.find_spec(name) is None]
    wanted = [scenario.interpreter] if scenario.interpreter else []
    if scenario.command[0] == "node":
        wanted.append("LAB_NODE_MODULES")
        lacking += [] if shutil.which("node") else ["node"]
    return lacking + [f"${name} (see tests/lab/servers.py)" for name in wanted if name not in os.environ]


def record_all(out: Path, seeds: Sequence[int], jobs: int) -> list[Outcome]:
    """Each scenario and seed lies in `out`/s<seed>/<name>, or there is an outcome that says why it does not.

    So do days round some of them, in `out`/s<seed>/day-<name>.
    """
    known = all_scenarios()
    tasks = [(scenario, seed) for seed in seeds for scenario in known.values()]
    days = [(name, seed) for seed in seeds for name in DAYS if name in known]
    with ThreadPoolExecutor(jobs) as pool:
        found = list(pool.map(lambda task: _record(task[0], task[1], out), tasks))
        return found + list(pool.map(lambda task: _day(task[0], task[1], out), days))


def _record(scenario: Scenario, seed: int, out: Path) -> Outcome:
    if lacking := missing(scenario):
        return Outcome(scenario.name, seed, "skipped", f"it needs {', '.join(lacking)}")
    return _made(scenario.name, seed, out, "record", scenario.name)


def _day(name: str, seed: int, out: Path) -> Outcome:
    recorded = out / f"s{seed}" / name
    if not (recorded / "label.json").exists():
        return Outcome(f"day-{name}", seed, "skipped", f"{name} was not recorded")
    return _made(f"day-{name}", seed, out, "day", "--from", str(recorded))


def _made(name: str, seed: int, out: Path, *what: str) -> Outcome:
    """The lab's command was carried out, its folder being `out`/s<seed>/<name>."""
    folder = out / f"s{seed}" / name
    if (folder / "label.json").exists():
        return Outcome(name, seed, "kept")
    shutil.rmtree(folder, ignore_errors=True)
    command = [sys.executable, "-m", "tests.lab", *what, "--out", str(folder), "--seed", str(seed)]
    try:
        # A process each: a recording sets environment variables and owns its event loop.
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=_LONGEST_S)  # noqa: S603 - our own command
    except subprocess.CalledProcessError as error:
        shutil.rmtree(folder, ignore_errors=True)
        return Outcome(name, seed, "failed", error.stderr.strip().rpartition("\n")[2][:_SAID])
    except subprocess.TimeoutExpired:
        shutil.rmtree(folder, ignore_errors=True)
        return Outcome(name, seed, "failed", f"it took longer than {_LONGEST_S} s")
    return Outcome(name, seed, "recorded")


def told(outcomes: Sequence[Outcome]) -> str:
    """How many were recorded, and a line for each that was not."""
    counts = {
        state: sum(one.state == state for one in outcomes)
        for state in ("recorded", "kept", "skipped", "failed")
    }
    lines = [", ".join(f"{count} {state}" for state, count in counts.items())]
    reasons = dict.fromkeys((one.name, one.why) for one in outcomes if one.state == "skipped")
    lines += [f"skipped {name}: {why}" for name, why in reasons]
    lines += [f"FAILED {one.name}, seed {one.seed}: {one.why}" for one in outcomes if one.state == "failed"]
    return "\n".join(lines) + "\n"

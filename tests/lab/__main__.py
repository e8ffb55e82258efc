"""`python -m tests.lab record NAME --out DIR`: records a scenario; `list` names them all."""

import argparse
import asyncio
import importlib.util
import os
import shutil
import sys
from pathlib import Path

from tests.lab.day import set_into_day
from tests.lab.export import write
from tests.lab.recorder import Recorder
from tests.lab.scenario import Scenario, all_scenarios
from tests.lab.vary import varied


def record(scenario: Scenario, out: Path, seed: int) -> int:
    """The scenario was recorded into `out`; the number of entries is returned."""
    scenario = varied(scenario, seed)
    with Recorder(scenario, seed) as recorder:
        recording = asyncio.run(recorder.record())
        entries = set_into_day(scenario, recording, seed) if scenario.day else recording.entries
        write(scenario, recording, entries, out)
    return len(entries)


def _missing(scenario: Scenario) -> list[str]:
    """What the scenario needs and is not here: modules, another Python, node with its packages."""
    missing = [name for name in scenario.needs if importlib.util.find_spec(name) is None]
    wanted = [scenario.interpreter] if scenario.interpreter else []
    if scenario.command[0] == "node":
        wanted.append("LAB_NODE_MODULES")
        missing += [] if shutil.which("node") else ["node"]
    return missing + [f"${name} (see tests/lab/servers.py)" for name in wanted if name not in os.environ]


def main() -> int:
    """The command was carried out; the exit code is returned."""
    parser = argparse.ArgumentParser(prog="python -m tests.lab", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="name the scenarios")
    asked = commands.add_parser("record", help="record one")
    asked.add_argument("name")
    asked.add_argument("--out", type=Path, required=True)
    asked.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    known = all_scenarios()
    if options.command == "list":
        sys.stdout.write("".join(f"{name:24} {scenario.title}\n" for name, scenario in sorted(known.items())))
        return 0
    if options.name not in known:
        parser.error(f"no scenario {options.name!r}; there are {', '.join(sorted(known))}")
    missing = _missing(known[options.name])
    if missing:
        parser.error(f"{options.name} needs {', '.join(missing)}")
    count = record(known[options.name], options.out, options.seed)
    sys.stderr.write(f"{options.name}: {count} entries in {options.out}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

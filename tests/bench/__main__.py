"""Makes the benchmark's data, and measures `rca` and other tools on it."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from tests.bench.cases import Section
from tests.bench.crash_loop import crash_loop
from tests.bench.days import day, growth, seeds
from tests.bench.disorder import disorder
from tests.bench.formats import FORMATS, written
from tests.bench.ground import Ground, Wanted
from tests.bench.making import DATA, FAULTS, Size, made
from tests.bench.paper import told
from tests.bench.parts import api, crash_loops, start

_SECTIONS: dict[str, Callable[[Ground], Section]] = {
    "day": day,
    "seeds": seeds,
    "growth": growth,
    "disorder": disorder,
    "api": api,
    "crash-loop": crash_loops,
    "start": start,
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    asked = commands.add_parser("make", help="make a day of logs with a fault in it, and its cycle")
    asked.add_argument("--entries", type=int, default=1_000_000)
    asked.add_argument("--content", type=int, help="the size of the day whose rate goes round the runs")
    asked.add_argument("--seed", type=int, default=1, help=f"also which fault: {', '.join(FAULTS)}, in turn")
    asked.add_argument(
        "--format", choices=FORMATS, nargs="*", default=[], help="besides NDJSON, oldest first"
    )
    asked.add_argument("--crash-loop", type=int, metavar="TRACES", help="instead of a day")
    asked.add_argument("--data", type=Path, default=DATA)
    asked = commands.add_parser("run", help="measure, and print the table")
    asked.add_argument("--entries", type=int, default=1_000_000)
    asked.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5])
    asked.add_argument("--times", type=int, default=5, help="runs of each, of which the median counts")
    asked.add_argument("--limit", type=int, default=900, help="seconds for one run of one command")
    asked.add_argument("--only", choices=_SECTIONS, nargs="+", default=list(_SECTIONS), metavar="SECTION",
                       help=", ".join(_SECTIONS))  # fmt: skip
    asked.add_argument("--data", type=Path, default=DATA)
    asked.add_argument(
        "--tools", type=Path, default=DATA / "tools", help="an environment with duckdb, polars, pandas"
    )
    asked.add_argument("--out", type=Path, help="also write the table there")
    return parser


def main() -> int:
    """The command was carried out; the exit code is returned."""
    options = _parser().parse_args()
    if options.command == "make":
        if options.crash_loop is not None:
            folder = crash_loop(options.crash_loop, options.seed, options.data)
        else:
            folder = made(
                Size(options.entries, options.content or options.entries, options.seed), options.data
            )
        paths = [written(folder, name) for name in options.format]
        sys.stdout.write("".join(f"{path}\n" for path in (folder, *paths)))
        return 0
    wanted = Wanted(
        options.entries, tuple(options.seeds), options.times, options.limit, options.data, options.tools
    )
    ground = Ground(wanted)
    lacking = [name for name in _SECTIONS if name not in options.only]
    paper = told([_SECTIONS[name](ground) for name in options.only], lacking, ground)
    sys.stdout.write(paper)
    if options.out is not None:
        options.out.write_text(paper, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

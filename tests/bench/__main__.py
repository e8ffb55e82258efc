"""Makes the benchmark's data."""

import argparse
import sys
from pathlib import Path

from tests.bench.making import DATA, FAULTS, Size, made


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    asked = commands.add_parser("make", help="make a day of logs with a fault in it, and its cycle")
    asked.add_argument("--entries", type=int, default=1_000_000)
    asked.add_argument("--content", type=int, help="the size of the day whose rate goes round the runs")
    asked.add_argument("--seed", type=int, default=1, help=f"also which fault: {', '.join(FAULTS)}, in turn")
    asked.add_argument("--out", type=Path, default=DATA)
    return parser


def main() -> int:
    """The command was carried out; the exit code is returned."""
    options = _parser().parse_args()
    size = Size(options.entries, options.content or options.entries, options.seed)
    sys.stdout.write(f"{made(size, options.out)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

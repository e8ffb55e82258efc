"""What fuzzing came to, as a table in a Markdown file.

In: a file that holds two marks, and what each reader has come to. Out: the file with the table between the marks.
"""

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import rca
from tests.fuzz.reached import Reached

BEGIN, END = "<!-- fuzzed -->", "<!-- /fuzzed -->"


def write(path: Path, readers: Sequence[Reached]) -> None:
    """The table stands between the marks of the file, in place of what stood there."""
    before, _, rest = path.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    path.write_text(f"{before}{BEGIN}\n\n{told(readers)}\n\n{END}{after}", encoding="utf-8")


def told(readers: Sequence[Reached]) -> str:
    """A row each, and on what it was measured."""
    flat = sum(one.flat for one in readers)
    head = (
        "reader", "executions", "edges", "of them new in the later half", "executions since the last new edge",
        "seconds", "slowest input, s", "peak, MiB", "broke it", "coverage",
    )  # fmt: skip
    machine = (
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores ({platform.machine()}), "
        f"CPython {platform.python_version()}, atheris {version('atheris')}, rca {rca.__version__}: "
        f"{flat} of {len(readers)} readers flat."
    )
    rows = [_row(head), _row(("---", *["---:"] * 8, "---")), *(_row(_cells(one)) for one in readers)]
    return "\n".join([machine, "", *rows])


def _cells(one: Reached) -> tuple[str, ...]:
    return (
        one.reader,
        f"{one.executions:,}",
        f"{one.edges:,}",
        f"{one.later:,}",
        f"{one.executions - one.last_new:,}",
        f"{one.seconds:.0f}",
        f"{one.worst_s:.2f}",
        f"{one.peak_mib}",
        f"{one.found}",
        "flat" if one.flat else "still growing",
    )


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"

"""Did the fix hold: two cycles, or two saved reports, side by side."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rca.cli import options, running
from rca.cli.group import main
from rca.errors import Exit, UsageError

if TYPE_CHECKING:
    from rca.comparison import Comparison
    from rca.contract import Report


@main.command(
    epilog="\b\n"
    "  rca diff 1 2                          # two cycles: their recordings, or the logs beside their reports\n"
    "  rca diff 1 2 --project P              # the same, live\n"
    "  rca diff before.json after.json       # two reports that `rca why --format json -o FILE` saved\n"
    "\n"
    "Exit codes: 0 every cause is gone, 5 one is still there, 3 cannot be told, 4 logs known to be incomplete."
)
@click.argument("first", metavar="FIRST")
@click.argument("second", metavar="SECOND")
@options.cycles_logs
@options.formatted("md", "html", "json")
@click.option(
    "--allow-incomplete", is_flag=True, help="Exit 0, 3 or 5 although the logs are known to have a gap."
)
def diff(
    first: str,
    second: str,
    fmt: str,
    output: str | None,
    *,
    allow_incomplete: bool,
    **typed: Any,  # noqa: ANN401 - click's options
) -> None:
    """Did the fix hold? What became of each cause of cycle FIRST in cycle SECOND; each may be a saved report."""
    from rca.diff import compare  # noqa: PLC0415 - heavy

    if "-" in typed["logs"] and _is_number(first) and _is_number(second):
        raise UsageError("standard input holds the logs of one cycle", "name files for two: --logs FILE")
    made = compare(report_of(first, typed), report_of(second, typed))
    running.write(_drawn(made, fmt), output)
    sys.exit(exit_code(made, allow_incomplete=allow_incomplete))


def _drawn(comparison: "Comparison", fmt: str) -> str:
    """The comparison in a format."""
    if fmt == "html":
        from rca.render import diff_html  # noqa: PLC0415 - heavy: only where a page is made

        return diff_html.as_html(comparison)
    from rca.render import diff as drawn  # noqa: PLC0415 - heavy

    return drawn.as_json(comparison) if fmt == "json" else drawn.as_markdown(comparison)


def report_of(named: str, typed: dict[str, Any]) -> "Report":
    """The report on a cycle's number, or the one saved in a file; the same, whichever of the two is named."""
    if _is_number(named):
        from rca.render import json as stored  # noqa: PLC0415 - heavy

        return stored.loads(stored.dumps(running.investigated(**typed, cycle=int(named)).report))
    return running.saved(Path(named))


def _is_number(named: str) -> bool:
    return named.isascii() and named.isdigit()


def exit_code(comparison: "Comparison", *, allow_incomplete: bool) -> int:
    """4 for a known gap, 5 for a cause that is still there, 3 for what cannot be told; 0 else."""
    if not allow_incomplete and False in (comparison.first.complete, comparison.second.complete):
        return Exit.INCOMPLETE
    if comparison.verdict == "did_not_hold":
        return Exit.STILL_THERE
    return Exit.UNKNOWN if comparison.verdict == "unknown" else Exit.OK

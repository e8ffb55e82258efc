"""The history of the cycles: from the reports that are kept, else from the logs that are at hand."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rca.cli import options, running
from rca.cli.group import main
from rca.cli.saying import say
from rca.errors import RcaError

if TYPE_CHECKING:
    from rca.comparison import History
    from rca.contract import Report
    from rca.history import Account
    from rca.model import Cycle
    from rca.settings import Settings

_LIMIT = {"none": 0, "small": 64 << 20, "all": 1 << 62}
"""Bytes of logs that are read for one cycle, by `--analyze`."""

_PACKED = 12
"""How many bytes of a log a byte of gzip holds, or more."""

_HEAD = 400
_MOST_FILES = 5_000
_LARGEST = 64 << 20
"""Bytes of a report; what is larger is none."""


@main.command(
    epilog="\b\n"
    "  rca history                             # every cycle found: its cause, and what came back\n"
    "  rca history --analyze none              # from stored reports alone\n"
    "  rca history --format csv -o history.csv # for a spreadsheet: a row each cycle, a column each cause\n"
    "  rca why --cycle 1 --format json -o results/cycle-1.report.json    # stores one: beside the cycle's files\n"
    "\n"
    "A report is taken from a JSON file that `rca why --format json` wrote: beside the cycle's files, in .rca/reports, "
    "or in a folder that --reports names. A cycle without one is analyzed from its recording or the logs beside it, if "
    "these are small; nothing is ever read live."
)
@options.cycles_files
@click.option("--reports", multiple=True, metavar="DIR", help="A folder of stored reports; repeatable.")
@click.option(
    "--analyze",
    type=click.Choice(list(_LIMIT)),
    default="small",
    show_default=True,
    help="Whether to analyze cycles without a stored report: those with up to 64 MB of logs, or all.",
)
@options.formatted("text", "json", "csv")
def history(reports: tuple[str, ...], analyze: str, fmt: str, output: str | None, **typed: Any) -> None:  # noqa: ANN401 - click's options
    """List the cycles with their causes, and name what came back."""
    from rca import cycles as readers, history as chronicle  # noqa: PLC0415 - heavy

    settings = running.settings()
    folder = Path(typed["cycles_dir"] or settings.cycles_dir)
    found = readers.list_cycles(folder, say)
    stored = _stored(_folders(reports, found, folder, settings))
    accounts = [_account(cycle, stored, typed, _LIMIT[analyze]) for cycle in found]
    told = {account.told_by for account in accounts}
    accounts += [
        chronicle.Account(report.cycle.number, report.cycle.date, report, name)
        for name, report in stored
        if reports and name not in told and report.cycle is not None
    ]
    made = chronicle.of(accounts)
    running.write(_drawn(made, fmt), output)


def _drawn(made: "History", fmt: str) -> str:
    """The history as text in the format asked for."""
    if fmt == "csv":
        from rca.render.history_table import as_csv  # noqa: PLC0415 - heavy: pandas

        return as_csv(made)
    from rca.render.history import as_json, as_text  # noqa: PLC0415 - heavy

    return as_json(made) if fmt == "json" else as_text(made)


def _folders(
    named: Sequence[str], found: Sequence["Cycle"], folder: Path, settings: "Settings"
) -> list[Path]:
    """Where stored reports may lie: the folders that were named, else those of the cycles and our own."""
    if named:
        return [Path(one) for one in named]
    home = folder if folder.is_dir() else folder.parent
    beside = [home / Path(cycle.sources[0]).parent for cycle in found if cycle.sources]
    return list(dict.fromkeys([*beside, home, Path(settings.home) / ".rca" / "reports"]))


def _stored(folders: Sequence[Path]) -> list[tuple[str, "Report"]]:
    """The reports that are stored there, each with its file's name, the newest first."""
    paths = [path for folder in folders for path in _reports_in(folder)][:_MOST_FILES]
    made: list[tuple[str, Report]] = []
    for path in sorted(paths, key=lambda path: (-path.stat().st_mtime_ns, str(path))):
        try:
            made.append((str(path), running.saved(path)))
        except RcaError as error:
            say(f"{path}: {error.message}")
    return made


def _reports_in(folder: Path) -> Iterator[Path]:
    """The files of a folder that begin as a report does: what else ends in .json may be a log of gigabytes."""
    if not folder.is_dir():
        return
    for path in sorted(folder.glob("*.json")):
        if path.is_file() and path.stat().st_size <= _LARGEST:
            with path.open("rb") as stream:
                if b'"rca.report/' in stream.read(_HEAD):
                    yield path


def _account(
    cycle: "Cycle", stored: Sequence[tuple[str, "Report"]], typed: dict[str, Any], limit: int
) -> "Account":
    """One cycle with its stored report, or the one that its logs give, or why there is neither."""
    from rca.history import Account  # noqa: PLC0415 - heavy

    for name, report in stored:
        own = report.cycle
        same_date = own is not None and (cycle.date is None or own.date in (None, cycle.date))
        if own is not None and own.number == cycle.number and same_date:
            return Account(cycle.number, cycle.date, report, name)
    made, told_by = _analyzed(cycle, typed, limit)
    return Account(cycle.number, cycle.date, made, told_by)


def _analyzed(cycle: "Cycle", typed: dict[str, Any], limit: int) -> tuple["Report | None", str]:
    """The report that a cycle's logs give, where these are at hand and not too large, and how it came about."""
    from rca import asking, logs  # noqa: PLC0415 - heavy

    if cycle.number is None:
        return None, "not analyzed: it states no number"
    asked = {
        **typed,
        "cycle": cycle.number,
        "on": cycle.date.isoformat() if cycle.date else None,
        "source": "files",
    }
    try:
        size = _bytes(logs.files_of(asking.sought(options.asked(**asked), running.settings())))
        if not size:
            return None, f"not analyzed: no logs at hand; rca pull --cycle {cycle.number} records them"
        if size > limit:
            megabytes = max(1, round(size / (1 << 20)))
            return None, f"not analyzed: {megabytes:,} MB of logs are at hand, see --analyze"
        say(f"analyzing cycle {cycle.number}: no stored report")
        return running.investigated(**asked).report, "analyzed now"
    except RcaError as error:
        return None, f"not analyzed: {error.message}"


def _bytes(paths: Sequence[Path]) -> int:
    """What these files and folders hold, about; packed ones unpacked."""
    files = [one for path in paths for one in (path.rglob("*") if path.is_dir() else [path]) if one.is_file()]
    sizes = ((path.stat().st_size, path.suffix == ".gz") for path in files)
    return sum(size * (_PACKED if packed else 1) for size, packed in sizes)

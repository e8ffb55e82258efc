"""Where the logs of a question come from: the first of the places that apply.

Options, then what lies beside the cycle's files; else an error that names them all.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from rca.errors import SourceError
from rca.model import Cycle
from rca.sources import LogSource
from rca.sources.files import Files

_BESIDE = (
    "logs.ndjson",
    "logs.ndjson.gz",
    "logs.json",
    "logs.json.gz",
    "logs.jsonl",
    "logs.jsonl.gz",
    "logs",
)


def source_of(named: Sequence[str], cycle: Cycle | None, folder: Path, stdin: BinaryIO) -> LogSource:
    """The source of the logs: the files that were named, else those beside the cycle's own files.

    Raises:
        SourceError: no log file is named, and none lies beside the cycle.
    """
    if named:
        return Files(list(named), stdin)
    if cycle is not None and cycle.sources:
        home = (folder if folder.is_dir() else folder.parent) / Path(cycle.sources[0]).parent
        beside = [home / name for name in _BESIDE if (home / name).exists()]
        if beside:
            return Files([str(beside[0])], stdin)
    raise SourceError(
        "no logs to read",
        "name an export with --logs FILE (or - for stdin), set `logs` in rca.toml or RCA_LOGS, or put a logs.ndjson "
        "(.json, .gz) beside the cycle's report; to make one:\n"
        '     gcloud logging read \'resource.type="cloud_run_revision" AND resource.labels.service_name="SERVICE"\' '
        "--project P --freshness 2d --format json > logs.json",
    )

"""Tools that a user could take instead, each asked for the entries of windows that were typed in by hand.

None finds the windows, and none names a cause. What is not installed is said.
"""

import json
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

_LNAV_FORMAT = {
    "$schema": "https://lnav.org/schemas/format-v1.schema.json",
    "cloud_entry": {
        "title": "Cloud Logging entries",
        "description": "A line each",
        "json": True,
        "hide-extra": True,
        "line-format": [{"field": "__timestamp__"}, " ", {"field": "textPayload", "default-value": ""}],
        "timestamp-field": "timestamp",
        "body-field": "textPayload",
        "level-field": "severity",
        "value": {key: {"kind": "string"} for key in ("insertId", "logName", "severity", "textPayload")},
    },
}
_DUCKDB = """
import duckdb
names = ("timestamp", "severity", "logName", "insertId", "textPayload", "trace")
columns = dict.fromkeys(names, "VARCHAR") | dict.fromkeys(("jsonPayload", "httpRequest", "labels"), "JSON")
within = " OR ".join(f"(timestamp >= '{start}' AND timestamp < '{end}')" for start, end in WINDOWS)
rows = f"SELECT * FROM read_json(?, format='newline_delimited', columns={columns}) WHERE {within}"
duckdb.execute(f"COPY ({rows}) TO '{OUT}' (FORMAT json)", [LOGS])
"""
_POLARS = """
import polars
from functools import reduce
from operator import or_
at = polars.col("timestamp")
within = reduce(or_, [(at >= start) & (at < end) for start, end in WINDOWS])
polars.scan_ndjson(LOGS, infer_schema_length=10_000).filter(within).sink_ndjson(OUT)
"""
_PANDAS = """
import pandas
entries = pandas.read_json(LOGS, lines=True)
at, within = pandas.to_datetime(entries["timestamp"], utc=True), False
for start, end in WINDOWS:
    within |= (at >= pandas.Timestamp(start)) & (at < pandas.Timestamp(end))
entries[within].to_json(OUT, orient="records", lines=True)
"""
_VERSION = "import importlib.metadata as m; print(m.version({!r}))"


@dataclass(frozen=True, slots=True)
class Rival:
    """A tool, installed or not."""

    name: str
    version: str
    """Empty where it is not installed."""

    command: tuple[str, ...] = ()


def rivals(tools: Path, logs: Path, windows: Sequence[tuple[str, str]], place: Path) -> tuple[Rival, ...]:
    """The tools, each with its command; those of Python live in the environment `tools`."""
    python = str(tools / "bin" / "python")
    head = f"WINDOWS, LOGS, OUT = {list(windows)!r}, {str(logs)!r}, {str(place / 'chosen')!r}\n"
    scripts = {"duckdb": _DUCKDB, "polars": _POLARS, "pandas": _PANDAS}
    found = [
        Rival(name, _said(python, "-c", _VERSION.format(name)), (python, "-c", head + script))
        for name, script in scripts.items()
    ]
    makers: dict[str, Callable[[Path, Sequence[tuple[str, str]], Path], tuple[str, ...]]]
    makers = {"jq": _jq, "lnav": _lnav}
    for name, command in makers.items():
        version = _said(name, "--version" if name == "jq" else "-V").split()
        found.append(
            Rival(name, version[-1].removeprefix("jq-") if version else "", command(logs, windows, place))
        )
    return tuple(found)


def _said(*command: str) -> str:
    """What a command prints; nothing where it is not there or fails."""
    if shutil.which(command[0]) is None:
        return ""
    told = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - as written here
    return told.stdout.strip() if told.returncode == 0 else ""


def _jq(logs: Path, windows: Sequence[tuple[str, str]], _place: Path) -> tuple[str, ...]:
    within = " or ".join(f'(.timestamp >= "{start}" and .timestamp < "{end}")' for start, end in windows)
    return ("jq", "-c", f"select({within})", str(logs))


def _lnav(logs: Path, windows: Sequence[tuple[str, str]], place: Path) -> tuple[str, ...]:
    formats = place / "lnav" / "formats" / "installed"
    formats.mkdir(parents=True, exist_ok=True)
    (formats / "cloud_entry.json").write_text(json.dumps(_LNAV_FORMAT), encoding="utf-8")
    within = " OR ".join(
        f"log_time BETWEEN '{start[:-1].replace('T', ' ')}' AND '{end[:-1].replace('T', ' ')}'"
        for start, end in windows
    )
    rows = f";SELECT log_time, log_level, log_body FROM cloud_entry WHERE {within}"  # noqa: S608 - the windows are ours
    return (
        "lnav",
        "-n",
        "-I",
        str(place / "lnav"),
        "-c",
        rows,
        "-c",
        f":write-csv-to {place / 'chosen'}",
        str(logs),
    )

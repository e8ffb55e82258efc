"""Settings: options, then RCA_* variables, then rca.toml (found upward from the working folder), then defaults."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Annotated, Any

import msgspec

from rca.errors import SettingsError

FILE = "rca.toml"
_LISTS = frozenset({"logs", "services", "projects", "catalogue", "mask"})
_PATHS = ("logs", "catalogue")
"""Lists of paths, relative to the file that sets them."""

_NUMBERS = frozenset({"max_calls"})
_DIGITS = 10
"""A longer number is no number of calls, and Python does not read all that are longer."""

TEMPLATE = """\
# Settings of rca. Options on the command line win over RCA_* variables, and those over this file.

# Where the cycles' results reports lie: a folder of many cycles, or of one cycle's files.
cycles_dir = "."

# Log exports to read where --logs is not given; else a logs.ndjson (.json, .gz) beside the cycle's files is read.
# logs = ["exports/backend.ndjson.gz"]

# Cloud Run services to look at, where the logs hold several.
# services = ["backend"]

# The Google Cloud project whose logs are read live where no file is named, or several of them.
# projects = ["shop-staging"]

# A log bucket and a view of it, instead of all that the project's logs hold.
# bucket = "_Default"
# location = "global"
# view = "_AllLogs"

# Read calls that one run may make at most; a call brings 1,000 entries.
# max_calls = 200

# Folders of known causes of your own (*.toml), beside those that come along: rca causes --check tries them.
# catalogue = ["causes"]

# Names whose values are masked as well: ids of your users, say.
# mask = ["user_id", "tenant"]

# Time zone of the runner, where reports give a date or a time without one.
# tz = "Europe/Zurich"
"""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user has set, wherever it was set."""

    cycles_dir: str = "."
    logs: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    tz: str | None = None
    projects: tuple[str, ...] = ()
    endpoint: str | None = None
    bucket: str | None = None
    location: str | None = None
    view: str | None = None
    max_calls: Annotated[int, msgspec.Meta(ge=1)] = 200
    catalogue: tuple[str, ...] = ()
    mask: tuple[str, ...] = ()
    home: str = "."
    """The folder of rca.toml, else the working folder: recordings lie below it."""

    origin: Mapping[str, str] = field(default_factory=dict)
    """Where each setting that is no default comes from, for messages."""


def load(start: Path, environ: Mapping[str, str] | None = None) -> Settings:
    """The settings in force in a folder, before the command line's options.

    Raises:
        SettingsError: rca.toml cannot be read, or a key or value in it or in an RCA_* variable is wrong.
    """
    found = next((folder / FILE for folder in (start, *start.parents) if (folder / FILE).is_file()), None)
    values: dict[str, Any] = {}
    origin: dict[str, str] = {}
    if found is not None:
        values |= _from_file(found)
        origin |= dict.fromkeys(values, str(found))
    for key, value in _from_environment(os.environ if environ is None else environ).items():
        values[key] = value
        origin[key] = f"RCA_{key.upper()}"
    try:
        settings = msgspec.convert(values, Settings, strict=True)
    except msgspec.ValidationError as error:
        where = ", ".join(sorted(set(origin.values())))
        raise SettingsError(
            f"a setting in {where} has the wrong type: {error}", "see `rca init` for the form"
        ) from error
    return replace(settings, origin=origin, home=str(found.parent if found else start))


def _from_file(path: Path) -> dict[str, Any]:
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise SettingsError(
            f"cannot read {path}: {error}", "mend the file, or write a new one with `rca init`"
        ) from error
    unknown = sorted(set(values) - _keys())
    if unknown:
        raise SettingsError(
            f"{path} sets {', '.join(unknown)}, which rca does not know",
            f"known: {', '.join(sorted(_keys()))}",
        )
    base = path.parent
    if isinstance(values.get("cycles_dir"), str):
        values["cycles_dir"] = str(base / values["cycles_dir"])
    for key in _PATHS:
        if isinstance(values.get(key), list):
            values[key] = [str(base / name) if isinstance(name, str) else name for name in values[key]]
    return values


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key in _keys():
        value = environ.get(f"RCA_{key.upper()}")
        if value:
            values[key] = _read(key, value)
    return values


def _read(key: str, value: str) -> Any:  # noqa: ANN401 - whatever the setting takes
    if key in _LISTS:
        return [part for part in value.split(",") if part]
    if key in _NUMBERS and value.isascii() and value.isdigit() and len(value) < _DIGITS:
        return int(value)
    return value


def _keys() -> set[str]:
    return {one.name for one in fields(Settings)} - {"origin", "home"}

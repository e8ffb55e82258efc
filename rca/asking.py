"""From options to a question and a source of logs: what `why`, `timeline` and `demo` share."""

import warnings
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import BinaryIO
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateutil import parser as times

from rca import cycles, logs
from rca.contract import Report
from rca.errors import UsageError
from rca.model import Window
from rca.pipeline import Question, investigate
from rca.settings import Settings

_FIRST_YEAR, _LAST_YEAR = 2010, 2200


@dataclass(frozen=True, slots=True)
class Asked:
    """The options as they were typed."""

    cycle: int | None
    cycles_dir: str | None
    on: str | None
    tz: str | None
    logs: tuple[str, ...]
    service: tuple[str, ...]
    at: str | None
    since: str | None
    until: str | None


def report_on(asked: Asked, settings: Settings, stdin: BinaryIO) -> Report:
    """The report on what was asked.

    Raises:
        UsageError: nothing is asked, or two things at once, or a time or zone cannot be read.
        RcaError: the cycle or the logs cannot be found or read.
    """
    folder = Path(asked.cycles_dir or settings.cycles_dir)
    around = _moment(asked.at, "--at") if asked.at else None
    span = _span(asked)
    if around and span:
        raise UsageError("--at and --since/--until exclude each other", "give one of them")
    cycle = None
    if asked.cycle is not None:
        cycle = cycles.find(folder, asked.cycle, _date(asked.on) if asked.on else None)
    elif not asked.logs and around is None and span is None:
        raise UsageError(
            "nothing is asked", "rca why --cycle 1, or --at TIME, or --logs FILE; `rca cycles` lists cycles"
        )
    question = Question(
        cycle=cycle,
        moment=around,
        span=span,
        zone=_zone(asked.tz or settings.tz),
        services=asked.service or settings.services,
        command=_command(asked),
    )
    return investigate(question, logs.source_of(asked.logs or settings.logs, cycle, folder, stdin))


def _command(asked: Asked) -> str:
    """The command that gives this report again, without paths: those are the machine's own."""
    parts = ["rca why"]
    if asked.cycle is not None:
        parts.append(f"--cycle {asked.cycle}")
    parts += [f"--{name} {value}" for name in ("at", "since", "until") if (value := getattr(asked, name))]
    return " ".join(parts)


def _span(asked: Asked) -> Window | None:
    if not asked.since and not asked.until:
        return None
    start = _moment(asked.since, "--since") if asked.since else datetime.min.replace(tzinfo=UTC)
    end = _moment(asked.until, "--until") if asked.until else datetime.max.replace(tzinfo=UTC)
    if end <= start:
        raise UsageError("--until is not after --since", "give a span whose end lies after its start")
    return Window(start, end, "the span that was asked for")


def _moment(text: str, option: str) -> datetime:
    """The time as typed, in UTC; a time of day without its date, or with a zone that has no one meaning, is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "error"
            )  # dateutil only warns of a zone that it does not know, and drops it
            found, other = (times.parse(text, default=datetime(year, 1, 1)) for year in (2000, 2001))  # noqa: DTZ001
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError, Warning) as error:
        raise UsageError(f'{option} "{text}" is no time', "write it like 2026-11-08T14:33:37Z") from error
    if other.year != found.year and abs((other.replace(tzinfo=None) - found.replace(tzinfo=None)).days) > 1:
        raise UsageError(f'{option} "{text}" names no date', "write it like 2026-11-08T14:33:37Z")
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise UsageError(f'{option} "{text}" is out of range', "no Cloud Run log is of that year")
    return found


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f'--date "{text}" is no date', "write it like 2026-11-08") from error


def _zone(name: str | None) -> ZoneInfo | None:
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UsageError(
            f'"{name}" is no time zone', "write it like Europe/Zurich or America/Los_Angeles"
        ) from error

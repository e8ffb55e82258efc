"""From options to a question, a source of logs and a report: what `why`, `timeline`, `pull` and `demo` share.

What was read live is kept as a recording, also when the reading was cut short.
"""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from platform import python_version
from typing import TYPE_CHECKING, BinaryIO
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateutil import parser as times

from rca import __version__, cycles, logs, query_list, windows
from rca.contract import Report
from rca.errors import CycleError, RcaError, UsageError
from rca.lql import parse
from rca.model import Window
from rca.pipeline import Question, investigate, opening
from rca.redact import Masks, redact_cycle, redact_raws, redact_text
from rca.settings import Settings
from rca.sources import recording
from rca.sources.cloud.services import service_in
from rca.sources.outside import Outside

if TYPE_CHECKING:
    from rca.doctor import Subject

_FIRST_YEAR, _LAST_YEAR = 2010, 2200


@dataclass(frozen=True, slots=True)
class Asked:
    """The options as they were typed."""

    cycle: int | None = None
    cycles_dir: str | None = None
    on: str | None = None
    tz: str | None = None
    at: str | None = None
    since: str | None = None
    until: str | None = None
    repo: str | None = None
    """A checkout of the service's source."""

    places: logs.Places = field(default_factory=logs.Places)
    no_redact: bool = False
    """Whether secrets stay in the report."""

    record_masked: bool | None = None
    """Whether a recording is masked as it is written; None: as the one that is there is, if any."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A report, and where what was pulled for it is kept."""

    report: Report
    kept: Path | None = None


def report_on(asked: Asked, settings: Settings, stdin: BinaryIO, outside: Outside) -> Answer:
    """The report on what was asked, and the recording of what was read live for it.

    Raises:
        UsageError: nothing is asked, or two things at once, or a time, zone or filter cannot be read.
        RcaError: the cycle or the logs cannot be found or read.
    """
    seeking = sought(asked, settings)
    for remark in parse(asked.places.wanted).warnings if asked.places.wanted else ():
        outside.tell(f"filter: {remark}")
    source = logs.source_of(seeking, stdin, outside)
    kept = None
    try:
        report = investigate(seeking.question, source)
    finally:
        if logs.is_live(source) and source.fetches:
            kept = _keep(source, asked, seeking, outside)
    return Answer(report, kept)


def questions_of(asked: Asked, settings: Settings) -> tuple[query_list.Listed, ...]:
    """Every question that the logs are asked, filled in as far as a cycle or a time tells. Reads no logs."""
    places = asked.places
    timed = asked.cycle is not None or asked.at or asked.since or asked.until
    seeking = sought(asked, settings) if timed else None
    host = logs.host_of(seeking.question.cycle) if seeking else None
    services = places.service or settings.services or tuple(filter(None, [service_in(host or "")]))
    project = next(iter(places.project or settings.projects), None)
    first = opening(seeking.question)[0] if seeking else None
    most_calls = places.max_calls or settings.max_calls
    return query_list.listed(first, services, project, most_calls, places.wanted)


def subject_of(asked: Asked, settings: Settings, tell: Callable[[str], None]) -> "Subject":
    """Whose logs are examined, and for which cycle, if one is named. Raises as `report_on`."""
    from rca import doctor  # noqa: PLC0415 - heavy: google

    folder = Path(asked.cycles_dir or settings.cycles_dir)
    zone = _zone(asked.tz or settings.tz)
    cycle = None
    if asked.cycle is not None:
        try:
            cycle = cycles.find(folder, asked.cycle, _date(asked.on) if asked.on else None)
        except CycleError as error:
            tell(f"{error.message}: what does not need the cycle is examined")
    seeking = logs.Seeking(Question(cycle=cycle, zone=zone), asked.places, settings, folder)
    return doctor.Subject(
        origin=logs.origin_of(seeking),
        told_by=logs.projects_of(asked.places, settings)[1],
        cycle=cycle,
        host=logs.host_of(cycle),
        span=windows.search_of(cycle, zone).span if cycle is not None else None,
    )


def sought(asked: Asked, settings: Settings) -> logs.Seeking:
    """What the logs are asked, and the places where they may be. Raises as `report_on`."""
    folder = Path(asked.cycles_dir or settings.cycles_dir)
    _refuse_undecoded(asked.places)
    if asked.places.wanted:
        parse(asked.places.wanted)
    around = _moment(asked.at, "--at", _zone(asked.tz)) if asked.at else None
    span = _span(asked)
    if around and span:
        raise UsageError("--at and --since/--until exclude each other", "give one of them")
    checkout = Path(asked.repo) if asked.repo else None
    question = Question(
        moment=around,
        span=span,
        zone=_zone(asked.tz or settings.tz),
        repo=checkout,
        catalogue=settings.catalogue,
        command=_command(asked),
        mask=settings.mask,
        masked=not asked.no_redact,
    )
    if asked.cycle is not None:
        cycle = cycles.find(folder, asked.cycle, _date(asked.on) if asked.on else None)
        question = replace(question, cycle=cycle)
    elif around is None and span is None:
        recorded = _recorded_question(asked)
        if recorded is not None:
            question = replace(
                recorded,
                repo=checkout,
                catalogue=settings.catalogue,
                mask=settings.mask,
                masked=not asked.no_redact,
            )
        if question.cycle is None and not asked.places.logs:
            raise UsageError(
                "nothing is asked",
                "rca why --cycle 1, or --at TIME, or --logs FILE; `rca cycles` lists cycles",
            )
    return logs.Seeking(question, asked.places, settings, folder)


def _refuse_undecoded(places: logs.Places) -> None:
    """A shell may hand over bytes that are no text; no query can hold them."""
    for text in (places.wanted or "", *places.service, *places.project):
        if not text.isascii() and text != text.encode("utf-8", "replace").decode():
            raise UsageError("an option holds bytes that are not UTF-8", "write it in UTF-8")


def _recorded_question(asked: Asked) -> Question | None:
    """What a recording was made for, where nothing but the recording is named."""
    named = asked.places.logs
    path = recording.manifest_of(Path(named[0])) if len(named) == 1 else None
    if path is None:
        return None
    made_for = recording.manifest_in(path).asked
    return Question(
        cycle=made_for.cycle,
        moment=made_for.moment,
        span=made_for.span,
        zone=_zone(asked.tz or made_for.zone),
        command=made_for.command,
    )


def _keep(source: logs.Live, asked: Asked, seeking: logs.Seeking, outside: Outside) -> Path | None:
    """The folder of the recording; None, and a word to the user, where it cannot be written."""
    question = seeking.question
    cycle = question.cycle
    before = recording.manifest_of(seeking.home)
    if before is not None and not any(fetch.raws for fetch in source.fetches):
        outside.tell("nothing was read: the recording that is there stays as it is")
        return None
    masked = asked.record_masked
    if masked is None:
        masked = before is not None and recording.is_masked(before)
        if masked:
            outside.tell("the recording that is there is masked, and stays so")
    masks = Masks(ids=seeking.settings.mask)
    made_for = recording.Asked(
        cycle=redact_cycle(cycle, masks) if cycle is not None and masked else cycle,
        moment=question.moment,
        span=question.span,
        zone=asked.tz or seeking.settings.tz,
        command=question.command,
    )
    made = recording.Made(at=outside.now(), versions=_versions())
    if masked:
        made = replace(
            made,
            change=partial(redact_raws, masks=masks),
            change_text=partial(redact_text, masks=masks),
            change_cycle=partial(redact_cycle, masks=masks),
            masked=True,
        )
    try:
        return recording.write(seeking.home, made_for, source.origin, source.fetches, made)
    except RcaError as error:
        outside.tell(f"{error.message}: what was pulled is not kept")
        return None


def _versions() -> Mapping[str, str]:
    told = {"rca": __version__, "python": python_version()}
    for name in ("google-cloud-logging", "grpcio"):
        try:
            told[name] = version(name)
        except PackageNotFoundError:  # put together by hand, without the package's own data
            told[name] = "unknown"
    return told


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
    start = (
        _moment(asked.since, "--since", _zone(asked.tz)) if asked.since else datetime.min.replace(tzinfo=UTC)
    )
    end = (
        _moment(asked.until, "--until", _zone(asked.tz)) if asked.until else datetime.max.replace(tzinfo=UTC)
    )
    if end <= start:
        raise UsageError("--until is not after --since", "give a span whose end lies after its start")
    return Window(start, end, "the span that was asked for")


def _moment(text: str, option: str, zone: ZoneInfo | None) -> datetime:
    """The time as typed, of this zone where it names none, in UTC.

    A time of day without its date, or with a zone that has no one meaning, is none.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "error"
            )  # dateutil only warns of a zone that it does not know, and drops it
            found, other = (times.parse(text, default=datetime(year, 1, 1)) for year in (2000, 2001))  # noqa: DTZ001
        found = (found if found.tzinfo else found.replace(tzinfo=zone or UTC)).astimezone(UTC)
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

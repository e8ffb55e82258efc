"""Where the logs of a question come from: the first of the places that apply.

The files that were named; the API, where it was asked for; a recording that covers the question; what lies beside the
cycle's files; the project of the settings; else an error that names them all.
"""

import os
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol, TypeGuard, TypeVar
from urllib.parse import urlsplit

from rca.errors import SourceError, UsageError
from rca.hosts import target_host
from rca.model import Cycle
from rca.pipeline import Question, opening
from rca.settings import Settings
from rca.sources import LogSource, recording
from rca.sources.fetches import Fetch
from rca.sources.files import Files
from rca.sources.origin import Origin, checked
from rca.sources.outside import Outside

_BESIDE = (
    "logs.ndjson",
    "logs.ndjson.gz",
    "logs.json",
    "logs.json.gz",
    "logs.jsonl",
    "logs.jsonl.gz",
    "logs.csv",
    "logs.yaml",
    "logs.txt",
    "logs",
)
RECORDINGS = ".rca"
_ENVIRONMENT = "GOOGLE_CLOUD_PROJECT"
_Left = TypeVar("_Left", recording.Manifest, recording.Recording)


@dataclass(frozen=True, slots=True)
class Places:
    """The options that say where logs are."""

    logs: tuple[str, ...] = ()
    exhaustive: bool = False
    """Whether every entry of a large export is looked at."""

    service: tuple[str, ...] = ()
    source: str | None = None
    """`files` or `cloud`, where one was insisted on."""

    project: tuple[str, ...] = ()
    endpoint: str | None = None
    bucket: str | None = None
    location: str | None = None
    view: str | None = None
    wanted: str | None = None
    """The user's own filter."""

    max_calls: int | None = None
    refresh: bool = False

    @property
    def live(self) -> bool:
        """Whether the API was asked for by name."""
        place = self.bucket or self.location or self.view
        return bool(self.source == "cloud" or self.project or self.endpoint or self.refresh or place)


@dataclass(frozen=True, slots=True)
class Seeking:
    """What a source is sought for."""

    question: Question
    places: Places
    settings: Settings
    folder: Path
    """Where the cycle's files lie."""

    @property
    def services(self) -> tuple[str, ...]:
        """The services that were named."""
        return self.places.service or self.settings.services

    @property
    def home(self) -> Path:
        """The folder of this question's recording."""
        name = _name(self.question)
        selection = (self.places.service, self.places.wanted, self.places.bucket, self.places.view)
        if any(selection):  # what was selected by hand must not stand in the place of the whole
            name += f"-{zlib.crc32(repr(selection).encode()):08x}"
        return Path(self.settings.home) / RECORDINGS / name


def source_of(seeking: Seeking, stdin: BinaryIO, outside: Outside) -> LogSource:
    """The source of the logs.

    Raises:
        UsageError: two sources are named, or a project or endpoint cannot be one.
        RcaError: there are no logs to read, or no credentials to read them with.
    """
    places, settings = seeking.places, seeking.settings
    if places.live and (places.logs or places.source == "files"):
        raise UsageError(
            "--logs or --source files, and --project, --endpoint, --refresh or --source cloud exclude each other",
            "give one of them",
        )
    named = places.logs or (() if places.live else tuple(settings.logs))
    if named:
        return recorded_in(named, seeking) or _files(named, seeking, stdin)
    if places.live:
        return _live(seeking, outside)
    kept = kept_recording(seeking)
    if kept is not None:
        outside.tell(
            f"reading the recording of {kept.manifest.made_at:%Y-%m-%d %H:%M} UTC; --refresh pulls anew"
        )
        return kept
    beside = _beside(seeking.question.cycle, seeking.folder)
    if beside:
        return _files(beside, seeking, stdin)
    if settings.projects and places.source != "files":
        return _live(seeking, outside)
    raise SourceError(
        "no logs to read",
        "name a project with --project P, or an export with --logs FILE (or - for stdin); set `logs` or `projects` in "
        "rca.toml (RCA_LOGS, RCA_PROJECTS); record the logs with rca pull --cycle N --project P; or put a logs.ndjson "
        "(.json, .gz) beside the cycle's report; to make one:\n"
        '     gcloud logging read \'resource.type="cloud_run_revision" AND resource.labels.service_name="SERVICE"\' '
        "--project P --freshness 2d --format json > logs.json",
    )


def files_of(seeking: Seeking) -> tuple[Path, ...]:
    """The files and folders that `source_of` would read; none where it would ask the API. Nothing of them is read."""
    places = seeking.places
    if places.live:
        return ()
    kept = recording.manifest_of(seeking.home)
    beside = (kept.parent,) if kept else _beside(seeking.question.cycle, seeking.folder)
    named = places.logs or seeking.settings.logs or beside
    return tuple(Path(one) for one in named)


class Live(LogSource, Protocol):
    """A source that is read now: what it fetched is worth keeping."""

    @property
    def origin(self) -> Origin:
        """Whose logs it read."""
        ...

    @property
    def fetches(self) -> tuple[Fetch, ...]:
        """What it fetched so far."""
        ...


def is_live(source: LogSource) -> TypeGuard[Live]:
    """Whether a source is read now, rather than from a file or a recording."""
    return not isinstance(source, Files | recording.Recording)


def recorded_in(named: Sequence[str], seeking: Seeking) -> recording.Recording | None:
    """The recording that a path is, where it was made with the same services and filter as are asked for now."""
    path = recording.manifest_of(Path(named[0])) if len(named) == 1 else None
    if path is None:
        return None
    found = recording.read(path)
    return found if _same_selection(found.manifest.origin, seeking) else None


def kept_recording(seeking: Seeking) -> recording.Recording | None:
    """The recording of this question, where one was kept and covers it."""
    path = recording.manifest_of(seeking.home)
    if path is None:
        return None
    found = recording.read(path)
    # A filtered recording does not answer who asks for everything.
    same = seeking.places.wanted == found.manifest.origin.wanted
    same = same and _same_selection(found.manifest.origin, seeking)
    return found if same and all(found.covers(ask) for ask in opening(seeking.question)) else None


def _same_selection(origin: Origin, seeking: Seeking) -> bool:
    asked = set(seeking.services)
    return (not asked or asked == set(origin.services)) and seeking.places.wanted in (None, origin.wanted)


def _files(named: Sequence[str], seeking: Seeking, stdin: BinaryIO) -> Files:
    places = seeking.places
    return Files(named, stdin, seeking.services, places.wanted, exhaustive=places.exhaustive)


def _beside(cycle: Cycle | None, folder: Path) -> list[str]:
    if cycle is None or not cycle.sources:
        return []
    home = (folder if folder.is_dir() else folder.parent) / Path(cycle.sources[0]).parent
    return [str(home / name) for name in _BESIDE if (home / name).exists()][:1]


def _live(seeking: Seeking, outside: Outside) -> LogSource:
    from google.auth.exceptions import GoogleAuthError  # noqa: PLC0415 - heavy, and only where the API is read

    from rca.sources.cloud import refusals, wire  # noqa: PLC0415 - as above
    from rca.sources.cloud.source import CloudLogging, Wanted  # noqa: PLC0415 - as above

    kept = recording.manifest_of(seeking.home)
    old = None if kept is None else _readable(recording.manifest_in, kept, outside)
    before = old.origin if old is not None and seeking.places.refresh else None
    origin = checked(origin_of(seeking, before))
    _refuse_strangers(origin.endpoint, seeking)
    go_on = old is not None and not old.complete and _goes_on(old.origin, origin)
    left = _readable(recording.read, kept, outside) if kept is not None and go_on else None
    wanted = Wanted(
        origin=origin,
        host=host_of(seeking.question.cycle),
        most_calls=seeking.places.max_calls or seeking.settings.max_calls,
        left=left.fetches if left is not None else (),
    )
    try:
        return CloudLogging(wire.opened(origin.endpoint), wanted, outside)
    except GoogleAuthError as error:
        raise refusals.of_credentials(error) from error


def _refuse_strangers(endpoint: str | None, seeking: Seeking) -> None:
    """Credentials go to Google, or where the user's own hand points: not where a file of some checkout does."""
    typed = (seeking.places.endpoint, seeking.settings.origin.get("endpoint"))
    if (
        endpoint is None
        or not endpoint.startswith("https://")
        or endpoint == typed[0]
        or typed[1] == "RCA_ENDPOINT"
    ):
        return
    if not (urlsplit(endpoint).hostname or "").endswith(".googleapis.com"):
        raise UsageError(
            f"credentials are not sent to {endpoint}, which a file names",
            f"if that is meant: --endpoint {endpoint}",
        )


def _readable(read: Callable[[Path], _Left], kept: Path, outside: Outside) -> _Left | None:
    """What an earlier run left behind; nothing, and a word to the user, where that cannot be read any more."""
    try:
        return read(kept)
    except SourceError as error:
        outside.tell(f"{error.message}: all is read anew")
        return None


def _goes_on(old: Origin, new: Origin) -> bool:
    """Whether two origins select the same, but for services that the older run found by itself."""
    found = not new.services or new.services == old.services
    same = (old.projects, old.endpoint, old.bucket, old.location, old.view, old.wanted)
    return found and same == (new.projects, new.endpoint, new.bucket, new.location, new.view, new.wanted)


def origin_of(seeking: Seeking, before: Origin | None = None) -> Origin:
    """Whose logs are read live: by the options, else the settings, else as a recording was made."""
    places, settings = seeking.places, seeking.settings
    projects, _ = projects_of(places, settings, before)
    old = before or Origin(())
    return Origin(
        projects=projects,
        endpoint=places.endpoint or settings.endpoint or old.endpoint,
        bucket=places.bucket or settings.bucket or old.bucket,
        location=places.location or settings.location or old.location,
        view=places.view or settings.view or old.view,
        services=seeking.services or old.services,
        wanted=places.wanted or old.wanted,
    )


def projects_of(
    places: Places, settings: Settings, before: Origin | None = None
) -> tuple[tuple[str, ...], str]:
    """The projects, and what names them; none and what could name them where nothing does."""
    environment = os.environ.get(_ENVIRONMENT)
    ways = (
        (places.project, "--project"),
        (settings.projects, settings.origin.get("projects", "rca.toml")),
        (before.projects if before else (), "the recording"),
        ((environment,) if environment else (), _ENVIRONMENT),
    )
    return next(((projects, told) for projects, told in ways if projects), ((), "--project"))


def host_of(cycle: Cycle | None) -> str | None:
    """The host of the cycle's target, unless it is this machine's own."""
    if cycle is None or not cycle.target:
        return None
    host = target_host(cycle.target)
    numeric = host is not None and (":" in host or host.replace(".", "").isdigit())
    return None if host is None or numeric or host == "localhost" or "." not in host else host


def _name(question: Question) -> str:
    """The folder's name: the cycle's number and date, or the time that was asked for."""
    cycle, moment, span = question.cycle, question.moment, question.span
    if cycle is not None:
        parts = ("cycle", cycle.number, cycle.date)
        return "-".join(str(part) for part in parts if part is not None)
    if moment is not None:
        return f"at-{moment:%Y%m%dT%H%M%SZ}"
    return f"span-{span.start:%Y%m%dT%H%M%SZ}-{span.end:%Y%m%dT%H%M%SZ}" if span is not None else "all"

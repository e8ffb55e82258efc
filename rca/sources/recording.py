"""What was pulled, kept on disk: entries as NDJSON, and a manifest of how they came.

In: fetches. Out: a folder, and from it the same answers to the same questions, on any machine. Decides what is
written first, so that a recording is whole or is not there; and whether one covers a question that was never asked.
"""

import contextlib
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import orjson

from rca import keeping
from rca.errors import SourceError
from rca.lql import parse
from rca.model import Cycle, Instant, Pulled, Query, Window
from rca.normalize import Unreadable, shallow, stamped_ns
from rca.questions import Ask
from rca.sources import LogSource
from rca.sources.assembling import overlaps
from rca.sources.fetches import Fetch, Identity, identity, pulled_from
from rca.sources.origin import Origin

SCHEMA = "rca.recording/1"
MANIFEST = "manifest.json"
_ENTRIES = re.compile(r"logs-[0-9a-f]{12}\.ndjson")
_ANOTHER = "pull it again with --refresh, or use the version of rca that wrote it"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a recording was made for: enough to ask it again where nothing but the recording is at hand."""

    cycle: Cycle | None = None
    moment: Instant | None = None
    span: Window | None = None
    zone: str | None = None
    command: str = "rca why"


@dataclass(frozen=True, slots=True)
class Pull:
    """A fetch as the manifest has it: the entries are lines of the NDJSON file, as ranges from 1: `1-380,402`."""

    name: str
    condition: str
    start: Instant | None
    end: Instant | None
    first: int | None
    queries: tuple[Query, ...]
    gaps: tuple[str, ...]
    warnings: tuple[str, ...]
    asked_at: Instant
    upto: str | None
    entries: int
    lines: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the entries of a recording are, and whether they are all."""

    asked: Asked
    origin: Origin
    pulls: tuple[Pull, ...]
    complete: bool
    entries: int
    file: str
    sha256: str
    made_at: Instant
    versions: Mapping[str, str]
    masked: bool = False
    schema: str = SCHEMA


@dataclass(frozen=True, slots=True)
class Made:
    """When and with what a recording is written, and what is done to each entry before."""

    at: Instant
    versions: Mapping[str, str]
    change: Callable[[Sequence[Mapping[str, Any]]], Sequence[Mapping[str, Any]]] = tuple
    """Masks the entries, whose order and number stay; as it stands, it leaves them as they are."""

    change_text: Callable[[str], str] = str
    """The same for the texts beside them: a query can quote an entry. Called after the entries were changed."""

    change_cycle: Callable[[Cycle], Cycle] = lambda cycle: cycle
    """The same for the cycle, whose errors can hold what only the entries tell to be a secret."""

    masked: bool = False


def manifest_of(path: Path) -> Path | None:
    """The manifest of the recording that a path is: its folder, its entries or the manifest itself; else None."""
    if path.is_dir():
        found = path / MANIFEST
        return found if found.is_file() and _is_manifest(found) else None
    if path.name == MANIFEST and path.is_file():
        return path if _is_manifest(path) else None
    beside = path.parent / MANIFEST
    return beside if _ENTRIES.fullmatch(path.name) and beside.is_file() and _is_manifest(beside) else None


def _is_manifest(path: Path) -> bool:
    """Whether a file of this name is ours: others use the name, too."""
    with contextlib.suppress(OSError), path.open("rb") as stream:
        return b"rca.recording/" in stream.read()
    return False


def is_masked(manifest: Path) -> bool:
    """Whether the entries of a recording were masked; False where its manifest cannot be read."""
    with contextlib.suppress(SourceError):
        return manifest_in(manifest).masked
    return False


class Recording(LogSource):
    """A recording as a source: it answers what was asked of it as it was answered then."""

    scarce = True

    def __init__(self, manifest: Manifest, fetches: tuple[Fetch, ...]) -> None:
        self.manifest = manifest
        self.fetches = fetches

    def covers(self, ask: Ask) -> bool:
        """Whether a question was asked before, or lies within a stretch that was read whole."""
        return any(one.answers(ask) for one in self.fetches) or self._around(ask) is not None

    def pull(self, ask: Ask) -> Pulled:
        """The answer of then; to another question, what the recording holds, and whether that can be all."""
        same = next((one for one in self.fetches if one.answers(ask)), None)
        if same is not None:
            return pulled_from(same, ask, self.manifest.origin.told)
        around = self._around(ask)
        gaps = () if around else ("the recording does not cover what was asked; pull it with --refresh",)
        fetch = Fetch.of(
            ask,
            queries=around.queries if around else (),
            raws=tuple(self._meeting(ask)),
            gaps=gaps,
            warnings=around.warnings if around else (),
            asked_at=self.manifest.made_at,
        )
        return pulled_from(fetch, ask, self.manifest.origin.told)

    def _around(self, ask: Ask) -> Fetch | None:
        """A stretch that was read whole, with nothing asked but the time, and in which the question lies."""
        window = ask.window
        if window is None:
            return None
        for one in self.fetches:
            whole = not one.condition and not one.gaps and one.first is None
            if whole and one.start and one.end and one.start <= window.start and window.end <= one.end:
                return one
        return None

    def _meeting(self, ask: Ask) -> Iterable[Mapping[str, Any]]:
        meets = parse(ask.condition).matches
        for raw in _union(self.fetches).values():
            with contextlib.suppress(Unreadable):  # counted where it was fetched
                if overlaps(raw, ask) and meets(raw):
                    yield raw


# --- writing ---------------------------------------------------------------------------------------------


def write(folder: Path, asked: Asked, origin: Origin, fetches: Sequence[Fetch], made: Made) -> Path:
    """The recording lies in the folder: the entries first, then, in one step, the manifest that names them.

    An older recording there is replaced. Files are readable by their owner alone. Raises `SourceError`.
    """
    union = _union(fetches)
    names = sorted(union, key=lambda name: (_at_ns(union[name]), name))
    raws = made.change([union[name] for name in names])
    numbers = {name: number for number, name in enumerate(names, 1)}
    digest = _digest(_lines(raws))
    pulls = (_pull(one, sorted(numbers[identity(raw)] for raw in one.raws)) for one in fetches)
    manifest = Manifest(
        asked=replace(asked, cycle=made.change_cycle(asked.cycle)) if asked.cycle is not None else asked,
        origin=origin,
        pulls=tuple(_changed(pull, made.change_text) for pull in pulls),
        complete=not any(one.gaps for one in fetches),
        entries=len(raws),
        file=f"logs-{digest[:12]}.ndjson",
        sha256=digest,
        made_at=made.at,
        versions=made.versions,
        masked=made.masked,
    )
    try:
        keeping.own_folder(folder)
        with keeping.held(folder):
            keeping.replace(folder / manifest.file, _lines(raws))
            keeping.replace(folder / MANIFEST, msgspec.json.format(msgspec.json.encode(manifest), indent=1))
            for old in folder.glob("logs-*.ndjson"):  # others' files are not ours to remove
                if _ENTRIES.fullmatch(old.name) and old.name != manifest.file:
                    old.unlink()
    except OSError as error:
        raise SourceError(
            f"cannot write {folder}: {error.strerror or error}", "look at the disk and its rights"
        ) from error
    return folder


def _lines(raws: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """The entries as NDJSON; asked for twice rather than held, since a busy window has a hundred thousand."""
    return (orjson.dumps(raw) + b"\n" for raw in raws)


def _digest(lines: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for line in lines:
        digest.update(line)
    return digest.hexdigest()


def _pull(fetch: Fetch, lines: Sequence[int]) -> Pull:
    return Pull(
        name=fetch.name,
        condition=fetch.condition,
        start=fetch.start,
        end=fetch.end,
        first=fetch.first,
        queries=fetch.queries,
        gaps=fetch.gaps,
        warnings=fetch.warnings,
        asked_at=fetch.asked_at,
        upto=fetch.upto,
        entries=len(fetch.raws),
        lines=ranges(lines),
    )


def _changed(pull: Pull, change: Callable[[str], str]) -> Pull:
    """The pull, with what is told of it in words changed."""
    return replace(
        pull,
        condition=change(pull.condition),
        queries=tuple(replace(query, lql=change(query.lql)) for query in pull.queries),
        gaps=tuple(map(change, pull.gaps)),
        warnings=tuple(map(change, pull.warnings)),
    )


def ranges(numbers: Sequence[int]) -> str:
    """Ascending numbers as text: `1-3,7`."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and spans[-1][1] == number - 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ",".join(f"{first}-{last}" if last > first else f"{first}" for first, last in spans)


def numbers_in(text: str) -> Iterator[int]:
    """The numbers of `ranges`; raises ValueError where it is not of that form, so that none comes twice."""
    reached = 0
    for part in text.split(",") if text else ():
        first, _, last = part.partition("-")
        span = range(int(first), int(last or first) + 1)
        if span.start <= reached or not span:
            raise ValueError(f"line numbers out of order: {part[:40]!r}")
        reached = span[-1]
        yield from span


# --- reading ---------------------------------------------------------------------------------------------


def read(path: Path) -> Recording:
    """The recording in a folder, or whose manifest this is. Raises `SourceError` where it is not whole."""
    manifest_path = path / MANIFEST if path.is_dir() else path
    with keeping.held(
        manifest_path.parent, shared=True
    ):  # the manifest of one run and the entries of the same
        manifest = manifest_in(manifest_path)
        entries = manifest_path.parent / manifest.file
        digest = hashlib.sha256()
        try:
            raws = [_entry(line) for line in _hashed(entries, digest)]
            fetches = tuple(_fetch(pull, raws) for pull in manifest.pulls)
        except (ValueError, IndexError) as error:
            raise SourceError(f"{entries} is damaged: {error}", "pull it again with --refresh") from error
    if digest.hexdigest() != manifest.sha256:
        changed = f"{entries.name} was changed after it was recorded"
        fetches = tuple(replace(one, warnings=(*one.warnings, changed)) for one in fetches)
    return Recording(manifest, fetches)


def _hashed(entries: Path, digest: "hashlib._Hash") -> Iterator[bytes]:
    """The lines of a file, which is hashed on the way."""
    try:
        with entries.open("rb") as stream:
            for line in stream:
                digest.update(line)
                yield line
    except OSError as error:
        hint = "hand over the whole folder: the manifest and the entries beside it"
        raise SourceError(f"cannot read {entries}: {error.strerror or error}", hint) from error


def manifest_in(path: Path) -> Manifest:
    """The manifest in a file. Raises `SourceError` where it is none that this version reads."""
    try:
        manifest = msgspec.json.decode(path.read_bytes(), type=Manifest)
    except OSError as error:
        raise SourceError(
            f"cannot read {path}: {error.strerror or error}", "rca pull --cycle N makes one"
        ) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SourceError(f"{path} is no recording that this version reads: {error}", _ANOTHER) from error
    if manifest.schema != SCHEMA:
        raise SourceError(f"{path} has the schema {manifest.schema[:40]!r}, not {SCHEMA}", _ANOTHER)
    if not _ENTRIES.fullmatch(manifest.file):
        raise SourceError(f"{path} is damaged: it names a file that rca does not write", _ANOTHER)
    return manifest


def _entry(line: bytes) -> Mapping[str, Any]:
    """The entry on a line; raises ValueError where there is none."""
    raw = orjson.loads(line)
    if not isinstance(raw, dict):
        raise ValueError("a line is no entry")  # noqa: TRY004 - of a file: its content is wrong, not our types
    return shallow(raw)


def _fetch(pull: Pull, raws: Sequence[Mapping[str, Any]]) -> Fetch:
    return Fetch(
        name=pull.name,
        condition=pull.condition,
        start=pull.start,
        end=pull.end,
        first=pull.first,
        queries=pull.queries,
        raws=tuple(raws[number - 1] for number in numbers_in(pull.lines)),
        gaps=pull.gaps,
        warnings=pull.warnings,
        asked_at=pull.asked_at,
        upto=pull.upto,
    )


def _union(fetches: Iterable[Fetch]) -> dict[Identity, Mapping[str, Any]]:
    return {identity(raw): raw for fetch in fetches for raw in fetch.raws}


def _at_ns(raw: Mapping[str, Any]) -> int:
    try:
        return stamped_ns(raw)
    except Unreadable:
        return 0

"""Exports and sink files -> the entries that answer.

In: paths, folders, or `-` for standard input, and questions. Out: `Pulled`, one for each. Decides which files of a
folder are logs, which of them can hold what is asked, and how much of a large one is read. The service is not asked
for as strictly as the API does: an export often lacks it, and was chosen by somebody.
"""

import io
import os
import re
import shutil
import tempfile
import weakref
from collections import Counter
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from rca.errors import SourceError, UsageError
from rca.model import Pulled
from rca.normalize.times import moment
from rca.questions import LONGEST_REQUEST, Ask
from rca.sources import LogSource, lacks
from rca.sources.copies import distinct
from rca.sources.exports import LOOKAHEAD, one_a_line, read
from rca.sources.framing import Framing
from rca.sources.joined import begins
from rca.sources.large import Large, framing_of
from rca.sources.packing import Unpacked
from rca.sources.sieve import Sieve
from rca.sources.tally import Tally, Wanted
from rca.sources.timeindex import Index, index_of

_SUFFIXES = (".json", ".ndjson", ".jsonl", ".gz", ".csv", ".yaml", ".yml")
_BUFFER = 1 << 18
_STDIN = "-"
_HINT = "export with: gcloud logging read 'FILTER' --format=json > logs.json"
# A sink's objects are named by the hour of their entries. Source: Cloud Logging, View logs routed to Cloud Storage.
_HOUR = re.compile(
    r"(?:^|/)(\d{4})/(\d\d)/(\d\d)/(\d\d)(?::|_|%3A)00(?::|_|%3A)00_\d\d(?::|_|%3A)59(?::|_|%3A)59_[AS]\d[^/]*$"
)


@dataclass(frozen=True, slots=True)
class _File:
    path: str
    name: str
    """What the report calls it."""

    walked: bool
    """Found in a folder, rather than named by the user."""


class Files(LogSource):
    """Log entries from files. What can be read only once is kept for the pulls after the first."""

    scarce = False
    large = 1 << 22
    """Bytes; a file of fewer is read whole."""

    def __init__(
        self,
        paths: Sequence[str],
        stdin: BinaryIO | None = None,
        services: Sequence[str] = (),
        wanted: str | None = None,
        *,
        exhaustive: bool = False,
    ) -> None:
        """Reads only entries of these services, or of none, that meet the user's own filter.

        `exhaustive`: of a large file every entry's time is looked at, also where its order would tell where to look.
        """
        self._paths = tuple(paths)
        self._stdin = stdin
        self._services = frozenset(services)
        self._wanted = wanted
        self._exhaustive = exhaustive
        self._spooled: dict[str, BinaryIO] = {}
        self._sizes: dict[str, int] = {}  # when they were first opened
        self._layouts: dict[str, tuple[Framing, Index | None] | None] = {}

    def pull(self, ask: Ask) -> Pulled:
        """The answer to one question, see `pull_all`."""
        return self.pull_all((ask,))[0]

    def pull_all(self, asks: Sequence[Ask]) -> tuple[Pulled, ...]:
        """For each question the entries that answer, in order, without duplicates; the files are read once.

        `complete` is None unless a gap is known. Raises `SourceError` for a missing file, a folder without logs, and
        what is neither JSON nor a table.
        """
        files = tuple(self._files())
        tally = Tally(tuple(Wanted.of(ask, self._wanted) for ask in asks))
        sieve = Sieve.of(asks)
        opened = _that_can_answer(files, asks)
        for file in opened:
            self._read(file, sieve, tally)
        if all(file.walked for file in opened) and len(tally.passed_over) == len(opened):
            raise SourceError(f"no log entries in {', '.join(self._paths)}", _HINT)
        if len(opened) < len(files):
            tally.notes.append(
                f"of {len(files)} hourly files {len(opened)} can hold what is asked; only they were opened"
            )
        tally.put_together()
        return tuple(self._pulled(ask, at, tally, opened) for at, ask in enumerate(asks))

    def _pulled(self, ask: Ask, at: int, tally: Tally, opened: Sequence[_File]) -> Pulled:
        entries, duplicates = distinct(tally.kept[at])
        if self._services:
            entries = tuple(entry for entry in entries if entry.service in {None, *self._services})
        lacking = lacks.told(entries) if tally.wanted[at].meets is None else ()
        return Pulled(
            entries=entries[: ask.first],
            source=_told([file for file in opened if file.name not in tally.passed_over]),
            complete=False if tally.gaps else None,
            read=tally.read,
            duplicates=duplicates + tally.parts.copies,
            unreadable=tally.unreadable,
            first_at=None if tally.first_ns is None else moment(tally.first_ns),
            last_at=None if tally.last_ns is None else moment(tally.last_ns),
            warnings=(*dict.fromkeys((*tally.warnings, *lacking)),),
            gaps=tuple(dict.fromkeys(tally.gaps)),
        )

    def _files(self) -> Iterator[_File]:
        if not self._paths:
            raise UsageError("no log file is named", "name one after --logs, or - for standard input")
        names = Counter(Path(path).name for path in self._paths)
        for path in self._paths:
            name = Path(path).name
            if path == _STDIN:
                yield _File(path, "standard input", walked=False)
            elif Path(path).is_dir():
                yield from _walk(path)
            elif not Path(path).exists():
                raise SourceError(f"no such file: {path}", _HINT)
            else:
                yield _File(path, name if names[name] == 1 else path, walked=False)

    def _open(self, file: _File) -> io.BufferedReader:
        """The file from its beginning, also where it can be read only once."""
        if file.path != _STDIN and Path(file.path).is_file():
            stream = Path(file.path).open("rb")  # noqa: SIM115 - whoever asks for it closes it
            self._sizes.setdefault(file.path, os.fstat(stream.fileno()).st_size)
            return stream
        if file.path not in self._spooled:
            self._spooled[file.path] = self._spool(file)
        spooled = self._spooled[file.path]
        spooled.seek(0)
        return os.fdopen(os.dup(spooled.fileno()), "rb")

    def _spool(self, file: _File) -> BinaryIO:
        if file.path == _STDIN and self._stdin is None:
            raise SourceError("there is no standard input to read", "name a file instead of -")
        kept = tempfile.TemporaryFile()  # noqa: SIM115 - it is read as long as this source is
        weakref.finalize(self, kept.close)
        if file.path == _STDIN and self._stdin is not None:
            shutil.copyfileobj(self._stdin, kept)
        else:
            with Path(file.path).open("rb") as stream:
                shutil.copyfileobj(stream, kept)
        kept.flush()
        return kept

    def _read(self, file: _File, sieve: Sieve, tally: Tally) -> None:
        if file.walked and _has_no_end(file):
            tally.passed_over.append(file.name)
            return
        try:
            one = Tally(tally.wanted)
            parted = self._parted(file)
            with self._open(file) as stream:
                unpacked = Unpacked(stream)
                buffered: io.BufferedReader = io.BufferedReader(unpacked, _BUFFER)  # finds lines at C speed
                if parted is None:
                    one.take(file.name, read(buffered, bare=not file.walked, written=_written(file)))
                else:
                    framing, index = parted
                    # A framing may keep what it cut last: each reading has its own.
                    _take_part(file, Large(buffered, copy(framing), index, sieve), one)
                if unpacked.damage:
                    one.gaps.append(f"{file.name}: {unpacked.damage}: what came before was read")
                self._compare(file, stream, one)
            if file.walked and one.unreadable and one.unreadable == one.read:
                tally.passed_over.append(file.name)  # JSON lines of another kind, which nobody called logs
            else:
                tally.add(one)
        except OSError as error:
            raise SourceError(
                f"cannot read {file.path}: {error.strerror or error}", "check the file"
            ) from error
        except SourceError as error:
            if not file.walked:
                raise SourceError(
                    f"cannot read logs from {file.path}: {error.message}", error.hint
                ) from error
            tally.passed_over.append(file.name)

    def _compare(self, file: _File, stream: BinaryIO, tally: Tally) -> None:
        """Says so where a file has become shorter since it was first read: what told where to look may be wrong."""
        if os.fstat(stream.fileno()).st_size < self._sizes.get(file.path, 0):
            tally.gaps.append(
                f"{file.name} was cut while it was read: entries of it are missing; run rca again"
            )

    def _parted(self, file: _File) -> tuple[Framing, Index | None] | None:
        """How the entries of a large file lie, and when; None for a file that is read whole."""
        if file.path not in self._layouts:
            with self._open(file) as stream:
                unpacked = Unpacked(stream)
                head = io.BufferedReader(unpacked, _BUFFER).read(self.large)
                framing = None
                if len(head) == self.large:
                    endless = b"\n" not in head and not begins(head)  # at best a line that is no entry
                    lines = head.split(b"\n", LOOKAHEAD)[:LOOKAHEAD]
                    a_line_each = endless or one_a_line(lines, bare=not file.walked)
                    framing = framing_of(head, a_line_each=a_line_each)
                index = None
                if framing is not None and framing.anywhere and not (self._exhaustive or unpacked.packed):
                    index = index_of(stream.fileno(), framing)
                self._layouts[file.path] = None if framing is None else (framing, index)
        return self._layouts[file.path]


def _take_part(file: _File, large: Large, tally: Tally) -> None:
    """Takes in what of a large file can answer, and says how much that was."""
    tally.take(file.name, large.items(bare=not file.walked))
    for at_ns in large.times or ():
        tally.saw(at_ns)
    if large.index is not None:
        how = "by a time index (an entry more than a minute out of its order can be missed; --exhaustive looks at all)"
    else:
        how = "by the time of every entry"
    tally.notes.append(
        f"{file.name} is large: only what can answer was parsed, chosen {how}; damage elsewhere in it is not counted"
    )


def _that_can_answer(files: Sequence[_File], asks: Sequence[Ask]) -> tuple[_File, ...]:
    """The files without those of hours that no question reaches into, where a sink named them by their hours."""
    windows = [ask.window for ask in asks if not ask.passing]
    if None in windows:
        return tuple(files)
    told = [window for window in windows if window is not None]
    opened = []
    for file in files:
        hour = _hour_of(file)
        if hour is None or any(
            one.start - LONGEST_REQUEST < hour + timedelta(hours=1) and hour < one.end for one in told
        ):
            opened.append(file)
    return tuple(opened)


def _hour_of(file: _File) -> datetime | None:
    found = _HOUR.search(file.path) if file.walked else None
    if found is None:
        return None
    try:
        year, month, day, hour = map(int, found.groups())
        return datetime(year, month, day, hour, tzinfo=UTC)
    except ValueError:
        return None


def _has_no_end(file: _File) -> bool:
    """Whether a file of a folder is a pipe or the like, for whose writer nobody should wait."""
    path = Path(file.path)
    return path.exists() and not path.is_file()


def _written(file: _File) -> datetime | None:
    """When a file was written last; None for standard input."""
    if file.path == _STDIN:
        return None
    return datetime.fromtimestamp(Path(file.path).stat().st_mtime, UTC)


def _walk(folder: str) -> Iterator[_File]:
    """The files of a folder that may hold logs, in order of their paths; hidden ones are left alone."""
    found = []
    for top, folders, names in os.walk(folder, onerror=_refused):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [Path(top, name) for name in names if name.endswith(_SUFFIXES) and not name.startswith(".")]
    if not found:
        raise SourceError(f"no log files ({', '.join(_SUFFIXES)}) in {folder}", _HINT)
    for path in sorted(found):
        yield _File(str(path), path.relative_to(folder).as_posix(), walked=True)


def _refused(error: OSError) -> None:
    raise SourceError(
        f"cannot read {error.filename}: {error.strerror or error}",
        "look at its rights, or name the files and folders that can be read",
    ) from error


def _told(files: Sequence[_File]) -> str:
    names = [file.name for file in files]
    if names == ["standard input"]:
        return names[0]
    if len(names) == 1:
        return f"file {names[0]}"
    most = 4
    listed = ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
    return f"{len(names)} files: {listed}"

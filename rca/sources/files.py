"""Exports and sink files -> the entries of a window.

In: paths, folders, or `-` for standard input, and a question. Out: `Pulled`. Decides which files of a folder are logs,
and which entries answer (by their raw times first, before anything else is looked at). The service is not asked for as
strictly as the API does: an export often lacks it, and was chosen by somebody.
"""

import io
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO

from rca.errors import SourceError, UsageError
from rca.lql import parse
from rca.model import Entry, EntryRef, Pulled, Window
from rca.normalize import Unreadable, as_rest, insert_id_of, lasts_ns, normalize, stamped_ns
from rca.normalize.times import in_ns, moment
from rca.questions import Ask
from rca.sources import lacks
from rca.sources.copies import distinct
from rca.sources.damage import Lost, as_json, quoted
from rca.sources.exports import read
from rca.sources.items import Empty, Found, Gap, Item, Note
from rca.sources.packing import Unpacked
from rca.sources.splits import Parts

_SUFFIXES = (".json", ".ndjson", ".jsonl", ".gz", ".csv", ".yaml", ".yml")
_BUFFER = 1 << 18
_STDIN = "-"
# `gcloud logging read --limit` and the console's download come in these sizes.
_LIMITS = (100, 1000)
_Meets = Callable[[Mapping[str, Any]], bool]
_HINT = "export with: gcloud logging read 'FILTER' --format=json > logs.json"


@dataclass(slots=True)
class _Tally:  # not frozen: it counts while a pull reads, and is gone when the pull returns
    """What one pull has come across."""

    read: int = 0
    unreadable: int = 0
    first_unreadable: str | None = None
    first_ns: int | None = None
    last_ns: int | None = None
    gaps: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)
    kept: list[Entry] = field(default_factory=list)
    parts: Parts = field(default_factory=Parts)

    def add(self, other: "_Tally") -> None:
        """Counts in what another tally holds."""
        self.read += other.read
        self.unreadable += other.unreadable
        self.first_unreadable = self.first_unreadable or other.first_unreadable
        self.saw(other.first_ns)
        self.saw(other.last_ns)
        self.gaps += other.gaps
        self.notes += other.notes
        self.passed_over += other.passed_over
        self.kept += other.kept
        self.parts.add(other.parts)

    def saw(self, at_ns: int | None) -> None:
        """Widens the span of times."""
        if at_ns is not None:
            self.first_ns = at_ns if self.first_ns is None else min(self.first_ns, at_ns)
            self.last_ns = at_ns if self.last_ns is None else max(self.last_ns, at_ns)

    def lose(self, name: str, lost: Lost) -> None:
        """Counts something that could not be read, and quotes the first."""
        self.read += 1
        self.unreadable += 1
        if self.first_unreadable is None:
            self.first_unreadable = f"{name}:{lost.line}: {lost.reason}: {quoted(lost.quote)}"


@dataclass(frozen=True, slots=True)
class _File:
    path: str
    name: str
    """What the report calls it."""

    walked: bool
    """Found in a folder, rather than named by the user."""


class Files:
    """Log entries from files. A `-` is read once, and kept for the pulls after the first."""

    scarce = False

    def __init__(
        self,
        paths: Sequence[str],
        stdin: BinaryIO | None = None,
        services: Sequence[str] = (),
        wanted: str | None = None,
    ) -> None:
        """Reads only entries of these services, or of none, that meet the user's own filter."""
        self._paths = tuple(paths)
        self._stdin = stdin
        self._piped: bytes | None = None
        self._services = frozenset(services)
        self._wanted = wanted

    def pull(self, ask: Ask) -> Pulled:
        """The entries that answer, in order, without duplicates; `complete` is None unless a gap is known.

        Raises `SourceError` for a missing file, a folder without logs, and what is neither JSON nor a table.
        """
        files = tuple(self._files())
        tally = _Tally()
        answers = self._meets(ask)
        for file in files:
            self._read(file, ask.window, answers, tally)
        if all(file.walked for file in files) and len(tally.passed_over) == len(files):
            raise SourceError(f"no log entries in {', '.join(self._paths)}", _HINT)
        _put_together(answers, tally)
        entries, duplicates = distinct(tally.kept)
        if self._services:
            entries = tuple(entry for entry in entries if entry.service in {None, *self._services})
        if answers is None:
            tally.notes += lacks.told(entries)
        return Pulled(
            entries=entries[: ask.first],
            source=_told([file for file in files if file.name not in tally.passed_over]),
            complete=False if tally.gaps else None,
            read=tally.read,
            duplicates=duplicates + tally.parts.copies,
            unreadable=tally.unreadable,
            first_at=None if tally.first_ns is None else moment(tally.first_ns),
            last_at=None if tally.last_ns is None else moment(tally.last_ns),
            warnings=_warnings(tally),
            gaps=tuple(dict.fromkeys(tally.gaps)),
        )

    def _meets(self, ask: Ask) -> _Meets | None:
        """What a raw entry of the window must meet besides; None where nothing is asked."""
        conditions = [parse(text).matches for text in (ask.condition, self._wanted) if text]
        if not conditions:
            return None
        return lambda raw: all(meets(raw) for meets in conditions)

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

    def _open(self, file: _File) -> BinaryIO:
        if file.path != _STDIN:
            return Path(file.path).open("rb")
        if self._piped is None:
            if self._stdin is None:
                raise SourceError("there is no standard input to read", "name a file instead of -")
            self._piped = self._stdin.read()
        return io.BytesIO(self._piped)

    def _read(self, file: _File, window: Window | None, meets: _Meets | None, tally: _Tally) -> None:
        try:
            with self._open(file) as stream:
                unpacked = Unpacked(stream)
                # Buffered, so that lines are found at C speed.
                items = read(
                    io.BufferedReader(unpacked, _BUFFER), bare=not file.walked, written=_written(file)
                )
                one = _Tally()
                _take(file, items, window, meets, one)
                if unpacked.damage:
                    one.gaps.append(f"{file.name}: {unpacked.damage}: what came before was read")
                if file.walked and one.unreadable and one.unreadable == one.read:
                    tally.passed_over.append(
                        file.name
                    )  # JSON lines of another kind, which nobody called logs
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


def _written(file: _File) -> datetime | None:
    """When a file was written last; None for standard input."""
    if file.path == _STDIN:
        return None
    return datetime.fromtimestamp(Path(file.path).stat().st_mtime, UTC)


def _walk(folder: str) -> Iterator[_File]:
    """The files of a folder that may hold logs, in order of their paths; hidden ones are left alone."""
    found = []
    for top, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [Path(top, name) for name in names if name.endswith(_SUFFIXES) and not name.startswith(".")]
    if not found:
        raise SourceError(f"no log files ({', '.join(_SUFFIXES)}) in {folder}", _HINT)
    for path in sorted(found):
        yield _File(str(path), path.relative_to(folder).as_posix(), walked=True)


def _take(
    file: _File, items: Iterable[Item], window: Window | None, meets: _Meets | None, tally: _Tally
) -> None:
    """Adds a file's entries of the window to the tally, and what was found out about the file."""
    chosen = _chosen(file.name, items, window, tally)
    kept: list[Entry] = []
    for found, insert_id in chosen:
        if "split" in found.raw and tally.parts.take(found.raw, EntryRef(insert_id, file.name, found.place)):
            continue
        try:
            if meets is not None and not meets(as_rest(found.raw)):
                continue
            kept.append(normalize(found.raw, EntryRef(insert_id, file.name, found.place)))
        except Unreadable as error:
            tally.read -= 1  # `lose` counts it as read, as the window already did
            tally.lose(file.name, Lost(found.place, error.reason, as_json(found.raw)))
    # Entries of one instant without an insertId keep the order of the file, which may be newest first.
    steps = [later.at_ns - earlier.at_ns for earlier, later in pairwise(kept)]
    newest_first = sum(step < 0 for step in steps) > sum(step > 0 for step in steps)
    tally.kept += reversed(kept) if newest_first else kept
    if tally.read in _LIMITS:
        tally.notes.append(f"{file.name} holds exactly {tally.read} entries: it may have been cut by --limit")


def _put_together(meets: _Meets | None, tally: _Tally) -> None:
    """Adds the entries that were cut into several, each as the one that was logged."""
    lacking = 0
    for raw, ref, missing in tally.parts.whole():
        lacking += missing > 0
        try:
            if meets is None or meets(as_rest(raw)):
                tally.kept.append(normalize(raw, ref))
        except Unreadable as error:
            tally.read -= 1
            tally.lose(ref.file, Lost(ref.line or 0, error.reason, as_json(raw)))
    tally.read -= tally.parts.extra
    if lacking:
        tally.gaps.append(
            f"of {lacking} {'entry' if lacking == 1 else 'entries'} that the service cut into parts some are missing"
        )


def _chosen(
    name: str, items: Iterable[Item], window: Window | None, tally: _Tally
) -> Iterator[tuple[Found, str | None]]:
    """The raw entries whose life overlaps the window; everything else about the file goes to the tally."""
    start_ns = None if window is None else in_ns(window.start)
    end_ns = None if window is None else in_ns(window.end)
    first_ns: int | None = None
    last_ns: int | None = None
    for item in items:
        if type(item) is Found:
            raw = item.raw
            try:
                at_ns = stamped_ns(raw)
            except Unreadable as error:
                tally.lose(name, Lost(item.place, error.reason, as_json(raw)))
                continue
            tally.read += 1
            if first_ns is None or at_ns < first_ns:
                first_ns = at_ns
            if last_ns is None or at_ns > last_ns:
                last_ns = at_ns
            if end_ns is not None and at_ns >= end_ns:
                continue
            if start_ns is not None and at_ns < start_ns and at_ns + lasts_ns(raw) < start_ns:
                continue
            yield item, insert_id_of(raw)
        else:
            _note(name, item, tally)
    tally.saw(first_ns)
    tally.saw(last_ns)


def _note(name: str, item: Lost | Gap | Note | Empty | Found, tally: _Tally) -> None:
    if isinstance(item, Lost):
        tally.lose(name, item)
    elif isinstance(item, Gap):
        tally.gaps.append(f"{name}: {item.why}")
    elif isinstance(item, Note):
        tally.notes.append(f"{name}: {item.text}")
    elif isinstance(item, Empty):
        tally.notes.append(f"{name}: {item.why}")
        if not item.export:
            tally.passed_over.append(name)


def _told(files: Sequence[_File]) -> str:
    names = [file.name for file in files]
    if names == ["standard input"]:
        return names[0]
    if len(names) == 1:
        return f"file {names[0]}"
    most = 4
    listed = ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
    return f"{len(names)} files: {listed}"


def _warnings(tally: _Tally) -> tuple[str, ...]:
    told = list(dict.fromkeys(tally.notes))
    told = [
        warning for warning in told if not any(warning.startswith(f"{name}: ") for name in tally.passed_over)
    ]
    if tally.passed_over:
        names = sorted(tally.passed_over)
        most = 5
        listed = ", ".join(names[:most]) + (", …" if len(names) > most else "")
        one = len(names) == 1
        told.append(
            f"{len(names)} {'file holds' if one else 'files hold'} no log entries, passed over: {listed}"
        )
    if tally.first_unreadable is not None:
        many = f"{tally.unreadable} of {tally.read} entries could not be read"
        told.append(f"{many}; the first: {tally.first_unreadable}")
    return tuple(told)

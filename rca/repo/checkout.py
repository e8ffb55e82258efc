"""A folder -> the source files of a service.

In: the folder of a checkout. Out: its source files, read when asked for. Decides which files are the service's own:
nothing hidden, installed, built or linked, and nothing too large to have been written by hand. What is passed over is
counted by reason, with an example.
"""

import os
from collections import Counter, deque
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from rca.errors import RcaError
from rca.repo.findings import Skipped

_FOLDERS = {
    "node_modules": "installed packages",
    "bower_components": "installed packages",
    "site-packages": "installed packages",
    "dist-packages": "installed packages",
    "venv": "installed packages",
    "virtualenv": "installed packages",
    "build": "build output",
    "dist": "build output",
    "__pycache__": "build output",
}
"""Folders that hold nobody's own source, by name."""

_MOST_FILES = 20_000
_MOST_ENTRIES = 400_000
_LARGEST = 1_000_000
"""Bytes. What people write by hand stays below a tenth of that; what is above is generated."""

_MOST_BYTES = 256_000_000
"""Read altogether; more is no checkout of one service."""


class Language(StrEnum):
    """What a file is written in."""

    PYTHON = "python"
    NODE = "node"
    OTHER = "other"
    """Shown where a frame names it, and not read by its syntax."""


_LANGUAGES = {
    ".py": Language.PYTHON,
    ".js": Language.NODE,
    ".mjs": Language.NODE,
    ".cjs": Language.NODE,
    ".ts": Language.NODE,
    ".mts": Language.NODE,
    ".cts": Language.NODE,
    ".jsx": Language.OTHER,
    ".tsx": Language.OTHER,
}


@dataclass(slots=True)
class Tally:  # not frozen: it counts while a checkout is read
    """What was passed over, by reason."""

    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)

    def skip(self, why: str, example: str) -> None:
        """One more was passed over."""
        self.counts[why] += 1
        self.examples.setdefault(why, example)

    def skipped(self) -> tuple[Skipped, ...]:
        """All of them, the most frequent reason first."""
        ordered = sorted(self.counts.items(), key=lambda one: (-one[1], one[0]))
        return tuple(Skipped(why, count, self.examples[why]) for why, count in ordered)


@dataclass(frozen=True, slots=True)
class Checkout:
    """A folder's source files."""

    root: Path
    files: tuple[str, ...]
    """Relative to the root, with slashes, sorted."""

    tally: Tally

    def read(self, path: str) -> bytes | None:
        """The bytes of one of its files; None, and counted, where it cannot be read or has grown too large."""
        try:
            with (self.root / path).open("rb") as file:
                found = file.read(_LARGEST + 1)
        except OSError as error:
            self.tally.skip(f"cannot be read: {error.strerror or type(error).__name__}", path)
            return None
        if len(found) > _LARGEST:
            self.tally.skip("too large", path)
            return None
        return found


def language_of(path: str) -> Language | None:
    """What a file is written in, by its suffix; None where it is no source."""
    if path.endswith((".d.ts", ".d.mts", ".d.cts", ".min.js", ".min.mjs")):
        return None
    return _LANGUAGES.get(os.path.splitext(path)[1])  # noqa: PTH122 - called for each file of a checkout: Path is slow


def open_checkout(root: Path) -> Checkout:
    """The source files below a folder; links are not followed, so nothing outside of it is read.

    Raises `RcaError` where there is no such folder.
    """
    try:
        folder = root.resolve(strict=True)
        if not folder.is_dir():
            raise NotADirectoryError(20, "Not a directory")
    except (OSError, RuntimeError, ValueError) as error:  # RuntimeError: a loop of links, before Python 3.13
        why = getattr(error, "strerror", None) or str(error)
        raise RcaError(
            f"no checkout at {root}: {why}", "--repo takes the folder of the service's source"
        ) from error
    tally = Tally()
    found: list[str] = []
    size = entries = 0
    waiting = deque([""])
    while waiting and entries < _MOST_ENTRIES:
        inner = waiting.popleft()
        for entry in _entries(folder, inner, tally):
            entries += 1
            path = f"{inner}/{entry.name}".lstrip("/")
            if why := _passed_over(entry):
                tally.skip(why, _printable(path))
            elif entry.is_dir(follow_symlinks=False):
                waiting.append(path)
            elif language_of(path):
                size += _admit(entry, path, size, found, tally)
    if waiting:
        tally.skip(f"beyond the first {_MOST_ENTRIES:,} files and folders", waiting[0])
    return Checkout(folder, tuple(sorted(found)), tally)


def _entries(root: Path, inner: str, tally: Tally) -> list[os.DirEntry[str]]:
    """What a folder holds, by name; none, and counted, where it cannot be listed."""
    try:
        with os.scandir(root / inner) as listing:
            return sorted(listing, key=lambda entry: entry.name)
    except OSError as error:
        tally.skip(f"cannot be listed: {error.strerror or type(error).__name__}", inner or ".")
        return []


def _passed_over(entry: os.DirEntry[str]) -> str | None:
    """Why an entry of a folder is not looked at; None where it is."""
    if not entry.name.isprintable():  # an undecodable byte, a line end, an escape code: it could not be cited
        return "name that cannot be printed"
    if entry.is_symlink():
        return "symbolic link"
    return _not_own(entry) if entry.is_dir(follow_symlinks=False) else None


def _not_own(folder: os.DirEntry[str]) -> str | None:
    """Why a folder holds nothing that the service's people wrote; None where it may."""
    name = folder.name
    if name.startswith("."):
        return "hidden folder"
    environment = os.path.join(folder.path, "pyvenv.cfg")  # noqa: PTH118 - once a folder of a whole checkout: Path is slow
    if name.endswith((".egg-info", ".egg", ".dist-info")) or os.path.lexists(environment):
        return "installed packages"
    return _FOLDERS.get(name)


def _admit(entry: os.DirEntry[str], path: str, before: int, found: list[str], tally: Tally) -> int:
    """Adds a source file to those found; returns its size, or 0 where it is passed over."""
    try:
        regular = entry.is_file(follow_symlinks=False)
        size = entry.stat(follow_symlinks=False).st_size
    except OSError as error:
        tally.skip(f"cannot be read: {error.strerror or type(error).__name__}", path)
        return 0
    why = (
        ("not a regular file" if not regular else None)
        or ("too large" if size > _LARGEST else None)
        or (f"beyond the first {_MOST_FILES:,} source files" if len(found) >= _MOST_FILES else None)
        or (
            f"beyond the first {_MOST_BYTES // 1_000_000} MB of source"
            if before + size > _MOST_BYTES
            else None
        )
    )
    if why:
        tally.skip(why, path)
        return 0
    found.append(path)
    return size


def _printable(path: str) -> str:
    """A path as it can be cited, what cannot be printed replaced."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in path)

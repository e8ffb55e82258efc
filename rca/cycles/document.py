"""A cycle's file, read once and made safe to look at.

In: a path. Out: a `Document` with its bytes and its text: line ends unified, NUL and undecodable bytes replaced
and reported. Decides what is refused outright: no file, a folder, nothing in it, too large, not text.
"""

import codecs
from dataclasses import dataclass
from pathlib import Path

from rca.errors import CycleError
from rca.model import SourceRef

LARGEST = 64 * 1024 * 1024
"""Bytes. A report of a test cycle is some kilobytes; a JSON report with its logs may reach megabytes."""

LONGEST_LINE = 20_000
"""Characters of a line that are looked at; a longer one is a dump, not a row."""

_MOST_CONTROL = 0.1
_HINT = "name a results report (.md), JUnit XML (.xml), pytest's JSON (.json) or console output (.txt, .log)"


@dataclass(frozen=True, slots=True)
class Document:
    """One file of a cycle."""

    name: str
    """As a reader can find it: relative to the cycle's folder."""

    raw: bytes
    text: str
    warnings: tuple[str, ...] = ()

    @property
    def wide(self) -> str | None:
        """`utf-16`, where the bytes begin with its mark."""
        return _wide(self.raw)

    def ref(self, line: int | None = None) -> SourceRef:
        """Where in this file."""
        return SourceRef(self.name, line)

    def warning(self, line: int | None, words: str) -> str:
        """`file:line: words`, the form of every warning."""
        return f"{self.name}:{line}: {words}" if line else f"{self.name}: {words}"


def load(path: Path, name: str | None = None) -> Document:
    """The file's content is at hand, as bytes and as text.

    Raises:
        CycleError: it does not exist, is a folder, cannot be read, is empty, larger than `LARGEST`, or no text.
    """
    name = name or path.name
    try:
        if path.is_dir():
            raise CycleError(f'"{path}" is a folder, not a cycle\'s file', "use --cycles-dir for a folder")
        if not path.exists():
            raise CycleError(
                f'no such cycle file: "{path}"', "run `rca cycles` to see which cycles were found"
            )
        if path.stat().st_size > LARGEST:
            raise CycleError(f'"{path}" is larger than {LARGEST // 1024 // 1024} MiB', _HINT)
        raw = path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise CycleError(f'cannot read "{path}": {error}', "check the path and its permissions") from error
    if not raw.strip():
        raise CycleError(f'"{path}" is empty', _HINT)
    return from_bytes(raw, name)


def from_bytes(raw: bytes, name: str) -> Document:
    """The bytes as a document; what could not be decoded is replaced and reported.

    Raises:
        CycleError: the bytes are no text.
    """
    text = raw.decode(_wide(raw) or "utf-8-sig", errors="replace")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    sample = text[:65536]
    odd = sum(sample.count(chr(code)) for code in range(32) if chr(code) not in "\t\n\f\x1b")
    if odd > _MOST_CONTROL * len(sample):
        raise CycleError(f'"{name}" is not text', _HINT)
    warnings = []
    for bad, words in (("\ufffd", "bytes that are not UTF-8"), ("\0", "NUL characters")):
        if count := text.count(bad):
            line = text.count("\n", 0, text.index(bad)) + 1
            warnings.append(f"{name}:{line}: {count} {words}, replaced")
    return Document(name=name, raw=raw, text=text.replace("\0", "\ufffd"), warnings=tuple(warnings))


def _wide(raw: bytes) -> str | None:
    return "utf-16" if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else None

"""How a cycle is told: our own recordings, results reports, JUnit XML, pytest's JSON and console output, plain JSON.

In: a file, or a folder and a number. Out: a `Cycle`. Decides which reader understands a file, and which files of a
folder tell of the cycle that was asked for (`rca.cycles.selection`).
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

from rca.cycles import selection
from rca.cycles.console import ConsoleReader
from rca.cycles.document import Document, load
from rca.cycles.junit import JUnitReader
from rca.cycles.markdown import MarkdownReader
from rca.cycles.pytest_json import PytestJsonReader
from rca.cycles.reader import CycleReader, UnknownFormatError
from rca.cycles.recorded import RecordedReader
from rca.cycles.results_json import ResultsJsonReader
from rca.model import Cycle

__all__ = ["READERS", "CycleReader", "find", "list_cycles", "read_file"]

READERS: tuple[CycleReader, ...] = (
    RecordedReader(),
    JUnitReader(),
    PytestJsonReader(),
    ResultsJsonReader(),
    ConsoleReader(),
    MarkdownReader(),
)
"""Most exact first: the order in which they are asked, and in which their fields win."""

_TEXT = (".md", ".markdown", ".txt", ".log", ".out", ".rst", ".csv", ".tsv", "")


def read_file(path: Path) -> Cycle:
    """The cycle that one file tells of; a document without tests gives a cycle without tests and a warning.

    Raises:
        CycleError: the file is missing, unreadable, broken or of no known format; the hint says what to try.
    """
    return _read(load(path))[1]


def _read(document: Document) -> tuple[int, Cycle]:
    """How exact the reader is that understood the document (0 the most), and the cycle."""
    for exactness, reader in enumerate(READERS):
        if isinstance(reader, MarkdownReader) and Path(document.name).suffix.lower() not in _TEXT:
            continue
        cycle = reader.read(document)
        if cycle is not None:
            return exactness, cycle
    raise UnknownFormatError(
        f'"{document.name}" holds no test results that can be read',
        "name a results report (.md), JUnit XML (.xml), pytest's JSON (.json) or console output (.txt, .log)",
    )


def _telling(path: Path, name: str) -> selection.Telling:
    document = load(path, name)
    exactness, cycle = _read(document)
    return selection.Telling(name=name, exactness=exactness, cycle=cycle)


def list_cycles(folder: Path, tell: Callable[[str], None] | None = None) -> tuple[Cycle, ...]:
    """The cycles of a folder, each merged from its files; by number, then date; unnumbered ones last.

    Whoever is to be told hears of files and folders that could not be read, where no cycle beside them warns of it.

    Raises:
        CycleError: the folder does not exist.
    """
    found = selection.found_in(folder, _telling)
    if tell is not None and found.unread:
        tell(found.unread)
    return tuple(group.cycle for group in found.groups)


def find(folder: Path, number: int, on: date | None = None) -> Cycle:
    """The cycle of that number, merged from the files that tell of it.

    Several of one number: the latest date wins, and a warning says so. One unnumbered cycle alone in a folder
    answers to any number.

    Args:
        folder: Of many cycles, or of one cycle's files; a file is read as it is.
        number: As the document states it; a file's or folder's name is only looked at where no document states it.
        on: Chooses among several of one number.

    Raises:
        CycleError: there is no such cycle (the message lists which there are), or two of one number and date.
    """
    if folder.is_file():
        cycle = read_file(folder)
        if cycle.number is None:
            return replace(cycle, number=number)
        other = f"{folder.name}: states cycle {cycle.number}, not {number}; it is read as it is"
        return cycle if cycle.number == number else replace(cycle, warnings=(other, *cycle.warnings))
    return selection.chosen(selection.found_in(folder, _telling), folder, number, on)

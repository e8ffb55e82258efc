"""Which files of a folder tell of which cycle.

In: a folder, and what each of its files tells. Out: groups of files that tell of one run, and the group that was
asked for. Decides by what documents state (number, date); names of files and folders serve for look-up only.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from rca.cycles.merge import merged
from rca.cycles.names import key_of
from rca.cycles.reader import UnknownFormatError
from rca.errors import CycleError
from rca.model import Cycle

_SUFFIXES = frozenset({".md", ".markdown", ".xml", ".json", ".txt", ".log"})
_SKIPPED = frozenset({"node_modules", "__pycache__", "venv", "site-packages", "expected", "dist", "build"})
_DEEPEST = 4
_MOST_FILES = 2000
_MOST_TOLD = 3
_NAMED = re.compile(r"(?:cycle|iteration|round)[-_ ]?0{0,3}(\d{1,4})(?!\d)", re.IGNORECASE)
_OWN_REPORT = re.compile(r"^\s*(?:<!--.*?-->\s*)?# Why cycle \d+ failed\b", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Telling:
    """What one file tells."""

    name: str
    """Relative to the folder."""

    exactness: int
    """0 is the most exact format."""

    cycle: Cycle


@dataclass(frozen=True, slots=True)
class Group:
    """Files that tell of one run."""

    names: tuple[str, ...]
    cycle: Cycle

    @property
    def named(self) -> frozenset[int]:
        """Numbers in the names of its files and their folders."""
        return frozenset(int(found[1]) for name in self.names for found in _NAMED.finditer(name))


@dataclass(frozen=True, slots=True)
class Found:
    """What a folder and its subfolders tell."""

    groups: tuple[Group, ...]
    """The runs; by number, then date, unnumbered last."""

    broken: tuple[str, ...]
    """Files and folders that could not be read and lie beside no cycle, each with why."""

    @property
    def unread(self) -> str:
        """What may tell of a cycle, and cannot be read, in words; empty where there is none."""
        more = f" and {len(self.broken) - _MOST_TOLD} more" if len(self.broken) > _MOST_TOLD else ""
        return f"not readable there: {'; '.join(self.broken[:_MOST_TOLD])}{more}" if self.broken else ""


def found_in(folder: Path, read: Callable[[Path, str], Telling]) -> Found:
    """The runs told of in a folder and its subfolders.

    A file that is no cycle's is left out; one that is broken is a warning of the cycles it lies beside.

    Raises:
        CycleError: the folder does not exist.
    """
    if not folder.is_dir():
        raise CycleError(
            f'no such folder of cycles: "{folder}"', "point --cycles-dir at the folder of your reports"
        )
    found: list[Group] = []
    left: list[str] = []
    for directory, files, broken in _walk(folder):
        tellings = []
        for path in files:
            name = path.relative_to(folder).as_posix()
            try:
                telling = read(path, name)
            except UnknownFormatError:
                continue
            except CycleError as error:
                broken.append(f"{name}: {error.message}")
                continue
            if _tells(telling, path):
                tellings.append(telling)
        whole = directory != folder or len(tellings) == 1
        together = _together(tellings, alone=whole)
        found += [_with(group, broken) for group in together]
        left += [] if together else broken
    return Found(tuple(sorted(found, key=_order)), tuple(left))


def _order(group: Group) -> tuple[int, date, tuple[str, ...]]:
    number = group.cycle.number
    return (1 << 31 if number is None else number, group.cycle.date or date.min, group.names)


def _with(group: Group, broken: Iterable[str]) -> Group:
    return replace(group, cycle=replace(group.cycle, warnings=(*group.cycle.warnings, *broken)))


def _walk(folder: Path) -> Iterable[tuple[Path, list[Path], list[str]]]:
    """Each folder with its files that could be a cycle's, in order of name, and what is wrong with itself."""
    left, pending = _MOST_FILES, [(folder, 0)]
    while pending:
        directory, depth = pending.pop(0)
        try:
            entries = sorted(directory.iterdir())
        except OSError as error:
            yield directory, [], [_closed(directory, folder, error)]
            continue
        files, folders, closed = [], [], []
        for path in entries:
            try:
                if path.suffix.lower() in _SUFFIXES and path.is_file():
                    files.append(path)
                elif path.is_dir() and not path.is_symlink():
                    folders.append(path)
            except OSError as error:  # where it leads may not be looked at
                closed.append(_closed(path, folder, error))
        files = files[:left]
        left -= len(files)
        yield directory, files, closed
        if depth < _DEEPEST:
            pending += [
                (path, depth + 1)
                for path in folders
                if not path.name.startswith(".") and path.name not in _SKIPPED
            ]


def _closed(path: Path, folder: Path, error: OSError) -> str:
    return f"{path.relative_to(folder).as_posix()}: cannot be read: {error.strerror}"


def _tells(telling: Telling, path: Path) -> bool:
    """Whether the file is a cycle's: it has tests, or a number or date with counts; and is no report of ours."""
    cycle = telling.cycle
    if path.suffix.lower() in {".md", ".markdown"}:
        with path.open("rb") as file:
            if _OWN_REPORT.match(file.read(2000).decode("utf-8", errors="replace")):
                return False
    stated = cycle.number is not None or cycle.date is not None
    return bool(cycle.tests) or (stated and cycle.passed is not None and cycle.failed is not None)


def _together(tellings: list[Telling], *, alone: bool) -> list[Group]:
    """The files of one folder, those of one run together.

    Files of different formats belong together where nothing they state sets them apart; two of one format only
    where they have no test in common (shards of one run).
    """
    groups: list[list[Telling]] = []
    # Files that state a number are the anchors; those that state none join the only one they fit.
    for telling in sorted(tellings, key=lambda told: (told.cycle.number is None, -told.exactness, told.name)):
        fits = [group for group in groups if all(_one_run(telling, other, alone=alone) for other in group)]
        same_stem = [
            group for group in fits if any(_stem(telling.name) == _stem(other.name) for other in group)
        ]
        if len(same_stem or fits) == 1:
            (same_stem or fits)[0].append(telling)
        else:
            groups.append([telling])
    return [_group(group) for group in groups]


def _group(tellings: list[Telling]) -> Group:
    ordered = sorted(tellings, key=lambda told: (told.exactness, told.name))
    return Group(tuple(told.name for told in ordered), merged(tuple(told.cycle for told in ordered)))


def _stem(name: str) -> str:
    """`cycle-1.junit.xml` and `cycle-1.md` share `cycle-1`."""
    return name.rsplit("/", 1)[-1].split(".", 1)[0].lower()


def _one_run(one: Telling, other: Telling, *, alone: bool) -> bool:
    """Whether nothing the two files state sets them apart."""
    numbers = {telling.cycle.number for telling in (one, other)} - {None}
    dates = [telling.cycle.date for telling in (one, other) if telling.cycle.date is not None]
    # A runner's local date and a report's UTC date may differ by a day.
    if len(numbers) > 1 or (len(dates) > 1 and abs((dates[0] - dates[1]).days) > 1):
        return False
    keys = [{key_of(test.name) for test in telling.cycle.tests} for telling in (one, other)]
    if one.exactness == other.exactness:
        numbered_both = one.cycle.number is not None and other.cycle.number is not None
        return not numbered_both and bool(keys[0] and keys[1]) and not keys[0] & keys[1]
    return (
        alone or bool(keys[0] & keys[1]) or not (keys[0] and keys[1]) or _stem(one.name) == _stem(other.name)
    )


def chosen(found: Found, folder: Path, number: int, on: date | None) -> Cycle:
    """The cycle of that number (and date).

    Raises:
        CycleError: none, or two of one number and date.
    """
    groups = found.groups
    fitting = [group for group in groups if group.cycle.number == number]
    if not fitting:
        unnumbered = [group for group in groups if group.cycle.number is None]
        named = [group for group in unnumbered if number in group.named]
        lone = unnumbered if len(groups) == 1 else []
        fitting = [_numbered(group, number) for group in (named or lone)]
    if on is not None and fitting:
        dated = [group for group in fitting if group.cycle.date == on]
        if not dated:
            days = ", ".join(sorted({str(group.cycle.date or "no date") for group in fitting}))
            raise CycleError(
                f"no cycle {number} of {on} in {folder}: there is one of {days}", "choose one of these dates"
            )
        fitting = dated
    if not fitting:
        raise CycleError(
            f"no cycle {number} in {folder}: {'; '.join(filter(None, (_which(groups), found.unread)))}",
            "name one of these, or the report's file itself with --cycles-dir FILE"
            if groups
            else "run rca in the folder of the cycle's report, or name it with --cycles-dir; a recording tells its own "
            "cycle: rca why --logs RECORDING",
        )
    latest = max((group.cycle.date for group in fitting if group.cycle.date is not None), default=None)
    last = [group for group in fitting if group.cycle.date == latest]
    if len(last) > 1:
        files = "; ".join(" + ".join(group.names) for group in last)
        raise CycleError(
            f"cycle {number} of {latest or 'no date'} is told of twice: {files}", "name the file you mean"
        )
    if len(fitting) > 1:
        others = ", ".join(
            f"{group.cycle.date or 'no date'} ({group.names[0]})" for group in fitting if group is not last[0]
        )
        words = f"{len(fitting)} cycles have number {number}; the latest, of {latest}, is taken, not {others}"
        return replace(last[0].cycle, warnings=(words, *last[0].cycle.warnings))
    return last[0].cycle


def _numbered(group: Group, number: int) -> Group:
    words = f"{group.names[0]}: states no cycle number; taken for cycle {number}"
    cycle = replace(group.cycle, number=number, warnings=(*group.cycle.warnings, words))
    return replace(group, cycle=cycle)


def _which(groups: tuple[Group, ...]) -> str:
    """The cycles there are, in words."""
    if not groups:
        return "no file there tells of a cycle"
    known = [
        f"{'cycle ' + str(group.cycle.number) if group.cycle.number is not None else 'an unnumbered cycle'}"
        f"{f' of {group.cycle.date}' if group.cycle.date else ''} ({group.names[0]})"
        for group in groups
    ]
    return "there are " + ", ".join(known[:20]) + (f" and {len(known) - 20} more" if len(known) > 20 else "")  # noqa: PLR2004 - a screenful

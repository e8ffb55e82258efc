"""The catalogue read: the shipped entries and the user's own, every sample tried.

In: folders. Out: entries in the order in which they are tried, or findings. Decides that a user's entry stands before
the shipped ones and takes none's place unsaid, and how large a folder may be.
"""

from collections.abc import Sequence
from functools import cache
from importlib import resources
from pathlib import Path

from rca.errors import SettingsError
from rca.known import seen as observed
from rca.known.entries import LARGEST, Finding, Known, read
from rca.known.recognizing import best, holds, recognizes

_MOST_FILES = 200


@cache
def catalogue(folders: tuple[str, ...] = ()) -> tuple[Known, ...]:
    """The shipped entries and those of the folders; with folders every sample is tried, the shipped ones as well.

    Raises:
        SettingsError: a file cannot be read, an entry is not lawful, an id is given twice, or a sample fails.
    """
    entries, findings = _loaded(
        folders, tried=bool(folders)
    )  # of the shipped ones alone, tests have tried them
    if findings:
        first, more = findings[0], len(findings) - 1
        others = f" (and {more} more: rca causes --check)" if more else ""
        raise SettingsError(f"the catalogue of known causes: {first.text}{others}", first.hint)
    return entries


def check(folders: tuple[str, ...] = ()) -> tuple[Finding, ...]:
    """Everything that is wrong with the shipped entries and those of the folders."""
    return _loaded(folders, tried=True)[1]


def _loaded(folders: tuple[str, ...], *, tried: bool) -> tuple[tuple[Known, ...], tuple[Finding, ...]]:
    shipped, wrong = _shipped()
    found, findings = list(shipped), list(wrong)
    for folder in folders:
        own, unreadable = _of_folder(Path(folder))
        found, clashing = _with_own(found, own)
        findings += [*unreadable, *_twice(own), *clashing]
    entries = tuple(found)
    if tried:
        findings += [finding for one in entries if (finding := _sample_that_fails(one, entries)) is not None]
    return entries, tuple(findings)


@cache
def _shipped() -> tuple[tuple[Known, ...], tuple[Finding, ...]]:
    """The entries of the catalogue that is shipped, and what is wrong with them: read once, however many folders."""
    folder = resources.files("rca").joinpath("catalogue")
    files = sorted((one for one in folder.iterdir() if one.name.endswith(".toml")), key=lambda one: one.name)
    read_ones = [read(one.read_text(encoding="utf-8"), one.name) for one in files]
    entries = tuple(one for entries, _ in read_ones for one in entries)
    wrong = (finding for _, findings in read_ones for finding in findings)
    return entries, (*wrong, *_twice(entries))


def _of_folder(folder: Path) -> tuple[list[Known], list[Finding]]:
    """The entries of a user's folder; files below its own subfolders are not looked at."""
    hint = "name a folder of .toml files in `catalogue` of rca.toml"
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix == ".toml" and path.is_file())
    except OSError as error:
        return [], [Finding(str(folder), None, f"cannot be read: {error.strerror}", hint)]
    if not paths:
        return [], [Finding(str(folder), None, "holds no .toml file", hint)]
    if len(paths) > _MOST_FILES:
        return [], [Finding(str(folder), None, f"holds more than {_MOST_FILES} files", hint)]
    found: list[Known] = []
    findings: list[Finding] = []
    for path in paths:
        try:
            with path.open("rb") as file:
                data = file.read(LARGEST + 1)
            if len(data) > LARGEST:
                findings.append(
                    Finding(str(path), None, f"is larger than {LARGEST // 1024} KiB", "split it by theme")
                )
                continue
            entries, wrong = read(data.decode("utf-8-sig"), str(path))
        except OSError as error:
            findings.append(
                Finding(str(path), None, f"cannot be read: {error.strerror}", "look at its rights")
            )
        except UnicodeDecodeError as error:
            findings.append(Finding(str(path), None, f"is not UTF-8: {error.reason}", "save it as UTF-8"))
        else:
            found += entries
            findings += wrong
    return found, findings


def _twice(entries: Sequence[Known]) -> list[Finding]:
    """Ids that one folder gives twice."""
    first: dict[str, Known] = {}
    return [
        Finding(one.file, one.id, f"is in {first[one.id].file} too", "rename one of the two")
        for one in entries
        if first.setdefault(one.id, one) is not one
    ]


def _with_own(found: Sequence[Known], own: Sequence[Known]) -> tuple[list[Known], list[Finding]]:
    """A user's entries first, for among equals they are meant; none takes a shipped one's place unsaid."""
    before = {one.id for one in found}
    findings = []
    for one in own:
        if one.id in before and not one.spec.replaces:
            hint = "choose another id, or set replaces = true to take its place"
            findings.append(Finding(one.file, one.id, "is the id of an entry that is there already", hint))
        elif one.spec.replaces and one.id not in before:
            hint = "leave replaces away; `rca causes` lists the ids"
            findings.append(Finding(one.file, one.id, "replaces an entry that is not there", hint))
    taken = {one.id for one in own}
    return [*own, *(one for one in found if one.id not in taken)], findings


def _sample_that_fails(one: Known, among: Sequence[Known]) -> Finding | None:
    for sample in one.matches:
        seen = observed.of_sample(sample)
        if not recognizes(one, seen):
            missing = ", ".join(name for name in one.conditions if not holds(one, name, seen))
            hint = f"does not hold for it: {missing}; mend the sample or the condition"
            return Finding(one.file, one.id, f"does not recognize its sample {sample.text!r}", hint)
        chosen = best(among, seen, one.kind)
        if chosen is not None and chosen.id != one.id:
            hint = f"{chosen.id} is as specific and stands before it, or is more specific: add a condition"
            return Finding(one.file, one.id, f"its sample {sample.text!r} is taken by {chosen.id}", hint)
    for sample in one.misses:
        if recognizes(one, observed.of_sample(sample)):
            hint = "make the pattern narrower, or add a condition"
            return Finding(one.file, one.id, f"recognizes {sample.text!r}, which it must not", hint)
    return None

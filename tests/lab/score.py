"""Recorded cases -> how the answers compare with their labels, one row a case and alteration.

What counts as right: the true cause's exception class, or words of its message, in what the first cause says, and
no red herring in it; for a label `unknown`, no root cause at all.
"""

import gzip
import io
import json
import re
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rca import cycles
from rca.contract import Report, ReportCause
from rca.errors import RcaError
from rca.pipeline import Question, investigate
from rca.sources.files import Files
from tests.lab.alter import ALTERATIONS, Alteration, Entries

_FIRST = 3
_SUMMARY = 300


@dataclass(frozen=True, slots=True)
class Recorded:
    """A case as it lies on disk."""

    folder: Path
    label: dict[str, Any]

    @property
    def name(self) -> str:
        """The scenario's, with the seed's folder before it where there is one."""
        return f"{self.folder.parent.name}/{self.folder.name}"

    @property
    def server(self) -> str:
        """The family that is left out together: the server, without its version and framework."""
        return re.split(r"[/+]|-\d", str(self.label.get("server") or "?"))[0]

    def entries(self) -> Entries:
        """The logs as recorded."""
        path = logs_in(self.folder)
        assert path is not None, self.folder
        raw = path.read_bytes()
        text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8")
        return [json.loads(line) for line in text.splitlines() if line.strip()]


@dataclass(frozen=True, slots=True)
class Row:
    """One answer against its label; None where a measure does not apply."""

    case: str
    server: str
    alteration: str
    category: str
    right: bool
    in_three: bool
    """The true cause is among the first three that the report names, established or not."""

    frame: bool | None
    category_right: bool | None
    grounded: bool | None
    """The true cause, and an entry that shows it is cited."""

    unknown_wanted: bool
    answered: bool
    herring: str | None
    decoys: bool
    """Whether the case holds something that would mislead."""

    confidence: float | None
    said: str


def logs_in(folder: Path) -> Path | None:
    """The logs of a case, plain or packed."""
    return next(
        (path for name in ("logs.ndjson", "logs.ndjson.gz") if (path := folder / name).exists()), None
    )


def cases_in(*folders: Path) -> list[Recorded]:
    """The labelled cases below the folders, by path; a recording whose fault failed no test is none."""
    found = sorted(path for folder in folders for path in folder.rglob("label.json") if logs_in(path.parent))
    cases = [Recorded(path.parent, json.loads(path.read_text(encoding="utf-8"))) for path in found]
    return [case for case in cases if case.label["failing_tests"] or case.label["category"] == "unknown"]


def score(
    cases: Sequence[Recorded], alterations: Sequence[Alteration] = ALTERATIONS, processes: int = 2
) -> list[Row]:
    """A row for each case under each alteration, in that order."""
    names = [one.name for one in alterations]
    with ProcessPoolExecutor(processes) as pool:
        found = pool.map(_rows, cases, [names] * len(cases), chunksize=2)
        return [row for rows in found for row in rows]


def _rows(case: Recorded, names: Iterable[str]) -> list[Row]:
    entries = case.entries()
    wanted = set(names)
    return [
        row_of(case, one.name, explained(case, entries, one)) for one in ALTERATIONS if one.name in wanted
    ]


def question_of(case: Recorded, alteration: Alteration) -> Question:
    """What is asked of the case: why did its cycle fail."""
    found = cycles.list_cycles(case.folder)
    number = next((one.number for one in found if one.number is not None), 1)
    return Question(cycle=alteration.cycle(cycles.find(case.folder, number)))


def source_of(entries: Entries, alteration: Alteration) -> Files:
    """The altered entries as a source."""
    lines = "".join(json.dumps(entry) + "\n" for entry in alteration.entries(entries))
    return Files(["-"], io.BytesIO(lines.encode()))


def explained(case: Recorded, entries: Entries, alteration: Alteration) -> Report | None:
    """The report on the altered case; None where it could not be made."""
    try:
        return investigate(question_of(case, alteration), source_of(entries, alteration))
    except RcaError:
        return None


def row_of(case: Recorded, alteration: str, report: Report | None) -> Row:
    """The report held against the label."""
    label = case.label
    cause = report.root_cause if report else None
    herring = herring_in(cause, label) if cause else None
    unknown = label["category"] == "unknown"
    right = cause is None if unknown else cause is not None and names(cause, label) and not herring
    first = [*report.causes, *report.alternatives][:_FIRST] if report else []
    in_three = right if unknown else any(names(one, label) and not herring_in(one, label) for one in first)
    return Row(
        case=case.name,
        server=case.server,
        alteration=alteration,
        category=label["category"],
        right=right,
        in_three=right or in_three,
        frame=_frame_right(cause, label),
        category_right=None
        if unknown
        else cause is not None and cause.category in {label["category"], *label["also_categories"]},
        grounded=None if not label["evidence"] or report is None else right and _cited(report, label),
        unknown_wanted=unknown,
        answered=cause is not None,
        herring=herring,
        decoys=bool(label["red_herrings"]),
        confidence=cause.confidence if cause else None,
        said=f"{cause.category}: {cause.summary[:110]}" if cause else "unknown",
    )


def names(cause: ReportCause, label: dict[str, Any]) -> bool:
    """Whether a cause is the label's: its exception's class, or words of its message."""
    types = {label["exception"], *label["exception_any"]} - {None}
    class_ = re.split(r"[.$]", cause.exception or "")[-1]
    said = f"{cause.exception or ''} {cause.message[:600]} {cause.summary[:_SUMMARY]}".lower()
    return class_ in types or any(one.lower() in said for one in label["message_contains"])


def herring_in(cause: ReportCause, label: dict[str, Any]) -> str | None:
    """The red herring that a cause names, if any."""
    place = f"{cause.frame.file} {cause.frame.function}" if cause.frame else ""
    said = f"{cause.exception or ''}: {cause.message[:600]} {place} {cause.summary[:_SUMMARY]}".lower()
    return next((one for one in label["red_herrings"] if one.lower() in said), None)


def _frame_right(cause: ReportCause | None, label: dict[str, Any]) -> bool | None:
    wanted = label["frame"]
    if not wanted:
        return None
    if cause is None or cause.frame is None:
        return False
    function = re.split(r"[.#]", cause.frame.function or "")[-1]
    return Path(cause.frame.file).name == Path(wanted["file"]).name and function == wanted["function"]


def _cited(report: Report, label: dict[str, Any]) -> bool:
    ids = {one.id: (one.insert_id or "").partition("+")[0] for one in report.evidence}
    cause = report.root_cause
    return cause is not None and any(ids.get(one) in label["evidence"] for one in cause.evidence)

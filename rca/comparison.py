"""Reports side by side, as values: the contracts of `rca diff --format json` and `rca history --format json`.

Keys are stable: added, never renamed; `schema` names the version. Times are RFC 3339 in UTC. In both, a text may
quote the logs between U+2E22 and U+2E23, as in a report.

`rca.diff/1`: `schema`; `verdict` (held, did_not_hold, unknown, nothing_to_hold); `headline`; `first` and `second` (the
two cycles: `label`, `number`, `date`, `verdict`, `headline`, `environment`, `revisions`, `complete`, `failing`,
`tests`, `first_at`, `last_at`); `causes` (what became of each cause of the first: `fate`, `says`, `before`, `after`,
`tests`, `evidence`); `new_causes`; `unexplained` (failing tests of the first that no cause explained); `tests` (those
whose outcome changed: `name`, `before`, `after`, `change`); `unchanged` (how many did not); `new_revisions`;
`deploys` (`at`, `text`, `evidence`); `notes`; `evidence` (`id`, `side`, `entry` as in a report).

`rca.history/1`: `schema`; `cycles` (`label`, `number`, `date`, `verdict`, `headline`, `category`, `fingerprint`,
`confidence`, `revisions`, `failing`, `tests`, `told_by`); `causes` (`fingerprint`, `summary`, `category`, `seen`,
`gone`, `masked`, `cannot_tell`, each a list of labels; `again`).
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from rca.contract import Evidence, ReportFrame, Verdict
from rca.model import Outcome

DIFF_SCHEMA = "rca.diff/1"
HISTORY_SCHEMA = "rca.history/1"


def shown(fingerprint: str) -> str:
    """A fingerprint as a reader takes it: without the dash that stands for a logger or a type that is not named."""
    return fingerprint.removeprefix("-: ")


class Fate(StrEnum):
    """What became of a cause of the first cycle in the second."""

    GONE = "gone"
    """The second cycle went where it lay, and did not meet it."""
    SAME = "same"
    """The same fingerprint, and no new revision is seen."""
    ON_NEW_REVISION = "same_on_new_revision"
    MOVED = "same_at_another_line"
    """The same fault, at another line or in another function, or told in another way."""
    MASKED = "masked"
    """The second cycle did not get as far: it fails before, for another reason."""
    CANNOT_TELL = "cannot_tell"


STILL_THERE = frozenset({Fate.SAME, Fate.ON_NEW_REVISION, Fate.MOVED})


class Held(StrEnum):
    """Whether the fix held, in one word."""

    HELD = "held"
    DID_NOT_HOLD = "did_not_hold"
    UNKNOWN = "unknown"
    NOTHING_TO_HOLD = "nothing_to_hold"
    """Nothing failed in the first cycle."""


class Exercise(StrEnum):
    """How far the second cycle took a test that failed in the first."""

    PAST = "past"
    """Beyond where it failed."""
    MASKED = "masked"
    """Not as far: it failed before."""
    MET = "met"
    """It fails by the cause again."""
    UNCLEAR = "unclear"
    NOT_RUN = "not_run"


class Change(StrEnum):
    """How a test's outcome changed."""

    MENDED = "mended"
    BROKEN = "broken"
    NEW = "new"
    MISSING = "missing"
    OTHER = "other"
    """To skipped or from it, or from a failure to an error."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two cycles."""

    label: str
    number: int | None
    date: date | None
    verdict: Verdict
    headline: str
    environment: str | None
    revisions: tuple[str, ...]
    """Those its failing connections ran on; where none failed, those in its logs."""

    complete: bool | None
    failing: int
    tests: int
    first_at: datetime | None
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class Sighting:
    """A cause as one cycle has it."""

    id: str
    """Of the cause, in its own report."""

    fingerprint: str
    summary: str
    category: str
    exception: str | None
    message: str
    frame: ReportFrame | None
    known_cause: str | None
    confidence: float
    occurrences: int
    revisions: tuple[str, ...]
    """Those its entries are of."""

    tests: tuple[str, ...]
    first: str | None
    """The citation of the first entry that shows it."""

    first_at: datetime | None


@dataclass(frozen=True, slots=True)
class Retried:
    """A test that a cause of the first cycle explained, in the second."""

    name: str
    exercise: Exercise
    says: str


@dataclass(frozen=True, slots=True)
class CauseFate:
    """What became of one cause."""

    fate: Fate
    says: str
    before: Sighting
    after: Sighting | None
    tests: tuple[Retried, ...]
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TestChange:
    """A test whose outcome changed, by its name in the later cycle that has it."""

    name: str
    before: Outcome | None
    after: Outcome | None
    change: Change


@dataclass(frozen=True, slots=True)
class Deploy:
    """A deploy between the two."""

    at: datetime
    text: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Citation:
    """What a citation of the comparison points at: an entry of one of the two reports, numbered anew."""

    id: str
    side: str
    """first or second."""

    entry: Evidence


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything that `rca diff` prints."""

    verdict: Held
    headline: str
    first: Side
    second: Side
    causes: tuple[CauseFate, ...]
    new_causes: tuple[Sighting, ...]
    unexplained: tuple[str, ...]
    tests: tuple[TestChange, ...]
    unchanged: int
    new_revisions: tuple[str, ...]
    deploys: tuple[Deploy, ...]
    notes: tuple[str, ...]
    evidence: tuple[Citation, ...]
    schema: str = DIFF_SCHEMA


@dataclass(frozen=True, slots=True)
class Chapter:
    """One cycle of a history."""

    label: str
    number: int | None
    date: date | None
    verdict: Verdict | None
    """None where there is no report on it: `told_by` says why."""

    headline: str
    category: str | None
    fingerprint: str | None
    confidence: float | None
    revisions: tuple[str, ...]
    failing: int
    tests: int
    told_by: str
    """The stored report's name, `analyzed now`, or why neither."""


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A cause, and the cycles that met it, or did not."""

    fingerprint: str
    summary: str
    category: str
    seen: tuple[str, ...]
    gone: tuple[str, ...]
    masked: tuple[str, ...]
    cannot_tell: tuple[str, ...]
    again: bool
    """It came back after a cycle that it was gone in."""


@dataclass(frozen=True, slots=True)
class History:
    """Everything that `rca history` prints."""

    cycles: tuple[Chapter, ...]
    causes: tuple[Recurrence, ...]
    schema: str = HISTORY_SCHEMA

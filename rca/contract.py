"""The report as a value: the contract of `rca why --format json`.

Keys are stable: added, never renamed; `schema` names the version. A `Report` holds everything a renderer
needs and goes to JSON and back unchanged (`rca.render.json`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from rca.model import Initiator, Instant, Kind, Outcome, Signal, Window

SCHEMA = "rca.report/1"


class Verdict(StrEnum):
    """The answer in one word."""

    CAUSE_FOUND = "cause_found"
    UNKNOWN = "unknown"
    NOTHING_FAILED = "nothing_failed"


@dataclass(frozen=True, slots=True)
class ReportCycle:
    """Which cycle the report is about."""

    number: int | None
    date: date | None
    environment: str | None
    target: str | None
    revision: str | None
    sources: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    run_time_text: str | None = None


@dataclass(frozen=True, slots=True)
class ReportTest:
    """One test as reported, by the runner's clock."""

    id: str
    name: str
    kind: Kind
    outcome: Outcome
    flaky: bool
    started_at: Instant | None
    duration_s: float | None
    error: str | None
    close_code: int | None
    title: str | None = None


@dataclass(frozen=True, slots=True)
class ReportQuery:
    """A query as put to the source."""

    lql: str
    start: Instant | None
    end: Instant | None
    calls: int


@dataclass(frozen=True, slots=True)
class ReportPull:
    """What was read, and whether that was all."""

    complete: bool | None
    source: str
    entries: int
    unreadable: int
    queries: tuple[ReportQuery, ...]
    warnings: tuple[str, ...]
    first_at: Instant | None = None
    last_at: Instant | None = None
    services: tuple[str, ...] = ()
    revisions: tuple[str, ...] = ()
    duplicates: int = 0
    gaps: tuple[str, ...] = ()
    """What is known to be missing; stands in `warnings`, too."""


@dataclass(frozen=True, slots=True)
class ReportClose:
    """One connection's end; `timestamp` is the moment of closing."""

    code: int | None
    reason: str | None
    timestamp: Instant | None
    insert_id: str | None
    trace: str | None
    instance: str | None
    connection: str | None
    initiator: Initiator
    lifetime_s: float | None
    tests: tuple[str, ...]
    cause: str | None
    opened_at: Instant | None = None
    tie: str | None = None
    evidence: tuple[str, ...] = ()
    status: int | None = None
    """HTTP status of a handshake or request that was refused: it has no close code."""


@dataclass(frozen=True, slots=True)
class ReportFrame:
    """Where it happened."""

    file: str
    line: int | None
    function: str | None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class ReportCause:
    """An established cause, or (with `why_not`) one that was considered."""

    id: str
    category: str
    exception: str | None
    message: str
    summary: str
    confidence: float
    calibrated: bool
    frame: ReportFrame | None
    known_cause: str | None
    signals: tuple[Signal, ...]
    tests: tuple[str, ...]
    evidence: tuple[str, ...]
    fingerprint: str = ""
    occurrences: int = 0
    chain: tuple[str, ...] = ()
    """The exceptions of its chain, root first, as `Type: message`."""

    frames: tuple[ReportFrame, ...] = ()
    """The in-app frames of the named exception, outermost first."""

    why_not: str | None = None
    exception_inferred: bool = False
    """Whether no entry names the exception: its type is told from a library's own wording."""


@dataclass(frozen=True, slots=True)
class Why:
    """One of the five questions, and what the evidence answers."""

    question: str
    answer: str
    status: str
    """answered, partly or unknown."""

    confidence: float
    evidence: tuple[str, ...]
    next_query: str | None = None


@dataclass(frozen=True, slots=True)
class StatusCheck:
    """One line of the service status check list."""

    name: str
    status: str
    """ok, failed or unknown."""

    evidence: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a citation points at: a log entry (E…), a test of the cycle (T…) or a line of source (S…)."""

    id: str
    kind: str
    """entry, test or source."""

    insert_id: str | None
    file: str | None
    line: int | None
    timestamp: Instant | None
    log: str | None
    severity: str | None
    service: str | None
    revision: str | None
    instance: str | None
    trace: str | None
    text: str
    url: str | None


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of the timeline."""

    at: Instant
    kind: str
    text: str
    evidence: tuple[str, ...]
    instance: str | None = None


@dataclass(frozen=True, slots=True)
class Ruled:
    """Something that looked like the cause, and why it is not."""

    what: str
    why: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReportCode:
    """What the service's own source says of a frame, of a close or of an exception that nobody logs."""

    says: str
    evidence: tuple[str, ...]
    """The line of source: S1 and on."""

    diff: str | None = None
    """The one-line change that would have logged what was caught: unified, one hunk."""

    needs: str | None = None
    """The import that the change lacks."""


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a renderer needs; goes to JSON and back unchanged."""

    verdict: Verdict
    headline: str
    cycle: ReportCycle | None
    tests: tuple[ReportTest, ...]
    failing_tests: tuple[str, ...]
    windows: tuple[Window, ...]
    pull: ReportPull
    clock_offset_s: float | None
    closes: tuple[ReportClose, ...]
    root_cause: ReportCause | None
    causes: tuple[ReportCause, ...]
    alternatives: tuple[ReportCause, ...]
    unexplained: tuple[str, ...]
    whys: tuple[Why, ...]
    status_checks: tuple[StatusCheck, ...]
    evidence: tuple[Evidence, ...]
    timeline: tuple[Moment, ...]
    next_actions: tuple[str, ...]
    impact: str | None
    redactions: Mapping[str, int] = field(default_factory=dict)
    ruled_out: tuple[Ruled, ...] = ()
    notes: tuple[str, ...] = ()
    """What must be read before the answer: incomplete input, contradictions."""

    method: tuple[str, ...] = ()
    """How the answer was reached, sentence by sentence."""

    settle: tuple[str, ...] = ()
    """For an unknown: what was looked for, and what would settle it."""

    refused: tuple[ReportClose, ...] = ()
    """Handshakes and requests of failing tests that were answered with an HTTP error, and so never closed."""

    code: tuple[ReportCode, ...] = ()
    """What a checkout of the service says, where one was given."""

    masked: bool = True
    """Whether secrets were looked for and masked."""

    command: str = "rca"
    schema: str = SCHEMA
    version: str = ""

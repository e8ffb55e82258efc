"""The nouns of `rca`: frozen values that the stages hand to each other.

No I/O, no clock, no pandas. Times are aware and UTC; durations carry their unit in the name; collections
are tuples. What varies in shape outside (log exports, reports) has one shape here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum, StrEnum
from typing import Annotated, Any

from msgspec import Meta

Day = date
"""`datetime.date`, for fields that are themselves named `date`."""

Instant = Annotated[datetime, Meta(tz=True)]
"""A moment with its zone. A saved report that leaves a zone away is refused: nothing tells which was meant."""

# --- The cycle: what the test loop reported -------------------------------------------------------------


class Outcome(StrEnum):
    """How a test ended, in pytest's words."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    SKIPPED = "skipped"


class Kind(StrEnum):
    """What a test speaks to the service."""

    WEBSOCKET = "websocket"
    HTTP = "http"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class SourceRef:
    """Where in a file a fact was read."""

    file: str
    """The file's name as a reader can find it: relative to the cycle's folder."""

    line: int | None = None
    """Line, from 1; None where the format gives none."""


@dataclass(frozen=True, slots=True)
class Test:
    """One test of a cycle, by its last try."""

    name: str
    """As the most exact source spells it: `test_agent_pipeline`, or a report's "Agent Pipeline"."""

    outcome: Outcome
    ref: SourceRef
    kind: Kind = Kind.UNKNOWN
    title: str | None = None
    """The report's words for it when `name` is a function's."""

    flaky: bool = False
    """An earlier try ended otherwise."""

    started_at: Instant | None = None
    """By the runner's clock, in UTC."""

    start_exact: bool = False
    """False where the start was added up from the suite's start and the durations before."""

    start_slack_s: float = 0.0
    """By how much later an added-up start may be: time of its suite that no test's duration accounts for."""

    duration_s: float | None = None
    error: str | None = None
    """The last line of the error as the client saw it, without its traceback."""

    close_code: int | None = None
    """WebSocket close code (RFC 6455, section 7.4) that the client saw."""

    close_codes: tuple[int, ...] = ()
    """All of them, where one test saw several."""

    trace_ids: tuple[str, ...] = ()
    """Trace ids that its last try handed to the service, 32 hex digits each; empty where it handed over none."""

    @property
    def failed(self) -> bool:
        """Whether it counts as failing."""
        return self.outcome in (Outcome.FAILED, Outcome.ERROR)


@dataclass(frozen=True, slots=True)
class CheckItem:
    """A line of the report's own check list."""

    text: str
    done: bool
    ref: SourceRef


@dataclass(frozen=True, slots=True)
class Cycle:
    """One run of the test loop, merged from every file that tells of it."""

    number: int | None
    tests: tuple[Test, ...]
    sources: tuple[str, ...]
    """The files it was read from, most exact first."""

    date: Day | None = None
    environment: str | None = None
    target: str | None = None
    """URL of the service under test."""

    revision: str | None = None
    passed: int | None = None
    failed: int | None = None
    skipped: int | None = None
    run_time_text: str | None = None
    """The time of the run, verbatim; None where only a date is given."""

    run_start: Instant | None = None
    """The same, understood, in UTC; None where no time of day or no zone is given."""

    close_codes: tuple[int, ...] = ()
    """Close codes the report tells of without saying which test saw them."""

    impact: str | None = None
    questions: tuple[str, ...] = ()
    """The report's own open questions, in its words."""

    checklist: tuple[CheckItem, ...] = ()
    earlier: tuple[Test, ...] = ()
    """The same tests as earlier runs within the report tell of them; `tests` holds the last run's."""

    warnings: tuple[str, ...] = ()
    """What could not be understood, each with file:line."""


@dataclass(frozen=True, slots=True)
class Window:
    """A half-open span of time, [start, end), in UTC, and why it is looked at."""

    start: Instant
    end: Instant
    why: str

    def __contains__(self, at: Instant) -> bool:
        return self.start <= at < self.end


# --- The logs: what the service said ---------------------------------------------------------------------


class Severity(IntEnum):
    """LogSeverity. Source: Cloud Logging REST reference, LogEntry."""

    DEFAULT = 0
    DEBUG = 100
    INFO = 200
    NOTICE = 300
    WARNING = 400
    ERROR = 500
    CRITICAL = 600
    ALERT = 700
    EMERGENCY = 800


@dataclass(frozen=True, slots=True)
class EntryRef:
    """The way home to one log entry."""

    insert_id: str | None
    file: str
    line: int | None
    """Line of an NDJSON file, or position in an array, from 1."""


@dataclass(frozen=True, slots=True)
class Request:
    """The `httpRequest` of a request entry; the entry's `at` is the request's start."""

    method: str
    url: str
    path: str
    """Without the query."""

    status: int | None
    latency_s: float | None
    """The whole life of the request; of a WebSocket, of the connection."""

    remote_ip: str | None
    user_agent: str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One LogEntry in one shape, whatever it was exported as."""

    ref: EntryRef
    at: Instant
    """`timestamp`, the event's time, cut to microseconds."""

    at_ns: int
    """The same in nanoseconds since the epoch: the order of entries."""

    severity: Severity
    """From the field; where the entry has none (DEFAULT), from the payload's level or the text."""

    severity_stated: bool
    """Whether the entry itself carried a severity."""

    log: str
    """Log id, unescaped: `run.googleapis.com/stderr`."""

    text: str
    """What the line says, ANSI codes and markup tags removed: textPayload, or jsonPayload's message."""

    raw: str
    """The same as logged, for quoting."""

    message: str
    """`text` without the prefix its logging dialect put before it (time, level, logger)."""

    logger: str | None
    stacks: tuple[str, ...]
    """Values of other payload fields that hold a stack trace (`exception`, `stack_trace`, `err.stack`)."""

    payload: Mapping[str, Any]
    """jsonPayload or protoPayload; empty for text."""

    request: Request | None
    project: str | None
    service: str | None
    revision: str | None
    instance: str | None
    """labels.instanceId."""

    trace_id: str | None
    """Last path part of `trace`: Cloud Trace's id, not a stack trace."""

    span_id: str | None
    labels: Mapping[str, str]
    location: str | None
    """The region the service runs in."""

    method_name: str | None = None
    """protoPayload.methodName of an audit entry."""


@dataclass(frozen=True, slots=True)
class Pulled:
    """What a source gave for the windows asked of it."""

    entries: tuple[Entry, ...]
    """Sorted by `at_ns`, ties by insertId; no duplicates of (project, timestamp, insertId)."""

    source: str
    """Where they came from, in a reader's words: "file logs.ndjson"."""

    complete: bool | None
    """True: said to be whole; False: a stated gap; None: nobody says (a file without a manifest)."""

    queries: tuple["Query", ...] = ()
    read: int = 0
    """Entries read, before the windows and the duplicates."""

    duplicates: int = 0
    unreadable: int = 0
    first_at: Instant | None = None
    """Earliest and latest `timestamp` in the source, in or out of the windows."""

    last_at: Instant | None = None
    warnings: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()
    """What is known to be missing, in words; not empty where `complete` is False."""


@dataclass(frozen=True, slots=True)
class Query:
    """A question as it was put to a source."""

    lql: str
    start: Instant | None
    end: Instant | None
    calls: int


# --- What the entries mean -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Frame:
    """One line of a stack trace."""

    file: str
    line: int | None
    function: str | None
    code: str | None
    in_app: bool
    """Neither standard library nor an installed package: rules in rca/traces/in_app.toml."""


class Relation(StrEnum):
    """How an exception came from the one before it in `Trace.exceptions`."""

    ROOT = "root"
    CAUSE = "cause"
    """raise … from …; Caused by."""
    CONTEXT = "context"
    """During handling of the above exception, another exception occurred."""
    GROUP = "group"
    """It wraps the ones before it: ExceptionGroup."""


@dataclass(frozen=True, slots=True)
class ExceptionInfo:
    """One exception of a chain."""

    type: str
    """As printed: `redis.exceptions.ConnectionError`."""

    message: str
    frames: tuple[Frame, ...]
    """Outermost call first."""

    relation: Relation = Relation.ROOT
    inferred: bool = False
    """The log does not name the type: it was told from a library's own words (rca/traces/library_texts.toml)."""


@dataclass(frozen=True, slots=True)
class Trace:
    """A stack trace put together again."""

    exceptions: tuple[ExceptionInfo, ...]
    """In causal order, root first; the last one is what was logged."""

    at: Instant
    entries: tuple[Entry, ...]
    """All entries it was read from, in order; the first carries the header when there is one."""

    header: str
    """The log message it was printed under; empty for a bare trace."""

    language: str
    complete: bool
    """False where its end, or the line that names the exception, is missing."""


class Initiator(StrEnum):
    """Who closed a connection."""

    SERVER = "server"
    CLIENT = "client"
    NOBODY = "nobody"
    """The connection was lost without a close frame."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Close:
    """How one connection ended."""

    code: int | None
    """RFC 6455, section 7.4; None when neither side tells."""

    reason: str | None
    initiator: Initiator
    at: Instant
    told_by: Entry | None
    """The entry that tells the code; None when only the client does."""


@dataclass(frozen=True, slots=True)
class Socket:
    """One WebSocket connection, refused handshake, or plain request, as the logs tell it."""

    id: str
    """insertId of its request entry or opening line, else file:line; unique in a run."""

    start: Instant
    end: Instant | None
    """None where the logs tell no end."""

    entry: Entry
    """Its request entry, else the line that tells of its opening."""

    websocket: bool
    """False for a plain HTTP request."""

    accepted: bool
    """False for a request or handshake that was refused (status 4xx, 5xx)."""

    status: int | None
    instance: str | None
    revision: str | None
    trace_id: str | None
    client: str | None
    """Remote IP, and user agent: who opened it."""

    path: str | None
    close: Close | None
    lines: tuple[Entry, ...] = ()
    """Entries that are its own by trace, session or connection id, in order."""

    ids: frozenset[str] = frozenset()
    """Identifiers (session, run, request) that only its own lines carry."""

    @property
    def lifetime_s(self) -> float | None:
        """Seconds from opening to end; None where the end is not told."""
        return None if self.end is None else (self.end - self.start).total_seconds()


@dataclass(frozen=True, slots=True)
class Join:
    """Which sockets served which tests."""

    served: tuple[tuple[Socket, ...], ...]
    """For each test of the cycle, in its order, the sockets and requests that served it, by start."""

    clock_offset_s: float | None
    """What to subtract from the runner's times to get the logs'; None where no times were compared."""

    basis: str
    """How they were joined, in a sentence for the report."""

    cost_per_test: float = 0.0
    """How badly they fit, in the units of weights.toml; 0 is perfect."""


class EventKind(StrEnum):
    """What kind of thing happened."""

    EXCEPTION = "exception"
    ERROR_LINE = "error_line"
    PLATFORM = "platform"
    DEPLOY = "deploy"
    SILENCE = "silence"
    CLIENT = "client"
    """A test that failed by itself, and so closed its connection."""


@dataclass(frozen=True, slots=True)
class Event:
    """Anything that can stand in a causal chain."""

    kind: EventKind
    at: Instant
    title: str
    """One line: what happened, in the entry's own words."""

    fingerprint: str
    """The same for every occurrence of one fault: survives ids, times, values and moved lines."""

    entries: tuple[Entry, ...]
    trace: Trace | None = None
    until: Instant | None = None
    """End of an event that lasts (a silence)."""

    tag: str | None = None
    """Of a platform event: which message of rca/platform.toml it is."""

    @property
    def entry(self) -> Entry:
        """The first of its entries."""
        return self.entries[0]


class Tie(StrEnum):
    """What ties an event to a socket, strongest first."""

    TRACE = "same trace"
    ID = "same connection id"
    STATE = "no instance was able to serve"
    DEATH = "its instance ended"
    BROKEN = "its instance had lost a background task before"
    INSTANCE = "same instance, in its lifetime"


@dataclass(frozen=True, slots=True)
class Link:
    """This event belongs to that socket."""

    event: Event
    socket: Socket
    tie: Tie
    gap_s: float
    """From the event to the socket's end; negative when the event came after it."""


@dataclass(frozen=True, slots=True)
class Signal:
    """One reason for or against a suspect, kept whether it counted or not."""

    name: str
    weight: float
    contributes: bool
    hint: str


@dataclass(frozen=True, slots=True)
class Suspect:
    """A group of events with one fingerprint that could be the root cause."""

    fingerprint: str
    events: tuple[Event, ...]
    links: tuple[Link, ...]
    category: str
    exception: str | None
    inferred: bool
    """Whether no entry names the exception: its type is told from a library's own wording."""

    message: str
    summary: str
    """One sentence that states the cause and names nothing else."""

    frame: Frame | None
    signals: tuple[Signal, ...]
    score: float
    confidence: float
    tests: tuple[str, ...]
    """Names of the failing tests it explains."""

    known: str | None = None
    """Id of the catalogue's entry that it is; None where the catalogue holds none."""

    why_not: str | None = None
    """Why it lost; None for an established cause."""

    covers: tuple[int, int] = (0, 0)
    """To how many failing sockets it is tied, of how many that were left to explain when it was ranked."""

    chance: float = 1.0
    """Probability of its ties by time through background alone."""

"""What can happen to a call: an error, a delay, a broken connection, a result laid out over pages in an odd way.

Values, to be put into faults. Wordings and reasons are the API's own, as far as they are known.
"""

from dataclasses import dataclass, replace
from enum import Enum, auto

from google.protobuf import any_pb2
from google.protobuf.duration_pb2 import Duration
from google.rpc.error_details_pb2 import (  # type: ignore[import-untyped] # without py.typed as it is shipped
    ErrorInfo,
    RetryInfo,
)


@dataclass(frozen=True, slots=True)
class Status:
    """The call is answered with an error."""

    name: str
    """As google.rpc.Code names it."""

    http: int
    message: str
    reason: str = ""
    """ErrorInfo.reason; empty for none, and then there is no ErrorInfo."""

    domain: str = "googleapis.com"
    metadata: tuple[tuple[str, str], ...] = (("service", "logging.googleapis.com"),)
    retry_after_s: float | None = None
    """RetryInfo.retry_delay, and over HTTP a Retry-After header too; None for neither."""

    @property
    def details(self) -> list[any_pb2.Any]:
        """What the error says of itself beside its message, as both transports carry it."""
        told = []
        if self.reason:
            info = ErrorInfo(reason=self.reason, domain=self.domain, metadata=dict(self.metadata))
            told.append(_packed(info))
        if self.retry_after_s is not None:
            delay = Duration()
            delay.FromNanoseconds(round(self.retry_after_s * 1e9))
            told.append(_packed(RetryInfo(retry_delay=delay)))
        return told


def _packed(message: ErrorInfo | RetryInfo) -> any_pb2.Any:
    packed = any_pb2.Any()
    packed.Pack(message)
    return packed


@dataclass(frozen=True, slots=True)
class Slow:
    """The answer is made after so many seconds."""

    seconds: float


class Break(Enum):
    """The call gets no proper answer."""

    CUT = auto()
    """Half of the answer goes out, then its TCP connection is closed."""

    GARBLED = auto()
    """Half of the answer goes out as if it were all: JSON or protobuf that ends in its midst."""

    SILENT = auto()
    """The call is taken and never answered."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How a result is laid out over pages, where it is not the plainest way."""

    empty_before: int = 0
    """So many empty pages, each with a token, come before each real page: the server "did not have time"."""

    empty_last: bool = False
    """The last entries come with a token, which leads to an empty page."""

    token_when_full: bool = False
    """A full page has a token even if nothing follows: an empty page comes last if the entries fill their pages."""

    repeated: int = 0
    """Each page begins with so many entries of the page before."""

    doubles: bool = False
    """Entries of the same project, timestamp and insertId are left in."""

    at_most: int | None = None
    """A page holds no more entries than this, whatever the page size."""

    def and_also(self, other: "Shape") -> "Shape":
        """Both at once; of two numbers of a kind, the one that departs further."""
        limits = [limit for limit in (self.at_most, other.at_most) if limit is not None]
        return Shape(
            empty_before=max(self.empty_before, other.empty_before),
            empty_last=self.empty_last or other.empty_last,
            token_when_full=self.token_when_full or other.token_when_full,
            repeated=max(self.repeated, other.repeated),
            doubles=self.doubles or other.doubles,
            at_most=min(limits, default=None),
        )


Ending = Status | Break
"""Effects that decide how the call ends."""

Effect = Ending | Slow | Shape

CUT, GARBLED, SILENT = Break.CUT, Break.GARBLED, Break.SILENT
PLAIN = Shape()
EMPTY_LAST, FULL_LAST, DOUBLES = Shape(empty_last=True), Shape(token_when_full=True), Shape(doubles=True)

_IAM = (("permission", "logging.logEntries.list"), ("service", "logging.googleapis.com"))

INVALID_ARGUMENT = Status("INVALID_ARGUMENT", 400, "Request contains an invalid argument.")
UNAUTHENTICATED = Status(
    "UNAUTHENTICATED",
    401,
    "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid"
    " authentication credential.",
    "ACCESS_TOKEN_EXPIRED",
)
PERMISSION_DENIED = Status(
    "PERMISSION_DENIED",
    403,
    "Permission 'logging.logEntries.list' denied on resource (or it may not exist).",
    "IAM_PERMISSION_DENIED",
    domain="iam.googleapis.com",
    metadata=_IAM,
)
SERVICE_DISABLED = Status(
    "PERMISSION_DENIED",
    403,
    "Cloud Logging API has not been used in project demo before or it is disabled. Enable it, then retry.",
    "SERVICE_DISABLED",
)
NOT_FOUND = Status("NOT_FOUND", 404, "Requested entity was not found.")
ABORTED = Status("ABORTED", 409, "The operation was aborted.")
RESOURCE_EXHAUSTED = Status(
    "RESOURCE_EXHAUSTED",
    429,
    "Quota exceeded for quota metric 'Read requests' and limit 'Read requests per minute' of service"
    " 'logging.googleapis.com' for consumer 'project_number:1'.",
    "RATE_LIMIT_EXCEEDED",
)
CANCELLED = Status("CANCELLED", 499, "The operation was cancelled.")
INTERNAL = Status("INTERNAL", 500, "Internal error encountered.")
UNKNOWN = Status("UNKNOWN", 500, "Unknown Error.")
UNIMPLEMENTED = Status("UNIMPLEMENTED", 501, "Operation is not implemented, or supported, or enabled.")
UNAVAILABLE = Status("UNAVAILABLE", 503, "The service is currently unavailable.")
DEADLINE_EXCEEDED = Status("DEADLINE_EXCEEDED", 504, "Deadline expired before operation could complete.")
EXPIRED_TOKEN = replace(INVALID_ARGUMENT, message="page_token is invalid or has expired")


def slow(seconds: float) -> Slow:
    """The answer is made after so many seconds; longer than the client waits, and its deadline passes."""
    return Slow(seconds)


def empty_pages(count: int) -> Shape:
    """So many empty pages with a token come before each real page."""
    return Shape(empty_before=count)


def repeats(count: int) -> Shape:
    """Each page begins with so many entries of the page before; at least one of a page is new."""
    return Shape(repeated=count)


def short_pages(entries: int) -> Shape:
    """No page holds more entries than this."""
    return Shape(at_most=entries)

"""One call of `entries.list`, whatever carries it.

In: a `Call`. Out: a `Page` of entries in REST JSON, nanoseconds and all. Decides what carries the calls: gRPC to
Google, gRPC or HTTP without TLS and credentials to an endpoint that the user names, or HTTPS.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Protocol
from urllib.parse import urlsplit

from rca.errors import UsageError

PAGE = 1000
"""Entries a page, the most that Logging gives; its default is 50. Source: entries.list reference, page_size."""

CONNECT_S = 10.0
"""How long a connection may take to come about, before it is said that there is none."""

_PLAIN = ("grpc", "http")


@dataclass(frozen=True, slots=True)
class Call:
    """What one call asks: the same words for every page, and the token of the page before."""

    resources: tuple[str, ...]
    query: str
    token: str = ""
    size: int = PAGE
    order: str = "timestamp asc"
    """Or `timestamp desc`; there is no other. Source: entries.list reference, order_by."""


@dataclass(frozen=True, slots=True)
class Page:
    """What one call gave: perhaps nothing, and yet a token to go on with."""

    entries: tuple[Mapping[str, Any], ...]
    token: str
    at: datetime | None = None
    """The server's clock as it answered, to the second; None where its answer does not tell."""


class UnreachedError(ConnectionError):
    """No connection came about: nobody listens there, or nothing leads there."""


class Wire(Protocol):
    """Something that carries a call to Cloud Logging."""

    def list(self, call: Call, timeout_s: float) -> Page:
        """The page in the call's order; raises whatever the transport raises."""
        ...


def opened(endpoint: str | None) -> Wire:
    """A wire to the endpoint, or to Google's own where none is named; nothing is sent yet.

    Raises `UsageError` where the endpoint is none; what the search for credentials raises is passed on.
    """
    if endpoint is None:
        from rca.sources.cloud.grpc_wire import GrpcWire  # noqa: PLC0415 - heavy: grpc

        return GrpcWire(None)
    try:
        parts = urlsplit(endpoint)
        host, port = parts.hostname, parts.port
        (host or "").encode("idna")  # what cannot be a name ends in odd exceptions further down
    except ValueError as error:
        raise UsageError(f'--endpoint "{endpoint}" is no address: {error}', _FORMS) from error
    if parts.scheme not in (*_PLAIN, "https") or not host or (parts.scheme == "grpc" and port is None):
        raise UsageError(f'--endpoint "{endpoint}" is no address that rca can call', _FORMS)
    if parts.username or parts.password:
        raise UsageError("--endpoint holds a user or a password", f"credentials come from gcloud; {_FORMS}")
    if parts.scheme == "grpc":
        from rca.sources.cloud.grpc_wire import GrpcWire  # noqa: PLC0415 - heavy: grpc

        return GrpcWire(parts.netloc)
    from rca.sources.cloud.http_wire import HttpWire  # noqa: PLC0415 - heavy: requests

    return HttpWire(
        f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}", signed=parts.scheme == "https"
    )


_FORMS = "write grpc://HOST:PORT or http://HOST:PORT (no TLS, no credentials), or https://HOST"


def clock_of(headers: Mapping[str, str]) -> datetime | None:
    """The clock of the server that answered, to the second. Source: RFC 9110, Date."""
    try:
        at = parsedate_to_datetime(headers["Date"])
        return at.astimezone(UTC) if at.tzinfo else None
    except (KeyError, ValueError, OverflowError):
        return None

"""What was asked of a server, and how each call ended."""

from dataclasses import dataclass

OK, PENDING, GIVEN_UP = "OK", "PENDING", "GIVEN_UP"


@dataclass(frozen=True, slots=True)
class Request:
    """An entries.list request, the same whichever way it came."""

    resource_names: tuple[str, ...] = ()
    filter: str = ""
    order_by: str = ""
    page_size: int = 0
    page_token: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """One call as a server saw it."""

    number: int
    """1 for the first call of the plan, whichever server took it."""

    at_s: float
    """When it came, by the plan's clock."""

    transport: str
    """grpc or http."""

    request: Request

    page: int
    """1 for a call without a token, 2 for the first that brings one; 0 where the token cannot be read."""

    timeout_s: float | None
    """How long the client said it would wait; None where it did not say."""

    outcome: str = PENDING
    """OK, the name of a status, CUT, GARBLED, SILENT, or GIVEN_UP where the client left while the server was slow."""

    entries: int = 0
    """How many entries went out."""

    next_page_token: str = ""

    ended_s: float | None = None
    """When the answer was ready, by the plan's clock."""

"""Page tokens: opaque to a client, bound to the other arguments of its request, and not valid for ever.

Everything stands in the token itself, so that another server of the same logs understands it.
"""

import base64
import hashlib
from dataclasses import dataclass, replace

import msgspec

from tests.cloud.calls import Request
from tests.cloud.logs import Place


class TokenError(ValueError):
    """Nobody here wrote this token."""


@dataclass(frozen=True, slots=True)
class Token:
    """Where a query goes on."""

    bound_to: str
    page: int
    """Of the page that it asks for; the first page has none."""

    issued_s: float
    after: Place | None
    """The last record that was sent; None before the first."""

    empties: int = 0
    """How many empty pages were sent since then."""

    def written(self) -> str:
        """As a client gets it."""
        return base64.urlsafe_b64encode(msgspec.json.encode(self)).decode()


def digest(request: Request) -> str:
    """The same for requests that differ in their token only. Source: entries.list, pageToken."""
    return hashlib.sha256(repr(replace(request, page_token="")).encode()).hexdigest()[:16]


def read(text: str) -> Token:
    """The token that was written so; raises TokenError."""
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(text), type=Token)
    except (msgspec.MsgspecError, ValueError) as error:
        raise TokenError(str(error)) from error


def page_of(request: Request) -> int:
    """The number of the page that is asked for; 0 where the token cannot be read."""
    if not request.page_token:
        return 1
    try:
        return read(request.page_token).page
    except TokenError:
        return 0

"""What a place offers to which reports are attached, and how it refuses.

A new one (Jira, PagerDuty, Slack) is a module with a class of this form and a case in `rca.cli.attach`; that a report
is there once is seen to by `rca.attach.sending`.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

from rca.attach.drafting import Draft
from rca.errors import RcaError


@dataclass(frozen=True, slots=True)
class Post:
    """A report that stands in a place."""

    id: int
    url: str
    """Where a person reads it; empty where nobody can."""

    body: str


class Sink(Protocol):
    """Where reports are sent, and not seen again. A method makes each call once, and raises `Refused` if one fails."""

    @property
    def name(self) -> str:
        """What messages call it; holds no secret."""
        ...

    def create(self, draft: Draft) -> Post:
        """Post the draft anew."""
        ...


@runtime_checkable
class Place(Sink, Protocol):
    """Where reports stand, and can be found and written over."""

    def find(self, draft: Draft) -> Post | None:
        """Return what was posted here before, by the same user and with the draft's marker."""
        ...

    def update(self, post: Post, draft: Draft) -> Post:
        """Write the draft over a post; doing so twice is as good as once."""
        ...


class Way(StrEnum):
    """What a refused call has done, and so what can be done about it."""

    NEVER = "never"
    """Nothing, and it never will."""

    LATER = "later"
    """Nothing yet: the same call may pass after a pause."""

    UNSURE = "unsure"
    """Perhaps what it should, but it is over: an answer of 5xx, a cut connection."""

    PENDING = "pending"
    """Perhaps it is still being done: no answer came in time."""


class Refused(Exception):  # noqa: N818 - a refusal need not be an error: it may pass
    """One call failed."""

    def __init__(
        self, way: Way, error: RcaError, after_s: float | None = None, status: int | None = None
    ) -> None:
        super().__init__(error.message)
        self.way = way
        self.error = error
        """What to tell the user, if it comes to that."""

        self.after_s = after_s
        """How long the server asks to wait; None where it does not say."""

        self.status = status
        """What the server answered; None where it did not come to that, or where it may pass."""

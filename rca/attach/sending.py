"""A draft comes to stand in a place once, whatever fails on the way.

In: a place, a draft, the world outside. Out: where it stands, and how it came there. Decides what is tried again: reads
and overwriting as often as patience allows; creating only where the last try has surely done nothing. After one whose
fate is unknown the post is looked for; if the answer never came, it is not sent again at all.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TypeVar

from rca.attach.drafting import Draft
from rca.attach.place import Place, Post, Refused, Sink, Way
from rca.errors import QuotaError, RcaError
from rca.sources.outside import Outside

_FIRST_PAUSE_S = 1.0
_REFUSALS = 6
"""So many of one delivery are borne."""

_PATIENCE_S = 120.0
"""What all pauses may add up to."""

_LOOKS = 3
"""How often a post is looked for whose creation may still be under way."""

_Made = TypeVar("_Made")


class How(StrEnum):
    """How a report came to stand where it stands."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "already there, unchanged"


@dataclass(frozen=True, slots=True)
class Delivered:
    """A report that is attached."""

    post: Post
    how: How


def deliver(place: Sink, draft: Draft, outside: Outside) -> Delivered:
    """Put the draft into the place: over what an earlier run has put there, else as a new post.

    Raises:
        RcaError: it could not be done, or it is not known whether it was.
    """
    tries = _Tries(outside)
    if not isinstance(place, Place):
        return Delivered(_sent(place, draft, tries), How.CREATED)
    before = tries.until_done(lambda: place.find(draft))
    if before is None:
        return Delivered(_posted(place, draft, tries), How.CREATED)
    if before.body == draft.body:
        return Delivered(before, How.UNCHANGED)
    return Delivered(tries.until_done(lambda: place.update(before, draft)), How.UPDATED)


def _sent(sink: Sink, draft: Draft, tries: "_Tries") -> Post:
    """The draft, sent to where it cannot be looked for."""
    while True:
        try:
            return sink.create(draft)
        except Refused as refused:
            if refused.way in (Way.UNSURE, Way.PENDING):
                raise _unsure(sink, refused, "look there before you send it again") from refused
            tries.pause(refused)


def _posted(place: Place, draft: Draft, tries: "_Tries") -> Post:
    """The new post: the one just created, or one that had come about although its answer was lost."""
    while True:
        try:
            return place.create(draft)
        except Refused as refused:
            if refused.way in (Way.UNSURE, Way.PENDING):
                found = _looked_for(place, draft, refused, tries)
                if found is not None:
                    return found
            else:
                tries.pause(refused)


def _looked_for(place: Place, draft: Draft, refused: Refused, tries: "_Tries") -> Post | None:
    """The post whose creation was refused, if it came about; None where it may be created again.

    Raises:
        RcaError: it cannot be known whether it came about.
    """
    unsure = _unsure(place, refused, "run the same command again: it looks for the post first")
    try:
        for _ in range(_LOOKS if refused.way is Way.PENDING else 1):
            tries.pause(refused)
            found = tries.until_done(lambda: place.find(draft))
            if found is not None:
                return found
    except RcaError as error:
        raise unsure from error
    if refused.way is Way.PENDING:
        raise unsure
    return None


def _unsure(sink: Sink, refused: Refused, hint: str) -> RcaError:
    return RcaError(
        f"it is not known whether the report arrived at {sink.name}: {refused.error.message}", hint
    )


class _Tries:
    """Pauses made so far. Not frozen: it counts while a delivery lasts."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._refusals = 0
        self._waited_s = 0.0

    def until_done(self, call: Callable[[], _Made]) -> _Made:
        """What a call gives that does no harm when it is made twice.

        Raises:
            RcaError: it is refused for good, or for longer than patience lasts.
        """
        while True:
            try:
                return call()
            except Refused as refused:
                self.pause(refused)

    def pause(self, refused: Refused) -> None:
        """As long has passed as the server asks for, else as is usual.

        Raises:
            RcaError: waiting does not help, or would take too long.
        """
        self._refusals += 1
        if refused.way is Way.NEVER or self._refusals > _REFUSALS:
            raise refused.error
        usual = _FIRST_PAUSE_S * 2.0 ** (self._refusals - 1) * (0.5 + self._outside.chance())
        wait_s = max(usual, refused.after_s or 0.0)
        if self._waited_s + wait_s > _PATIENCE_S:
            until = self._outside.now() + timedelta(seconds=min(wait_s, 86_400.0))
            raise QuotaError(
                f"{refused.error.message}; it asks to wait {wait_s:.0f} s",
                f"try again after {until:%H:%M:%S} UTC",
            ) from refused
        self._waited_s += wait_s
        self._outside.tell(f"{refused.error.message}; trying again in {wait_s:.0f} s")
        self._outside.sleep(wait_s)

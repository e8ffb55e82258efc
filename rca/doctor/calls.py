"""Calls that are made once: answered, refused, or not made any more.

In: a query. Out: an `Answer`. Decides after which refusals nothing more is asked: all but a search that took too long,
once the server has answered at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from rca.doctor.clock import Reading
from rca.sources.cloud import refusals
from rca.sources.cloud.refusals import Refusal, Way
from rca.sources.cloud.wire import Call, Page, Wire
from rca.sources.origin import Origin
from rca.sources.outside import Outside

ANSWER_S = 10.0
"""How long a call may take; a search that needs longer has found nothing near."""

Order = Literal["timestamp asc", "timestamp desc"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one call."""

    page: Page | None = None
    refusal: Refusal | None = None
    """Why there is no page; None where there is one, or the call was not made."""

    @property
    def entry(self) -> Mapping[str, Any] | None:
        """The first entry."""
        return self.page.entries[0] if self.page and self.page.entries else None

    @property
    def nothing(self) -> bool:
        """Whether there is no such entry: an empty page with a token says only that none was found in time."""
        return self.page is not None and not self.page.entries and not self.page.token


class Caller:
    """Calls to one origin. Not frozen: it counts them, and remembers the refusal that ended them."""

    def __init__(self, wire: Wire, origin: Origin, outside: Outside, answer_s: float) -> None:
        self._wire = wire
        self._origin = origin
        self._outside = outside
        self._answer_s = answer_s
        self.calls = 0
        self.answered = 0
        self.ended: Refusal | None = None
        self.readings: list[Reading] = []

    def newest(self, query: str, size: int = 1) -> Answer:
        """The newest entries that the query matches."""
        return self._asked(query, "timestamp desc", size)

    def oldest(self, query: str) -> Answer:
        """The oldest entry that the query matches."""
        return self._asked(query, "timestamp asc", 1)

    def _asked(self, query: str, order: Order, size: int) -> Answer:
        if self.ended is not None:
            return Answer()
        self.calls += 1
        before = self._outside.now()
        try:
            page = self._wire.list(
                Call(self._origin.resources, query, size=size, order=order), self._answer_s
            )
        except refusals.UNDERSTOOD as error:
            refusal = refusals.read(error, self._origin)
            if refusal.way is not Way.NARROW or not self.answered:
                self.ended = refusal
            else:
                self._outside.tell(f"a search takes longer than {self._answer_s:.0f} s, and is left")
            return Answer(refusal=refusal)
        self.answered += 1
        if page.at is not None:
            self.readings.append(Reading(before, page.at, self._outside.now()))
        return Answer(page)

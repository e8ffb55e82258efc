"""One query -> all its entries, page by page, through whatever the API does in between.

In: a query and its bounds. Out: a `Read`: the entries, and the gap if there is one. Decides how
to go on: after a refusal that passes, with the same page; after a lost page token, from the last entry seen; after
time-outs, with half the span. Entries come oldest first, so what was read before a failure is whole up to there.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rca.errors import RcaError, SourceError
from rca.model import Window
from rca.normalize import Unreadable, stamped_ns
from rca.normalize.times import in_ns, nanoseconds
from rca.questions import earliest
from rca.resources import rfc3339_ns
from rca.sources.cloud import refusals
from rca.sources.cloud.pace import Pace
from rca.sources.cloud.refusals import Refusal, Way
from rca.sources.cloud.wire import PAGE, Call, Page, Wire
from rca.sources.fetches import Identity, identity
from rca.sources.origin import Origin
from rca.sources.outside import Outside

_CALL_S = (30.0, 60.0)
"""How long a call may take, and the same call once more: a search of a wide span can need its time."""

_NARROWEST_NS = 1_000_000_000
_WIDE_NS = 3 * 3_600_000_000_000
"""Three hours: whoever is slow to search more than that is asked for half of it at once."""

_RETRIALS = 2
"""So often it is tried, after a narrow slice was answered, whether wider ones are again."""

_ROUNDS = 3
"""So often a slice is begun anew without a single new entry, before it is given up."""

_TOLD_EVERY_S = 5.0


@dataclass(frozen=True, slots=True)
class Read:
    """What one query gave."""

    raws: tuple[Mapping[str, Any], ...]
    """Entries in REST JSON, without copies, in the order they came: oldest first."""

    gap: str | None = None
    """Why it is not all; None when it is."""

    upto: str | None = None
    """Up to which moment it is whole, where there is a gap; None for not at all."""


class Ended(Exception):  # noqa: N818 - not an error: what was read so far stands
    """Reading ends here; the reason is for the report."""

    def __init__(self, error: RcaError) -> None:
        super().__init__(error.message)
        self.error = error


class _TokenLost(Exception):  # noqa: N818 - a turn in the reading, caught where it is known how to go on
    """The page token is refused."""


class _TooWide(Exception):  # noqa: N818 - as above
    """The call takes too long, again and again."""


@dataclass(slots=True)
class _Slice:  # not frozen: its start moves on with the entries read
    """A span of a query that is read at a stretch, in nanoseconds, [start, end); None: the query's own bounds."""

    start: int | None = None
    end: int | None = None


class Reader:
    """Reads queries from one origin, within one budget of calls. Not frozen: it counts."""

    def __init__(self, wire: Wire, origin: Origin, outside: Outside, most_calls: int) -> None:
        self._wire = wire
        self.origin = origin
        self._outside = outside
        self._most_calls = most_calls
        self._pace = Pace(outside)
        self._told_at = outside.monotonic()
        self._entries = 0
        self._retrials = 0
        self._too_wide_ns: float = math.inf
        """Width of the narrowest slice that took too long: as wide a one is halved without trying."""

        self.calls = 0
        self.ended: RcaError | None = None
        """Why no more calls are made, once that is so."""

    def read(
        self,
        query: str,
        window: Window | None,
        first: int | None = None,
        known: Sequence[Mapping[str, Any]] = (),
        upto: str | None = None,
    ) -> Read:
        """All entries of a query, or the `first` of them; an interrupted reading of `known` is gone on from `upto`.

        Raises `RcaError` where nothing at all could be read and there is no use in going on.
        """
        reached_ns = nanoseconds(upto)
        # What is known of later moments came by other questions: it is no sign that all before it was read.
        got: dict[Identity, Mapping[str, Any]] = {
            identity(raw): raw
            for raw in known
            if reached_ns is not None and (_last_ns((raw,)) or 0) <= reached_ns
        }
        todo = [_Slice(start=reached_ns)]
        gap, reached = None, upto
        self._too_wide_ns, self._retrials = math.inf, 0
        try:
            while todo and (first is None or len(got) < first):
                todo[:1] = self._slice(query, window, todo[0], got, first)
        except Ended as ended:
            got.update((identity(raw), raw) for raw in known)
            if not got and not self._pace.ever_answered:
                raise ended.error from ended
            at = todo[0].start
            reached = None if at is None else rfc3339_ns(at)
            gap = ended.error.message.rstrip(".")
        return Read(tuple(got.values())[:first], gap, reached)

    def _slice(
        self,
        query: str,
        window: Window | None,
        part: _Slice,
        got: dict[Identity, Mapping[str, Any]],
        first: int | None,
    ) -> list[_Slice]:
        """Reads a slice to its end; what is left to do when it has to be cut or begun anew, else nothing."""
        start, end = _ends(part, window)
        if end - start >= self._too_wide_ns < math.inf:
            return _halved(start, end)
        rounds = 0
        while True:
            count = len(got)
            try:
                tries = 1 if _WIDE_NS < end - start < math.inf else len(_CALL_S)
                for entries in self._pages(query + _within(part), first, tries):
                    got.update((identity(raw), raw) for raw in entries)
                    part.start = _last_ns(entries) or part.start
                    if first is not None and len(got) >= first:
                        return []
            except _TokenLost as lost:
                rounds = rounds + 1 if len(got) == count else 0
                if rounds >= _ROUNDS:
                    raise Ended(SourceError("the page token is refused again and again")) from lost
            except _TooWide as wide:
                start, end = _ends(part, window)
                self._too_wide_ns = min(self._too_wide_ns, end - start)
                return _halved(start, end, wide)
            else:
                if end - start < self._too_wide_ns < math.inf and self._retrials < _RETRIALS:
                    # What was slow may have passed: the next slice is tried as wide as it comes.
                    self._too_wide_ns, self._retrials = math.inf, self._retrials + 1
                return []

    def _pages(self, query: str, first: int | None, tries: int) -> Iterator[tuple[Mapping[str, Any], ...]]:
        """The pages of a query as they come; an empty one is no end, as long as it brings a token."""
        token = ""
        size = PAGE if first is None else min(first, PAGE)
        while True:
            page = self._page(Call(self.origin.resources, query, token, size), tries)
            self._entries += len(page.entries)
            self._tell()
            yield page.entries
            token = page.token
            if not token:
                return

    def refused(self, query: str) -> RcaError | None:
        """Why the origin's logs cannot be read; None where they can. One small call, and more for what passes."""
        try:
            self._page(Call(self.origin.resources, query, size=1), len(_CALL_S))
        except Ended as ended:
            self.ended = None  # it was asked of one of several
            return ended.error
        except _TooWide:
            return None
        return None

    def _page(self, call: Call, tries: int) -> Page:
        slow = 0
        while True:
            if self.ended is not None:
                raise Ended(self.ended)
            if self.calls >= self._most_calls:
                raise self._over(
                    SourceError(
                        f"the budget of {self._most_calls} read calls is used up",
                        "give the cycle a time of day, or raise the budget with --max-calls",
                    )
                )
            try:
                self._pace.before_call()
                self.calls += 1
                page = self._wire.list(call, _CALL_S[min(slow, len(_CALL_S) - 1)])
            except KeyboardInterrupt as interrupt:
                raise self._over(
                    SourceError("stopped by hand", "run the same command again: it goes on there")
                ) from interrupt
            except refusals.UNDERSTOOD as error:
                refusal = refusals.read(error, self.origin)
                slow += refusal.way is Way.NARROW
                self._bear(refusal, call, too_slow=slow >= tries, error=error)
            else:
                self._pace.after_answer()
                return page

    def _bear(self, refusal: Refusal, call: Call, *, too_slow: bool, error: Exception) -> None:
        """Waits out what passes; raises what to do about the rest."""
        if refusal.way is Way.ANEW and call.token:
            raise _TokenLost from error
        if refusal.way in (Way.NEVER, Way.ANEW):
            raise self._over(refusal.error) from error
        wait = self._pace.pause(refusal)
        if wait is None:
            raise self._over(refusal.error) from error
        if refusal.way is Way.NARROW and too_slow:
            self._outside.tell("the search takes too long: asking for a shorter stretch")
            self._pace.after_narrowing()
            raise _TooWide from error
        if wait >= 1.0:
            self._outside.tell(
                f"{refusal.error.message}; trying again in {wait:.0f} s; entries so far: {self._entries}"
            )
        try:
            self._outside.sleep(wait)
        except KeyboardInterrupt as interrupt:
            raise self._over(
                SourceError("stopped by hand", "run the same command again: it goes on there")
            ) from interrupt

    def _over(self, error: RcaError) -> Ended:
        self.ended = error
        return Ended(error)

    def _tell(self) -> None:
        now = self._outside.monotonic()
        if now - self._told_at >= _TOLD_EVERY_S:
            self._told_at = now
            self._outside.tell(f"entries so far: {self._entries}, read calls: {self.calls}")


def _last_ns(raws: Any) -> int | None:  # noqa: ANN401 - any iterable of entries
    last = None
    for raw in raws:
        try:
            at = stamped_ns(raw)
        except Unreadable:
            continue
        last = at if last is None or at > last else last
    return last


def _within(part: _Slice) -> str:
    """The clause for a slice that is not the whole of its query; its start is asked for again, its copies dropped."""
    start = "" if part.start is None else f'timestamp>="{rfc3339_ns(part.start)}"\n'
    return start + ("" if part.end is None else f'timestamp<"{rfc3339_ns(part.end)}"\n')


def _ends(part: _Slice, window: Window | None) -> tuple[float, float]:
    """The ends of a slice in nanoseconds; infinite where neither it nor the window has one."""
    start = in_ns(earliest(window)) if window else -math.inf
    end = in_ns(window.end) if window else math.inf
    return start if part.start is None else part.start, end if part.end is None else part.end


def _halved(start: float, end: float, why: Exception | None = None) -> list[_Slice]:
    """The two halves of a slice; raises `Ended` where there is nothing left to halve."""
    if not 2 * _NARROWEST_NS <= end - start < math.inf:
        raise Ended(
            SourceError(
                "Cloud Logging does not answer in time, however short the span",
                "try again later; rca doctor tells more",
            )
        ) from why
    middle = int(start + end) // 2
    return [_Slice(int(start), middle), _Slice(middle, int(end))]

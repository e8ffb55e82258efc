"""How often Cloud Logging may be called, and how long its refusals are borne.

In: what a call met. Out: how long to wait. Decides the rate (below the quota of 60 calls a minute and project), the
pauses after refusals, and when to give up.
"""

from collections import deque

from rca.sources.cloud.refusals import Refusal, Way
from rca.sources.outside import Outside

MINUTE_S = 60.0
CALLS_A_MINUTE = 50
"""Below the quota of 60, which this project shares with whoever else reads its logs. Source: Logging quotas."""

_TOLD_S = 2.0
"""Shorter waits are not worth a word."""

_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 30.0
_PATIENCE_S = 75.0
"""Without any answer for so long, there will be none."""

_UNREACHED_PATIENCE_S = 15.0
"""Without any connection, and none before, for so long: an address that is wrong, a machine without a network."""

_QUOTA_PATIENCE_S = 240.0
"""The quota is by the minute; four of them outlast whoever uses it up."""

_SLOW_PATIENCE_S = 300.0
"""A search that takes too long is cut in halves, each of which may take its time. Whoever is slow is there, so this
holds for a first call, too."""

_SHARED = 3
"""So many calls answered within the minute before a refusal tell what is left of the quota; fewer tell nothing."""


class Pace:
    """Calls made, and pauses due. Not frozen: it counts while a run lasts."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._made: deque[float] = deque()
        self._answered: deque[float] = deque()
        self._limit = CALLS_A_MINUTE
        self._learned_at = 0.0
        self._refused_since: float | None = None
        self._refusals = 0
        self.ever_answered = False

    def before_call(self) -> None:
        """The rate allows one more call, and it is counted."""
        now = self._outside.monotonic()
        _forget(self._made, now)
        if self._limit < CALLS_A_MINUTE and now - self._learned_at > MINUTE_S:
            # A minute without a refusal: whoever used the quota up may have gone.
            self._limit, self._learned_at = min(2 * self._limit, CALLS_A_MINUTE), now
        if len(self._made) >= self._limit:
            wait = self._made[-self._limit] + MINUTE_S - now
            if wait >= _TOLD_S:
                self._outside.tell(
                    f"waiting {wait:.0f} s: rca keeps to {self._limit} of the 60 calls a minute that Logging allows"
                )
            if wait > 0:
                self._outside.sleep(wait)
        self._made.append(self._outside.monotonic())

    def after_answer(self) -> None:
        """A call was answered: whatever was refused before is forgotten."""
        self.ever_answered = True
        self._refused_since, self._refusals = None, 0
        now = self._outside.monotonic()
        self._answered.append(now)
        _forget(self._answered, now)

    def after_narrowing(self) -> None:
        """A shorter stretch is asked for: whoever answered before gets new patience for it."""
        if self.ever_answered:
            self._refused_since = None

    def pause(self, refusal: Refusal) -> float | None:
        """Seconds to wait before the refused call is tried again; None when it is time to give up."""
        now = self._outside.monotonic()
        if self._refused_since is None:
            self._refused_since = self._made[-1] if self._made else now
        if refusal.way is Way.QUOTA:
            _forget(self._answered, now)
            if _SHARED <= len(self._answered) < self._limit:
                self._limit, self._learned_at = len(self._answered), now
        doublings = (
            0 if refusal.way is Way.NARROW else self._refusals
        )  # such a call has waited long enough by itself
        wait = min(_FIRST_PAUSE_S * 2.0**doublings, _LONGEST_PAUSE_S) * (0.5 + self._outside.chance())
        self._refusals += 1
        wait = max(wait, refusal.after_s or 0.0)
        return wait if now + wait - self._refused_since <= self._patience(refusal.way) else None

    def _patience(self, way: Way) -> float:
        if way is Way.QUOTA:
            return _QUOTA_PATIENCE_S
        if way is Way.NARROW:
            return _SLOW_PATIENCE_S
        return _UNREACHED_PATIENCE_S if way is Way.UNREACHED and not self.ever_answered else _PATIENCE_S


def _forget(times: deque[float], now: float) -> None:
    while times and times[0] <= now - MINUTE_S:
        times.popleft()

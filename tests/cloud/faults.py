"""What goes wrong and when: effects with their occasions, and the plan that both servers follow.

    Plan(first(2, RESOURCE_EXHAUSTED), on_page(3, CUT), always(slow(0.05), empty_pages(1)))

Faults are values and may be shared between plans; what has happened so far is the plan's. Faults are
asked in the order given. One that ends the call keeps it from those behind it; delays and page shapes add up.
"""

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from tests.cloud.bounds import time_bounds_of
from tests.cloud.calls import Call, Request
from tests.cloud.effects import (
    DEADLINE_EXCEEDED,
    EXPIRED_TOKEN,
    PLAIN,
    RESOURCE_EXHAUSTED,
    Effect,
    Ending,
    Shape,
    Slow,
)

# --- occasions -------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Past:  # not frozen: the plan writes here what a fault has seen
    """What one fault of one plan has seen so far, oldest first."""

    struck: list[Call] = field(default_factory=list)
    passed: list[Call] = field(default_factory=list)

    @property
    def seen(self) -> int:
        """How many calls came by."""
        return len(self.struck) + len(self.passed)


@dataclass(frozen=True, slots=True)
class Fault:
    """Effects, and when they strike."""

    effects: tuple[Effect, ...]
    strikes: Callable[[Call, Past], bool]


def always(*effects: Effect) -> Fault:
    """Every call is struck."""
    return Fault(effects, lambda _call, _past: True)


def first(count: int, *effects: Effect) -> Fault:
    """The first so many calls are struck, later ones are not."""
    return Fault(effects, lambda _call, past: past.seen < count)


def after(count: int, *effects: Effect, times: float = math.inf) -> Fault:
    """The first so many calls pass, later ones are struck: all, or so many."""
    return Fault(effects, lambda _call, past: past.seen >= count and len(past.struck) < times)


def on_page(page: int, *effects: Effect, times: int = 1) -> Fault:
    """Calls for this page (1 is the first) are struck, so many times in all: a break amid paging."""
    return Fault(effects, lambda call, past: call.page == page and len(past.struck) < times)


def for_resource(name: str, *effects: Effect) -> Fault:
    """Calls that name this resource are struck, those for others pass."""
    return Fault(effects, lambda call, _past: name in call.request.resource_names)


def rate_limit(calls: int, per_s: float, *effects: Effect) -> Fault:
    """Of each sliding window of so many seconds only so many calls pass; refused ones do not count against it."""

    def over(call: Call, past: Past) -> bool:
        recent = 0
        for one in reversed(past.passed):
            if one.at_s <= call.at_s - per_s or recent == calls:
                break
            recent += 1
        return recent >= calls

    return Fault(effects or (RESOURCE_EXHAUSTED,), over)


def expired_token(times: int = 1, after_calls: int = 0) -> Fault:
    """After so many calls, so many tokens expire as they are used: each for good, while a new query works."""

    def strikes(call: Call, past: Past) -> bool:
        token, dead = call.request.page_token, {one.request.page_token for one in past.struck}
        return bool(token) and (token in dead or (past.seen >= after_calls and len(dead) < times))

    return Fault((EXPIRED_TOKEN,), strikes)


def span_s(filter_text: str) -> float:
    """How many seconds of `timestamp` a filter asks for: infinite where an end is open."""
    lo_ns, hi_ns = time_bounds_of(filter_text)
    return math.inf if lo_ns is None or hi_ns is None else (hi_ns - lo_ns) / 1e9


def wider_than(seconds: float, *effects: Effect) -> Fault:
    """Calls whose filter spans more time than this, or is open, are struck: by DEADLINE_EXCEEDED unless told."""
    return Fault(effects or (DEADLINE_EXCEEDED,), lambda call, _past: span_s(call.request.filter) > seconds)


# --- the plan --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Verdict:
    """What happens to one call."""

    delay_s: float = 0.0
    ending: Ending | None = None
    shape: Shape = PLAIN


class Plan:
    """The faults of a server, or of two, and the calls so far. May be used from several threads."""

    def __init__(self, *faults: Fault, clock: Callable[[], float] = time.monotonic) -> None:
        self._faults = [(fault, Past()) for fault in faults]
        self._clock = clock
        self._calls: list[Call] = []
        self._lock = threading.Lock()

    @property
    def calls(self) -> tuple[Call, ...]:
        """Every call so far, oldest first; those still under way are PENDING."""
        with self._lock:
            return tuple(self._calls)

    def begin(
        self, request: Request, transport: str, page: int, timeout_s: float | None
    ) -> tuple[Call, Verdict]:
        """A call came: it is recorded, and what happens to it is decided."""
        with self._lock:
            call = Call(len(self._calls) + 1, self._clock(), transport, request, page, timeout_s)
            self._calls.append(call)
            return call, self._judge(call)

    def end(self, call: Call, outcome: str, entries: int = 0, next_page_token: str = "") -> None:
        """The call's record says how it ended."""
        with self._lock:
            self._calls[call.number - 1] = replace(
                call,
                outcome=outcome,
                entries=entries,
                next_page_token=next_page_token,
                ended_s=self._clock(),
            )

    def elapsed_s(self, call: Call) -> float:
        """Seconds from the first call to this one."""
        with self._lock:
            return call.at_s - self._calls[0].at_s

    def _judge(self, call: Call) -> Verdict:
        verdict = Verdict()
        for fault, past in self._faults:
            struck = fault.strikes(call, past)
            (past.struck if struck else past.passed).append(call)
            for effect in fault.effects if struck else ():
                if isinstance(effect, Slow):
                    verdict = replace(verdict, delay_s=verdict.delay_s + effect.seconds)
                elif isinstance(effect, Shape):
                    verdict = replace(verdict, shape=verdict.shape.and_also(effect))
                else:
                    return replace(verdict, ending=effect)
        return verdict

"""Whether the logs reach back to the cycle.

In: the oldest entry of Cloud Run, which one call asks for. Out: a finding. Decides by its time alone: how long a
bucket keeps its logs is told only to who may read its settings.
"""

from datetime import datetime, timedelta

from rca import questions
from rca.doctor import clock, commands
from rca.doctor.findings import Finding, not_ok, ok, unknown
from rca.doctor.visit import Visit
from rca.model import Window
from rca.normalize.times import moment, nanoseconds
from rca.resources import filled

CHECK = "retention"

_DEFAULT_DAYS = 30
"""Source: Logging, retention of the bucket _Default."""


def examined(visit: Visit) -> Finding:
    """The oldest entry against the time in which the cycle must lie."""
    answer = visit.caller.oldest(questions.scope(()) + filled("oldest.lql"))
    if answer.nothing:
        return unknown(CHECK, "no entries of Cloud Run are there at all", commands.retention(visit.origin))
    at = nanoseconds(answer.entry.get("timestamp")) if answer.entry else None
    if at is None:
        return visit.unanswered(CHECK, answer, commands.retention(visit.origin))
    return _compared(visit, moment(at), visit.span)


def _compared(visit: Visit, oldest: datetime, span: Window | None) -> Finding:
    told = f"the oldest entry of Cloud Run is of {oldest:%Y-%m-%d %H:%M} UTC"
    if span is None:
        return ok(CHECK, f"{told}; there is no time of a cycle to compare it with")
    if span.start > visit.now:
        return unknown(CHECK, f"the cycle lies in the future by this machine's clock; {told}", clock.COMPARE)
    if oldest <= span.start:
        return ok(CHECK, f"{told}, before the cycle")
    if oldest < span.end:
        amid = f"{told}, amid the time in which the cycle can lie"
        return unknown(CHECK, amid, commands.retention(visit.origin))
    days = (visit.now - span.start) / timedelta(days=1) + 1
    return not_ok(
        CHECK,
        f"{told}, after the cycle: its logs are not kept any more ({_DEFAULT_DAYS} days are the default) or lie "
        "elsewhere; what is gone stays gone, but later cycles can be kept for longer",
        commands.retention(visit.origin),
        commands.keep(visit.origin, max(days, _DEFAULT_DAYS)),
    )

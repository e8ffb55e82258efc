"""The visit: every check in its order.

In: a `Subject`, and the world outside. Out: a finding for each check. Decides what is not asked any more after a check
that others depend on has failed. It costs five read calls at most.
"""

import os
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from google.auth.exceptions import GoogleAuthError

from rca.doctor import access, clock, retention, served
from rca.doctor.calls import ANSWER_S, Answer, Caller
from rca.doctor.findings import Finding, Mark, unknown
from rca.doctor.login import Login, sign_in
from rca.doctor.visit import Visit, last_days, of_cycle
from rca.errors import UsageError
from rca.model import Cycle, Window
from rca.normalize.times import moment, nanoseconds
from rca.sources.cloud import wire
from rca.sources.cloud.refusals import MEMBER
from rca.sources.cloud.wire import Wire
from rca.sources.origin import Origin
from rca.sources.outside import Outside

CHECKS = (
    access.CREDENTIALS,
    access.PROJECT,
    access.ENDPOINT,
    access.API,
    access.PERMISSION,
    access.PRIVATE,
    retention.CHECK,
    served.SERVICE,
    served.TARGET,
    served.REVISION,
    clock.CHECK,
    access.QUOTA,
)


@dataclass(frozen=True, slots=True)
class Subject:
    """What is examined: whose logs, and for which cycle."""

    origin: Origin
    """As `rca why` would read it, but not checked yet: it may name no project."""

    told_by: str = "--project"
    """Where the project is set."""

    cycle: Cycle | None = None
    host: str | None = None
    """The host of the cycle's target, unless that is this machine."""

    span: Window | None = None
    """The time in which the cycle must lie, where it tells one."""


@dataclass(frozen=True, slots=True)
class Means:
    """How the world is reached; a test brings its own."""

    opened: Callable[[str | None], Wire] = wire.opened
    sign_in: Callable[[Outside], Login] = sign_in
    environ: Mapping[str, str] | None = None
    """None: this process's."""

    answer_s: float = ANSWER_S
    """How long a call may take."""


def examine(subject: Subject, outside: Outside, means: Means | None = None) -> tuple[Finding, ...]:
    """One finding for each of `CHECKS`, in their order."""
    found: dict[str, Finding] = {}
    for finding in _findings(subject, outside, means or Means()):
        found[finding.check] = finding
    wrong = {check for check, one in found.items() if one.mark is Mark.NOT_OK} - {clock.CHECK}
    failed = [check for check in CHECKS if check in wrong]
    blocked = f"not asked: see {' and '.join(failed)}"
    return tuple(found.get(check) or unknown(check, blocked) for check in CHECKS)


def _findings(subject: Subject, outside: Outside, means: Means) -> Iterator[Finding]:
    """What is found one after the other, a later finding in the place of an earlier one; ends where one fails."""
    origin = subject.origin
    environ = os.environ if means.environ is None else means.environ
    yield access.private()
    project = access.project(origin, subject.told_by)
    outside.tell(f"examining; each call may take {means.answer_s:.0f} s")
    credentials, login = access.credentials(origin, lambda: means.sign_in(outside), environ)
    yield from (project, credentials)
    if Mark.NOT_OK in (project.mark, credentials.mark):
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # as in `sign_in`, which found the same credentials
            opened = means.opened(origin.endpoint)
    except UsageError as error:
        yield access.endpoint(error)
        return
    except GoogleAuthError as error:
        yield access.unusable(error, environ)
        return
    caller = Caller(opened, origin, outside, means.answer_s)
    yield from _calls(subject, caller, login, outside)


def _calls(subject: Subject, caller: Caller, login: Login | None, outside: Outside) -> Iterator[Finding]:
    origin, now = subject.origin, outside.now()
    member = login.member if login else MEMBER
    first = caller.newest(last_days(now).query)
    if first.refusal is None:
        yield from access.granted(origin)
        visit = Visit(origin, caller, member, now, cycle=subject.cycle, host=subject.host, span=subject.span)
        yield from _logs(visit)
    readings = (*caller.readings, *(login.readings if login else ()))
    if first.refusal is None or readings:
        yield clock.examined(readings, _received(first), outside.now())
    if first.refusal is not None:
        yield from access.refused(first.refusal, origin, member)
    yield access.quota(caller, origin, member)


def _logs(visit: Visit) -> Iterator[Finding]:
    kept = retention.examined(visit)
    yield kept
    gone = kept.mark is Mark.NOT_OK
    stretch = last_days(visit.now) if visit.span is None or gone else of_cycle(visit.span)
    yield from served.examined(replace(visit, span=None) if gone else visit, stretch)


def _received(answer: Answer) -> datetime | None:
    """When the newest entry reached Cloud Logging, by its clock."""
    at = nanoseconds(answer.entry.get("receiveTimestamp")) if answer.entry else None
    return None if at is None else moment(at)

"""Whether the logs are those of the service that the cycle's tests called: its name, its host, its revision.

In: a cycle, and a caller. Out: findings, one call each at most. Decides which service is meant: the one that is named,
else the one in the host's address, else the one whose requests went to the host.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rca import questions
from rca.doctor import commands
from rca.doctor.calls import Answer
from rca.doctor.findings import Finding, not_ok, ok, plain, unknown
from rca.doctor.visit import Stretch, Visit, label
from rca.resources import filled
from rca.sources.cloud.services import service_in
from rca.sources.cloud.wire import PAGE

SERVICE, TARGET, REVISION = "service", "target", "revision"

_REVISION = re.compile(r"[a-z][a-z0-9-]{0,62}")
"""Source: Knative; a name for DNS."""

_LONG_LABEL = 60
"""From about so many characters on, the name in an address may be cut: DNS bears 63 between dots (RFC 1035)."""


@dataclass(frozen=True, slots=True)
class Served:
    """What is known of the service so far."""

    names: tuple[str, ...] = ()
    """Services whose logs are there."""

    region: str | None = None
    at_host: Answer | None = None
    """What was found of requests to the target's host, where they were looked for."""


def examined(visit: Visit, stretch: Stretch) -> tuple[Finding, Finding, Finding]:
    """Service, target and revision."""
    service, served = _service(visit, stretch)
    target = unknown(TARGET, "no cycle is named that tells which host its tests called")
    if visit.host:
        target = _target(visit, visit.host, stretch, served)
    return service, target, _revision(visit, stretch, served)


# --- the service -----------------------------------------------------------------------------------------


def _service(visit: Visit, stretch: Stretch) -> tuple[Finding, Served]:
    named = visit.origin.services
    in_host = service_in(visit.host or "")
    wanted = named or ((in_host,) if in_host else ())
    if visit.host and not wanted:
        return _service_at_host(visit, stretch)
    query = questions.scope(wanted) + stretch.query
    answer = visit.caller.newest(query, 1 if len(wanted) <= 1 else PAGE)
    if answer.nothing and in_host and not named:
        return _service_at_host(visit, stretch)  # a long name is cut short in an address
    found = _served(answer)
    if not answer.nothing and not found.names:
        return visit.unanswered(SERVICE, answer, commands.services(visit.origin)), found
    if wanted:
        return _of_wanted(visit, stretch, wanted, answer), found
    if found.names:
        newest = f"none is named, so all are read; the newest entry {stretch.told} is of {found.names[0]}"
        return ok(SERVICE, newest), found
    nobody = f"no service of Cloud Run logged anything {stretch.told}"
    return not_ok(SERVICE, nobody, commands.services(visit.origin)), found


def _of_wanted(visit: Visit, stretch: Stretch, wanted: tuple[str, ...], answer: Answer) -> Finding:
    names = _served(answer).names
    missing = plain(", ".join(name for name in wanted if name not in names))
    if not missing:
        return ok(SERVICE, f"{', '.join(wanted)}: in the logs {stretch.told}")
    if answer.page is not None and answer.page.token and len(wanted) > 1:
        return unknown(SERVICE, f"{missing}: not among the newest entries {stretch.told}")
    absent = f"no entry of {missing} is in the logs {stretch.told}"
    return not_ok(SERVICE, absent, commands.services(visit.origin))


def _service_at_host(visit: Visit, stretch: Stretch) -> tuple[Finding, Served]:
    """The service that answers on the target's host, where neither a user nor the host names it."""
    answer = _at_host(visit, stretch)
    host, found = plain(visit.host), replace(_served(answer), at_host=answer)
    if answer.nothing:
        unasked = f"no request to {host} is in the logs {stretch.told}; is it another project's?"
        return not_ok(SERVICE, unasked, commands.services(visit.origin)), found
    if not found.names:
        return visit.unanswered(SERVICE, answer, commands.services(visit.origin)), found
    return ok(SERVICE, f"{found.names[0]}: requests to {host} are in the logs {stretch.told}"), found


def _at_host(visit: Visit, stretch: Stretch) -> Answer:
    of_host = questions.at_host(visit.host or "", None, 1).condition
    return visit.caller.newest(questions.scope(()) + of_host + stretch.query)


def _served(answer: Answer) -> Served:
    entries = answer.page.entries if answer.page else ()
    names = (label(entry, "service_name") for entry in entries)
    region = label(entries[0], "location") if entries else None
    return Served(tuple(dict.fromkeys(name for name in names if name)), region or None)


# --- its host --------------------------------------------------------------------------------------------


def _target(visit: Visit, called: str, stretch: Stretch, served: Served) -> Finding:
    """Whether the tests called the service whose logs are read."""
    host, in_host = plain(called), service_in(called)
    names = visit.origin.services or served.names
    if not names:
        return unknown(TARGET, f"not told: no service is found that {host} could be of")
    if in_host in names:
        return ok(TARGET, f"{host}, which the tests called, is the address of {in_host}")
    answer = served.at_host or _at_host(visit, stretch)
    owner = next(iter(_served(answer).names), None) or _surely(called)
    if owner in names:
        return ok(TARGET, f"{host}, which the tests called, is answered by {owner}")
    if owner is not None:
        told = f"the tests called {host}, which is of {owner}"
        return _elsewhere(visit, TARGET, told, owner, names)
    absent = f"no request to {host} is in the logs {stretch.told}"
    if answer.nothing:
        return unknown(TARGET, absent)
    return visit.unanswered(TARGET, answer, commands.services(visit.origin))


def _surely(host: str) -> str | None:
    """The service in an address, unless its name may have been cut there."""
    return service_in(host) if len(host.partition(".")[0]) < _LONG_LABEL else None


def _elsewhere(visit: Visit, check: str, told: str, owner: str, names: Sequence[str]) -> Finding:
    number = visit.cycle.number if visit.cycle else None
    remedy = commands.with_service(visit.origin, owner, number)
    return not_ok(check, f"{told}, not of {', '.join(names)}", remedy)


# --- its revision ----------------------------------------------------------------------------------------


def _revision(visit: Visit, stretch: Stretch, served: Served) -> Finding:
    name = visit.cycle.revision if visit.cycle else None
    if not name:
        return unknown(REVISION, "no cycle is named that tells its revision")
    if not _REVISION.fullmatch(name):
        return unknown(REVISION, f"{plain(name)} is no name that Cloud Run gives a revision")
    query = questions.scope(()) + filled("revision.lql", revision=name) + stretch.query
    answer = visit.caller.newest(query)
    names = visit.origin.services
    owner = next(iter(_served(answer).names), None)
    if owner is not None and names and owner not in names:
        return _elsewhere(visit, REVISION, f"{name} is a revision of {owner}", owner, names)
    if answer.entry is not None:
        return ok(REVISION, f"{name}: in the logs {stretch.told}")
    service = next(iter(names or served.names), None)
    listing = commands.revisions(visit.origin, service, served.region)
    if not answer.nothing:
        return visit.unanswered(REVISION, answer, listing)
    tell = not_ok if visit.span else unknown  # where the time is not known, it may lie further back
    return tell(REVISION, f"no entry of {name} is in the logs {stretch.told}", listing)

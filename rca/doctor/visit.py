"""What the checks of the logs work with, and in which stretch they look."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from rca.doctor import commands
from rca.doctor.calls import Answer, Caller
from rca.doctor.findings import Finding, plain, unknown
from rca.model import Cycle, Window
from rca.resources import filled
from rca.sources.cloud.refusals import Way
from rca.sources.origin import Origin

_LAST = timedelta(days=7)
_AHEAD = timedelta(days=1)
"""Entries may be stamped so far ahead of their arrival. Source: LogEntry, timestamp."""


@dataclass(frozen=True, slots=True)
class Visit:
    """Whose logs, by which caller, for which cycle."""

    origin: Origin
    caller: Caller
    member: str
    """Whose credentials the calls carry, as gcloud takes it."""

    now: datetime
    cycle: Cycle | None
    host: str | None
    """That of the cycle's target."""

    span: Window | None
    """In which the cycle must lie; None where nothing tells."""

    def unanswered(self, check: str, answer: Answer, instead: str) -> Finding:
        """A check whose call brought neither an entry nor the certainty that there is none; another way to tell."""
        if answer.page is not None or (answer.refusal and answer.refusal.way is Way.NARROW):
            return unknown(check, "the search takes longer than one call may", instead)
        if answer.refusal is None:
            return unknown(check, "not asked, after the refusal of an earlier call", instead)
        mending = commands.mending(answer.refusal, self.origin, self.member)
        return unknown(check, answer.refusal.error.message, mending)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time, as a part of a query and in words."""

    query: str
    told: str


def last_days(now: datetime) -> Stretch:
    """Where to look for what is there now."""
    return Stretch(
        filled("between.lql", start=now - _LAST, end=now + _AHEAD), f"in the last {_LAST.days} days"
    )


def of_cycle(span: Window) -> Stretch:
    """Where to look for a cycle."""
    told = f"from {span.start:%Y-%m-%d %H:%M} to {span.end:%Y-%m-%d %H:%M} UTC"
    return Stretch(filled("between.lql", start=span.start, end=span.end), told)


def label(entry: Mapping[str, Any], name: str) -> str:
    """A label of the entry's resource; empty where there is none, or it is no text."""
    resource = entry.get("resource")
    labels = resource.get("labels") if isinstance(resource, Mapping) else None
    value = labels.get(name) if isinstance(labels, Mapping) else None
    return plain(value) if isinstance(value, str) else ""

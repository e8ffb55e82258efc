"""What a question brought from Cloud Logging: a run works on it, and a recording keeps it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from rca.model import Pulled, Query
from rca.normalize import insert_id_of
from rca.questions import Ask
from rca.sources.assembling import Facts, assembled

Identity = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Fetch:
    """One question as it was asked, and the entries that answered it."""

    name: str
    condition: str
    start: datetime | None
    end: datetime | None
    first: int | None
    queries: tuple[Query, ...]
    """As they were sent: the question's own, and those that were needed to ask it."""

    raws: tuple[Mapping[str, Any], ...]
    """Entries in REST JSON, without copies."""

    gaps: tuple[str, ...]
    """Why it is not all that there was; empty when it is."""

    warnings: tuple[str, ...]
    asked_at: datetime
    upto: str | None = None
    """Up to which moment it is whole, where there is a gap, as Logging spells a time; None for not at all."""

    @classmethod
    def of(cls, ask: Ask, **told: Any) -> "Fetch":  # noqa: ANN401 - the remaining fields
        """The fetch for a question."""
        window = ask.window
        return cls(
            name=ask.name,
            condition=ask.condition,
            start=window.start if window else None,
            end=window.end if window else None,
            first=ask.first,
            **told,
        )

    def answers(self, ask: Ask) -> bool:
        """Whether it is the answer to this very question."""
        window = ask.window
        mine = (self.condition, self.first, self.start, self.end)
        return mine == (ask.condition, ask.first, window and window.start, window and window.end)


def identity(raw: Mapping[str, Any]) -> Identity:
    """What two copies of an entry share: project, time and insertId; all that it says, where it has no id.

    Source: LogEntry, insertId: entries of one project with the same timestamp and insertId are duplicates.
    """
    insert_id = insert_id_of(raw)
    if insert_id is None:
        return "", "", orjson.dumps(raw, option=orjson.OPT_SORT_KEYS).decode()
    project = str(raw.get("logName", "")).partition("/logs/")[0]
    return project, str(raw.get("timestamp", "")), insert_id


def pulled_from(fetch: Fetch, ask: Ask, source: str) -> Pulled:
    """The answer to a question from what was fetched for it; the same now and from a recording."""
    facts = Facts(source, not fetch.gaps, fetch.queries, fetch.warnings, fetch.gaps)
    return assembled(fetch.raws, ask, facts)

"""Times as printed lines spell them -> times as Logging spells them.

In: what a layout of `lines.toml` found. Out: RFC 3339 text, or None. Decides the year of times that name none: the
latest that is not after the file was written.
"""

import re
from calendar import month_abbr
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_MONTHS = {month_abbr[at]: at for at in range(1, 13)}
_KINDS = ("time", "epoch", "local", "slashed", "clf", "month_day", "month")
_ZONED = re.compile(r"(?:Z|UTC|[+-][0-9]{2}:?[0-9]{2})$")
_DATED = re.compile(r"\b(20[0-9]{2})-([0-9]{2})-([0-9]{2})\b")
_SLACK = timedelta(days=1)
"""Clocks and zones differ; what lies a day ahead of the file is of its year all the same."""


@dataclass(frozen=True, slots=True)
class Clock:
    """How times without a zone or a year are understood."""

    written: datetime | None
    """When the file was written, or the latest date that its text names; None where neither is known."""

    zones: Mapping[str, int]
    """Hours after UTC of a zone's name."""

    def told(self, groups: Mapping[str, str | None]) -> str | None:
        """The time of a line in RFC 3339; None where it is none, or names no year and nothing else does."""
        kind, text = next(((name, groups[name]) for name in _KINDS if groups.get(name)), ("", None))
        match kind, text:
            case "local", str():
                return f"{text}{self.zones.get(groups.get('zone') or '', 0):+03d}:00"
            case "slashed", str():
                return text.replace("/", "-")
            case "clf", str():
                return _common(text)
            case "month_day", str():
                return self._dated(int(text[:2]), int(text[2:4]), text[5:])
            case "month", str():
                name, number, clock = text.split()
                return self._dated(_MONTHS.get(name, 0), int(number), clock)
        return text

    def _dated(self, month: int, day: int, clock: str) -> str | None:
        if self.written is None:
            return None
        for year in (self.written.year + 1, self.written.year, self.written.year - 1):
            try:
                at = datetime(year, month, day, tzinfo=UTC)
            except ValueError:  # no such day, at least in that year
                continue
            if at <= self.written + _SLACK:
                return f"{at:%Y-%m-%d}T{clock}"
        return None


def names_zone(time: str) -> bool:
    """Whether a time says which zone it is of, or is an epoch's number."""
    return _ZONED.search(time) is not None or "-" not in time


def latest_date(text: str) -> datetime | None:
    """The latest date that a text names."""
    found = [
        datetime(int(y), int(m), int(d), tzinfo=UTC) for y, m, d in _DATED.findall(text) if _is_day(m, d)
    ]
    return max(found, default=None)


def _is_day(month: str, day: str) -> bool:
    return 1 <= int(month) <= 12 and 1 <= int(day) <= 28  # noqa: PLR2004 - days that every month has


def _common(clf: str) -> str | None:
    """`04/Mar/2026:05:06:07 +0000` as RFC 3339."""
    day, month, rest = clf.split("/")
    year, _, clock = rest.partition(":")
    number = _MONTHS.get(month)
    return None if number is None else f"{year}-{number:02d}-{day}T{clock}"

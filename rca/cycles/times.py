"""Dates and times as reports state them.

In: the words of a field or title. Out: a date, a time of day, an instant in UTC. Decides that a time without a zone
is no instant, and that 09/08/2025 is no date (which is the month?).
"""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})[a-z]{{0,6}}\.?"
_DATES = (
    re.compile(r"(?<![\d-])(?P<year>20\d\d)[-/.](?P<m>\d{1,2})[-/.](?P<day>\d{1,2})(?!\d)"),
    re.compile(rf"\b{_MONTH} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<year>20\d\d)\b", re.IGNORECASE),
    re.compile(rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[ -]{_MONTH}[ -](?P<year>20\d\d)\b", re.IGNORECASE),
    re.compile(r"(?<!\d)(?P<year>20\d\d)(?P<m>0[1-9]|1[0-2])(?P<day>[0-2]\d|3[01])(?!\d)"),
)
_CLOCK = re.compile(
    r"""
    (?<![\d:.])(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)          # 7:30
    (?::(?P<second>[0-5]\d)(?:[.,](?P<fraction>\d{1,9}))?)?(?![\d:])  # :05.123
    \s?(?P<half>[AaPp]\.?[Mm]\.?)?
    """,
    re.VERBOSE,
)
# Zones whose letters name one offset in practice; IST, CST and BST do not.
_ZONES = {
    "UTC": 0,
    "GMT": 0,
    "Z": 0,
    "PDT": -7,
    "PST": -8,
    "EDT": -4,
    "EST": -5,
    "CEST": 2,
    "CET": 1,
    "JST": 9,
}
_ZONE = re.compile(
    r"\s*(?:\(\s*)?(?:(?P<letters>UTC|GMT|Z|PDT|PST|EDT|EST|CEST|CET|JST)\b)?"
    r"(?P<offset>[+-]\d{1,2}(?::?\d\d)?(?![\d:]))?"
)
_ISO_CLOCK = re.compile(r"(?:T\d\d:\d\d|\d\d:\d\d:\d\d(?:\.\d+)?)$")
YEARS = range(2000, 2200)
"""No test run lies outside: 0001-01-01 is what some writers print for "not set"."""

_RANGE = re.compile(r"\s*(?:-|\u2013|—|to|until)\s*(?:20\d\d-\d\d-\d\d[ T])?")


def day_in(text: str) -> date | None:
    """The first date of the text that is written unmistakably; None where there is none."""
    for pattern in _DATES:
        for match in pattern.finditer(text[:500]):
            parts = match.groupdict()
            month = parts.get("m") or 1 + _MONTHS.index(parts["month"].lower())
            try:
                return date(int(parts["year"]), int(month), int(parts["day"]))
            except ValueError:
                continue
    return None


def instant_in(text: str | None) -> tuple[datetime | None, bool]:
    """The instant of a time in ISO 8601, in UTC, and whether it states a zone; without one it is read as if of UTC.

    None where it is no such time, or of no test run's age.
    """
    try:
        moment = datetime.fromisoformat((text or "").strip())
    except ValueError:
        return None, False
    if moment.year not in YEARS:
        return None, False
    return (moment.astimezone(UTC), True) if moment.tzinfo else (moment.replace(tzinfo=UTC), False)


def instant_of(number: object) -> datetime | None:
    """The instant of so many seconds or milliseconds since 1970; None where it is of no test run's age."""
    if not isinstance(number, (int, float)) or isinstance(number, bool):
        return None
    try:
        seconds = number / 1000 if number > 1e11 else number  # noqa: PLR2004 - milliseconds since 1973 and later
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    except (OverflowError, ValueError):
        return None
    return moment if moment.year in YEARS[1:] else None  # a smaller number is a duration


def has_clock(text: str) -> bool:
    """Whether a time of day is stated."""
    return _CLOCK.search(text[:500]) is not None


def start_of(text: str | None, day: date | None) -> tuple[datetime | None, str | None]:
    """The instant a run's time states, in UTC, or None with what is missing.

    Args:
        text: As written: "07:30-07:45 UTC", "2026-02-03T07:30:00+02:00"; of a span its start.
        day: The document's date, for a time without one.
    """
    clock = _CLOCK.search((text or "")[:500])
    if text is None or clock is None:
        return None, None
    day = _day_beside(text, clock) or day
    offset = _offset(text, clock.end())
    if offset is None:
        return None, f'the time "{text[:60]}" names no zone: it is the runner\'s local time'
    if day is None:
        return None, f'the time "{text[:60]}" comes without a date'
    try:
        return datetime.combine(day, _time_of(clock), timezone(offset)).astimezone(UTC), None
    except (ValueError, OverflowError):
        return None, f'the time "{text[:60]}" is out of range'


def local_time(text: str | None, day: date | None) -> datetime | None:
    """What the clock on the wall showed, as if it were one of UTC; None where no time of day or no date is stated."""
    clock = _CLOCK.search((text or "")[:500])
    if text is None or clock is None:
        return None
    day = _day_beside(text, clock) or day
    return None if day is None else datetime.combine(day, _time_of(clock), UTC)


def _day_beside(text: str, clock: re.Match[str]) -> date | None:
    return day_in(text[: clock.start()]) or day_in(text)


def _time_of(clock: re.Match[str]) -> time:
    hour = int(clock["hour"])
    if clock["half"]:
        hour = hour % 12 + (12 if clock["half"][0] in "Pp" else 0)
    micros = int((clock["fraction"] or "0").ljust(6, "0")[:6])
    return time(hour, int(clock["minute"]), int(clock["second"] or 0), micros)


def _offset(text: str, at: int) -> timedelta | None:
    """The zone that stands after the time, or after the end of a span it opens."""
    span = _RANGE.match(text, at)
    end = _CLOCK.match(text, span.end()) if span else None
    # "07:30-07:45 UTC" is a span; "07:30:00-07:45" and "T07:30-07:45" carry an offset.
    is_span = end is not None and (text[at : at + 1] != "-" or not _ISO_CLOCK.search(text[:at]))
    zone = _ZONE.match(text, end.end() if is_span and end is not None else at)
    if zone is None or not (zone["letters"] or zone["offset"]):
        return None
    offset = timedelta(hours=_ZONES[zone["letters"]] if zone["letters"] else 0)
    if zone["offset"]:
        digits = zone["offset"][1:].replace(":", "")
        hours, minutes = (int(digits[:-2]), int(digits[-2:])) if len(digits) > 2 else (int(digits), 0)  # noqa: PLR2004 - hh or hhmm
        sign = -1 if zone["offset"][0] == "-" else 1
        offset += sign * timedelta(hours=hours, minutes=minutes)
    return offset if abs(offset) < timedelta(hours=24) else None

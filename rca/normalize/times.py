"""Times and durations as logs spell them -> integers and floats that compare.

In: RFC 3339 text with up to nanoseconds and any offset, protobuf's {seconds, nanos}, epoch numbers.
Out: nanoseconds since the epoch, or seconds. Decides nothing else: what cannot be understood is None.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache

_RFC3339 = re.compile(
    r"""
    ([0-9]{4}-[0-9]{2}-[0-9]{2})
    [Tt ]
    ([0-9]{2}:[0-9]{2}:[0-9]{2})
    (?:[.,]([0-9]{1,18}))?                       # Logging has at most 9 digits; what lies beyond is cut
    [ ]?
    (?:[Zz]|UTC|([+-])([0-9]{2}):?([0-9]{2}))?   # no zone at all: taken as UTC, the zone of every log
    """,
    re.VERBOSE,
)
_DURATION = re.compile(r"(-?[0-9]{1,12}(?:\.[0-9]{1,12})?)[ ]?(ns|us|µs|ms|s)?")
_CLOCK = re.compile(r"([0-9]{1,5}):([0-9]{2}):([0-9]{2}(?:\.[0-9]{1,9})?)")  # Python's str(timedelta)
_EPOCH_NUMBER = re.compile("[0-9]{9,19}")
_EPOCH_DECIMAL = re.compile(r"([0-9]{9,10})\.([0-9]{1,12})")  # fluent-bit's, CloudWatch's
_EPOCH_FLOAT = re.compile(r"[0-9]\.[0-9]{3,15}E(?:9|1[0-9])")  # BigQuery's REST rows: 1.772600767089E9
_UNIT_S = {None: 1.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}

_NS = 1_000_000_000
_SECONDS_LONG, _DIGITS = 19, 9
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_S, _END_S = -62_135_596_800, 253_402_300_800  # years 1 to 9999: what `datetime` can hold
# An epoch number's unit is told by its size: up to the year 5138 in seconds, and so on.
_EPOCH_UNITS = ((10**11, _NS), (10**14, 10**6), (10**17, 10**3), (10**20, 1))

FIRST_NS, END_NS = 946_684_800 * _NS, 7_258_118_400 * _NS
"""2000 and 2200: an entry's time outside is damage, and no arithmetic on times is safe with it."""


@lru_cache(maxsize=1 << 14)
def _second(day: str, clock: str) -> int | None:
    """Seconds since the epoch; many entries share a second, so the answer is kept."""
    leap = clock.endswith("60")  # RFC 3339 allows 23:59:60
    try:
        at = datetime.fromisoformat(f"{day}T{clock[:6]}59+00:00" if leap else f"{day}T{clock}+00:00")
    except ValueError:
        return None
    return int(at.timestamp()) + leap


def nanoseconds(value: object) -> int | None:
    """The moment in nanoseconds since the epoch; None where it cannot be understood.

    Text without a zone is taken as UTC. Source: LogEntry.timestamp, RFC 3339, "trailing zeros in the
    fractional seconds might be omitted", so text never compares as text.
    """
    if type(value) is str:
        return _from_text(value)
    if isinstance(value, Mapping):
        second, nanos = _integer(value.get("seconds")), _integer(value.get("nanos") or 0)
        if second is None or nanos is None or not _FIRST_S <= second < _END_S:
            return None
        return second * _NS + max(0, min(nanos, _NS - 1))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _from_number(value)
    return None


@lru_cache(maxsize=1 << 14)
def _plain_second(text: str) -> int | None:
    """Seconds since the epoch of `2026-11-08T14:33:37`; None for anything else."""
    found = _RFC3339.fullmatch(text)
    if found is None or found[3] or found[4] or len(text) != _SECONDS_LONG:
        return None
    second = _second(found[1], found[2])
    return None if second is None or not _FIRST_S <= second < _END_S else second


def _from_text(text: str) -> int | None:
    # By far the most are of this form; the pattern below takes all of them, in five times the time.
    second = _plain_second(text[:_SECONDS_LONG]) if text.endswith("Z") and text[19:20] == "." else None
    fraction = text[_SECONDS_LONG + 1 : -1]
    if second is not None and fraction.isascii() and fraction.isdigit() and len(fraction) <= _DIGITS:
        return second * _NS + int(fraction.ljust(_DIGITS, "0"))
    found = _RFC3339.fullmatch(text)
    if found is None:
        return _from_digits(text)
    day, clock, fraction, sign, hours, minutes = found.groups()
    second = _second(day, clock)
    if second is None:
        return None
    if sign:
        offset = int(hours) * 3600 + int(minutes) * 60
        second += -offset if sign == "+" else offset
    at = second * _NS + (int(fraction[:9].ljust(9, "0")) if fraction else 0)
    return at if _FIRST_S * _NS <= at < _END_S * _NS else None


def _from_digits(text: str) -> int | None:
    """An epoch number that came as text; its decimals are nanoseconds that a float would round."""
    if _EPOCH_NUMBER.fullmatch(text):
        return _from_number(int(text))
    if (decimal := _EPOCH_DECIMAL.fullmatch(text)) is not None:
        return int(decimal[1]) * _NS + int(decimal[2][:9].ljust(9, "0"))
    return _from_number(float(text)) if _EPOCH_FLOAT.fullmatch(text) else None


def _from_number(value: float) -> int | None:
    if not value > 0:  # NaN, too
        return None
    return next((int(value * unit) for below, unit in _EPOCH_UNITS if value < below), None)


def _integer(value: object) -> int | None:
    """An int64, which JSON carries as text."""
    try:
        return int(value) if isinstance(value, int | float | str) else None
    except (ValueError, OverflowError):
        return None


def moment(at_ns: int) -> datetime:
    """The aware UTC time of nanoseconds since the epoch, cut to microseconds."""
    return _EPOCH + timedelta(microseconds=at_ns // 1000)


def in_ns(at: datetime) -> int:
    """Nanoseconds since the epoch of an aware time, without a float's rounding."""
    return (at - _EPOCH) // timedelta(microseconds=1) * 1000


def seconds(value: object) -> float | None:
    """A duration in seconds: "60.369159188s", 0.25, {"seconds": "3", "nanos": 5000}; None if unclear."""
    if isinstance(value, str):
        if found := _DURATION.fullmatch(value):
            return float(found[1]) * _UNIT_S[found[2]]
        found = _CLOCK.fullmatch(value)
        return int(found[1]) * 3600 + int(found[2]) * 60 + float(found[3]) if found else None
    if isinstance(value, Mapping):
        whole, nanos = _integer(value.get("seconds") or 0), _integer(value.get("nanos") or 0)
        return None if whole is None or nanos is None or abs(whole) > _END_S else whole + nanos / _NS
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value) if abs(value) < _END_S else None  # NaN and infinity are no latency
    return None

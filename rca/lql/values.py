"""Values as they compare: what a filter says and what an entry holds, brought to the field's type.

In: text of a filter, or JSON of an entry, and a kind. Out: a value of one Python type a kind: nanoseconds for times
and durations, integers for numbers and severities. Decides what converts; what does not is None, and then "the
comparison fails". Numbers inside a JSON payload are doubles; 64-bit integers of LogEntry are strings in JSON.
Source: "Logging query language", Values and conversions, Types of log fields; REST reference of LogEntry;
ProtoJSON for durations, timestamps and 64-bit integers.
"""

import operator
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

from rca.lql.schema import Kind
from rca.lql.tree import Operator

Addresses = IPv4Network | IPv6Network

NS = 1_000_000_000

SEVERITIES = {
    "DEFAULT": 0,
    "DEBUG": 100,
    "INFO": 200,
    "NOTICE": 300,
    "WARNING": 400,
    "ERROR": 500,
    "CRITICAL": 600,
    "ALERT": 700,
    "EMERGENCY": 800,
}

DEFAULTS: Mapping[Kind, Any] = {
    Kind.STRING: "",
    Kind.INT32: 0,
    Kind.INT64: 0,
    Kind.BOOL: False,
    Kind.SEVERITY: 0,
    Kind.TIMESTAMP: 0,
    Kind.DURATION: 0,
}
"""What a field of LogEntry counts as where an entry has none: protocol buffers' defaults."""

RELATIONS: Mapping[Operator, Callable[[Any, Any], bool]] = {
    Operator.EQUAL: operator.eq,
    Operator.HAS: operator.eq,
    Operator.UNEQUAL: operator.ne,
    Operator.LESS: operator.lt,
    Operator.GREATER: operator.gt,
    Operator.AT_MOST: operator.le,
    Operator.AT_LEAST: operator.ge,
}
"""Of values that are no text `:` asks the same as `=`."""

_INTEGER = re.compile(r"[+-]?[0-9]{1,20}")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_NO_NUMBERS = {"nan": "nan", "infinity": "inf", "+infinity": "inf", "-infinity": "-inf"}
_DURATION = re.compile(
    r"(?P<sign>[+-]?)(?P<whole>[0-9]{0,18})(?:\.(?P<part>[0-9]{0,18}))?(?P<unit>ns|us|ms|s|m|h)"
)
_PART_DIGITS = 18
_PARTS = 1_000_000_000_000_000_000
_UNITS = {"ns": 1, "us": 1_000, "ms": 1_000_000, "s": NS, "m": 60 * NS, "h": 3600 * NS}
_TIMESTAMP = re.compile(
    r"""
    (?P<day> [0-9]{4}-[0-9]{2}-[0-9]{2} )
    (?: [Tt] (?P<minute> [0-9]{2}:[0-9]{2} ) (?: :(?P<second> [0-9]{2} ) (?: [.,](?P<part> [0-9]{1,18} ) )? )?
        (?: [Zz] | (?P<sign> [+-] ) (?P<hours> [0-9]{2} ) (?: :? (?P<minutes> [0-9]{2} ) )? )?    # none: UTC
    )?                                                                                # a date is its midnight
    """,
    re.VERBOSE,
)
_BEFORE_FRACTION = frozenset({".", "Z"})
_LONGEST = 64
"""No time, duration or address is longer, and answers are kept: what is longer must not be."""

_SECOND = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}")
_OFFSET = re.compile(r"(?P<sign>[+-])(?P<hours>[0-9]{2})(?::?(?P<minutes>[0-9]{2}))?")
_ADDRESSES = re.compile(r"[0-9a-fA-F:.]{2,45}(?:/[0-9]{1,3})?")
_DAY_S = 86_400
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instant(text: str) -> int | None:
    """Nanoseconds since the epoch of an RFC 3339 time or an ISO 8601 date."""
    return _instant(text) if len(text) <= _LONGEST else None


@lru_cache(maxsize=4096)
def _instant(text: str) -> int | None:
    """As `instant`. Both bounds of a window ask of the same entry."""
    if text[-1:] == "Z" and text[19:20] in _BEFORE_FRACTION:  # Cloud Logging's own form needs no pattern
        seconds, part = _second(text[:19]), text[20:-1]
        if seconds is not None and (not part or (part.isascii() and part.isdecimal())):
            return seconds * NS + int(part[:9].ljust(9, "0"))
    return _instant_of_any_form(text)


def _instant_of_any_form(text: str) -> int | None:
    found = _TIMESTAMP.fullmatch(text)
    if found is None:
        return None
    seconds = _second(f"{found['day']}T{found['minute'] or '00:00'}:{found['second'] or '00'}")
    if seconds is None:
        return None
    if found["sign"]:
        shift = int(found["hours"]) * 3600 + int(found["minutes"] or 0) * 60
        seconds += -shift if found["sign"] == "+" else shift
    return seconds * NS + int((found["part"] or "0")[:9].ljust(9, "0"))


@lru_cache(maxsize=1 << 14)
def _second(text: str) -> int | None:
    """Seconds since the epoch of "2026-03-01T12:00:00"; the entries of a second share the answer."""
    leap = text.endswith("60")  # RFC 3339 allows 23:59:60
    try:
        whole = datetime.fromisoformat(f"{text[:-2]}59+00:00" if leap else f"{text}+00:00")
    except ValueError:
        return None
    since = whole - _EPOCH
    return since.days * _DAY_S + since.seconds + leap if _SECOND.fullmatch(text) else None


def duration(text: str) -> int | None:
    """Nanoseconds of "1.5s", "200ms", "-2h"; parts of a nanosecond are cut."""
    return _duration(text) if len(text) <= _LONGEST else None


@lru_cache(maxsize=4096)
def _duration(text: str) -> int | None:
    found = _DURATION.fullmatch(text)
    if found is None or not (found["whole"] or found["part"]):
        return None
    digits = found["whole"] + (found["part"] or "").ljust(_PART_DIGITS, "0")
    length = int(digits) * _UNITS[found["unit"]] // _PARTS
    return -length if found["sign"] == "-" else length


def offset(text: str) -> int | None:
    """Seconds east of UTC of "+05:30", "-0800" or "+01"."""
    found = _OFFSET.fullmatch(text)
    if found is None:
        return None
    seconds = int(found["hours"]) * 3600 + int(found["minutes"] or 0) * 60
    return None if seconds >= _DAY_S else -seconds if found["sign"] == "-" else seconds


def names_its_zone(text: str) -> bool:
    """Whether a time says which zone it is of."""
    found = _TIMESTAMP.fullmatch(text.replace(" ", "T", 1))
    return found is not None and (found["sign"] is not None or text[-1] in "Zz")


def addresses(text: str) -> Addresses | None:
    """An IP address or a range by the length of its prefix; Python's own reading takes masks as well."""
    return _addresses(text) if len(text) <= _LONGEST else None


@lru_cache(maxsize=1024)
def _addresses(text: str) -> Addresses | None:
    if not _ADDRESSES.fullmatch(text):
        return None
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


def integer(text: str) -> int | None:
    """A signed integer; its range is the type's matter."""
    return int(text) if _INTEGER.fullmatch(text) else None


def number(text: str) -> float | None:
    """A double: sign, fraction and exponent as they come, and NaN and the infinities by name."""
    if _NUMBER.fullmatch(text):
        return float(text)
    name = _NO_NUMBERS.get(text.lower())
    return None if name is None else float(name)


def boolean(text: str) -> bool | None:
    """True or false in any letter case."""
    return {"true": True, "false": False}.get(text.lower())


def severity(text: str) -> int | None:
    """The number of a severity, by name in any letter case or by number."""
    named = SEVERITIES.get(text.upper())
    return integer(text) if named is None else named


def _int32(text: str) -> int | None:
    value = integer(text)
    return value if value is not None and -(2**31) <= value < 2**31 else None


def _int64(text: str) -> int | None:
    value = integer(text)
    return value if value is not None and -(2**63) <= value < 2**63 else None


def _itself(text: str) -> str:
    return text


OF_TEXT: Mapping[Kind, Callable[[str], Any]] = {
    Kind.STRING: _itself,
    Kind.INT32: _int32,
    Kind.INT64: _int64,
    Kind.DOUBLE: number,
    Kind.BOOL: boolean,
    Kind.SEVERITY: severity,
    Kind.TIMESTAMP: instant,
    Kind.DURATION: duration,
}
"""What a filter's text is as a value of a kind; None where it does not convert."""


def _json_text(raw: object) -> str | None:
    return raw if type(raw) is str else None


def _json_integer(raw: object) -> int | None:
    if type(raw) is int:
        return raw
    if type(raw) is str:
        return integer(raw)
    return int(raw) if type(raw) is float and raw.is_integer() else None


def json_number(raw: object) -> float | None:
    """A JSON number as the double that it is; no boolean."""
    if type(raw) is float:
        return raw
    if type(raw) is not int:
        return None
    try:
        return float(raw)
    except OverflowError:
        return float("inf") if raw > 0 else float("-inf")


def _json_boolean(raw: object) -> bool | None:
    return raw if type(raw) is bool else None


def _json_severity(raw: object) -> int | None:
    if type(raw) is str:
        named = SEVERITIES.get(raw)
        return severity(raw) if named is None else named
    return raw if type(raw) is int else None


def _json_instant(raw: object) -> int | None:
    return instant(raw) if type(raw) is str else None


def _json_duration(raw: object) -> int | None:
    return duration(raw) if type(raw) is str else None


OF_JSON: Mapping[Kind, Callable[[object], Any]] = {
    Kind.STRING: _json_text,
    Kind.INT32: _json_integer,
    Kind.INT64: _json_integer,
    Kind.DOUBLE: json_number,
    Kind.BOOL: _json_boolean,
    Kind.SEVERITY: _json_severity,
    Kind.TIMESTAMP: _json_instant,
    Kind.DURATION: _json_duration,
}
"""What an entry's JSON is as a value of a kind; None where it is none."""

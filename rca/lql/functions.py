"""Functions of the language, evaluated: each node of the tree becomes a function of the entry.

In: nodes that calls.py made. Out: conditions, and the values of cast and regexp_extract. Raises `MistakeError` for
what can only be seen with the types at hand.
Decides what the documentation leaves open: `cast` writes times as GoogleSQL does ("2026-03-01 12:00:00.250+00"),
whose names and types these functions have; a sample is drawn by BLAKE2, since no hash is named; a log id is
compared in any letter case, as every text is.
Source: "Logging query language", Functions; GoogleSQL, Conversion functions.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from hashlib import blake2b
from ipaddress import IPv4Network, IPv6Network
from typing import Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from rca.lql import patterns, values
from rca.lql.errors import MistakeError, shown
from rca.lql.folding import fold
from rca.lql.matching import elements
from rca.lql.reading import MISSING, Entry, inside, known, repeated
from rca.lql.schema import SCALARS, Kind, Place, Undefined, resolve
from rca.lql.tree import Cast, CastType, Field, IpInNet, LogId, Operand, RegexpExtract, Sample, Source

Predicate = Callable[[Entry], bool]
Typed = tuple[Kind, Any]
"""A value of a field, converted, with its kind."""

Values = Callable[[Entry], Sequence[Typed]]

KINDS = {
    CastType.STRING: Kind.STRING,
    CastType.INT64: Kind.INT64,
    CastType.FLOAT64: Kind.DOUBLE,
    CastType.BOOL: Kind.BOOL,
    CastType.TIMESTAMP: Kind.TIMESTAMP,
    CastType.DURATION: Kind.DURATION,
}
_JSON_KINDS = {str: Kind.STRING, bool: Kind.BOOL, int: Kind.DOUBLE, float: Kind.DOUBLE}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAMES = {number: name for name, number in values.SEVERITIES.items()}
_HASHES = 1 << 64
_LONGEST_LOG_NAME = 2_048
"""A log id has at most 511 characters; what is longer is no log's name, and must not be kept."""

_EXACT = 1e15
"""Below this a double that is whole is written without a fraction, as JSON has it."""


def place_of(field: Field) -> Place:
    """Where the field lies; raises `MistakeError` where no entry has such a field."""
    found = resolve(field.path)
    if isinstance(found, Undefined):
        raise MistakeError(found.problem, found.hint, at=field.at)
    return found


def kind_of(operand: Cast | RegexpExtract) -> Kind:
    """What the values of a function are."""
    return KINDS[operand.type] if isinstance(operand, Cast) else Kind.STRING


def values_of(operand: Operand) -> Values:
    """The values of an operand: one, several for a list, none where a payload's field or a label is missing."""
    if isinstance(operand, Field):
        return _field_values(operand)
    of = values_of(operand.operand)
    if isinstance(operand, RegexpExtract):
        return _extracted(of, operand)
    kind = KINDS[operand.type]
    zone = _zone(operand)

    def cast(entry: Entry) -> Sequence[Typed]:
        found = [_cast(one, value, kind, zone) for one, value in of(entry)]
        return [(kind, value) for value in found if value is not None]

    return cast


def _field_values(field: Field) -> Values:
    place = place_of(field)
    if place.kind not in SCALARS and not place.inner:
        raise MistakeError(
            f"{'.'.join(place.keys)} holds fields and no value of its own",
            "name one of its fields",
            at=field.at,
        )
    read = values.OF_JSON.get(place.kind)
    if read is None:
        return _payload_values(place)
    several = repeated(place) if place.repeated else None
    fetch, default = known(place.keys), values.DEFAULTS[place.kind]

    def typed(entry: Entry) -> Sequence[Typed]:
        """What the entry holds there, or the default of the field's type; what is of no such type is left out."""
        raws = several(entry) if several else [fetch(entry)]
        read_all = [default if raw is None else read(raw) for raw in raws]
        return [(place.kind, value) for value in read_all if value is not None]

    return typed


def _payload_values(place: Place) -> Values:
    within = inside(place)

    def typed(entry: Entry) -> Sequence[Typed]:
        """What the payload holds there, each of the type that JSON gives it; objects and null have none."""
        raw = within(entry)
        if raw is MISSING:
            return ()
        raws = elements(raw) if type(raw) is list else (raw,)
        return [(kind, one) for one in raws if (kind := _JSON_KINDS.get(type(one))) is not None]

    return typed


def _extracted(of: Values, node: RegexpExtract) -> Values:
    try:
        groups = patterns.groups(node.pattern)
    except patterns.PatternError as error:
        raise pattern_mistake(error, node.at) from None
    if groups != 1:
        raise MistakeError(
            f"regexp_extract takes the text of one group, and this pattern has {groups or 'none'}",
            "put one pair of parentheses around what you want; groups that only hold together are (?:…)",
            at=node.at,
        )

    def extracted(entry: Entry) -> Sequence[Typed]:
        """The text of the group in each text that the pattern matches; other types match nothing."""
        found = [
            patterns.first_group(node.pattern, value) for kind, value in of(entry) if kind is Kind.STRING
        ]
        return [(Kind.STRING, text) for text in found if text is not None]

    return extracted


def pattern_mistake(error: patterns.PatternError, at: int) -> MistakeError:
    """What to say of a pattern that RE2 refuses."""
    hint = r"RE2 has no look-ahead, look-behind or back-reference; a literal ( or * is written \\( or \\*"
    return MistakeError(f"RE2 refuses this pattern: {shown(str(error), 80)}", hint, at=at)


# --- cast ------------------------------------------------------------------------------------------------


def _zone(node: Cast) -> tzinfo:
    """The time zone of a cast, an offset or an IANA name; UTC where none is given."""
    if node.zone is None:
        return UTC
    offset = values.offset(node.zone)
    if offset is not None:
        return timezone(timedelta(seconds=offset))
    try:
        return ZoneInfo(node.zone)
    except (KeyError, ValueError, OSError):  # unknown; not a relative path; a folder of zones
        raise MistakeError(
            f'there is no time zone "{shown(node.zone)}"',
            'zones are written "Europe/Zurich" or "+01:00"',
            at=node.at,
        ) from None


def _cast(kind: Kind, value: Any, to: Kind, zone: tzinfo) -> Any:  # noqa: ANN401 - one type a kind
    """The value as another kind; None where that makes no sense, and then the comparison fails."""
    if to is Kind.STRING:
        return _as_text(kind, value, zone)
    if kind is Kind.STRING:
        return _from_text(value, to, zone)
    make = _CASTS.get((kind, to))
    return make(value) if make else value if to is kind else None


def _rounded(value: float) -> int | None:
    """The nearest integer, halves away from zero; None outside 64 bits, where NaN and the infinities are."""
    if not -(2**63) <= value < 2**63:
        return None
    whole = int(value)
    return whole + (1 if value > 0 else -1) if abs(value - whole) >= 0.5 else whole  # noqa: PLR2004 - a half


_CASTS: dict[tuple[Kind, Kind], Callable[[Any], Any]] = {
    (Kind.INT32, Kind.INT64): int,
    (Kind.DOUBLE, Kind.INT64): _rounded,
    (Kind.BOOL, Kind.INT64): int,
    (Kind.SEVERITY, Kind.INT64): int,
    (Kind.INT32, Kind.DOUBLE): float,
    (Kind.INT64, Kind.DOUBLE): float,
    (Kind.INT32, Kind.BOOL): bool,
    (Kind.INT64, Kind.BOOL): bool,
}
"""Casts between kinds that are no text, as GoogleSQL has them."""


def _from_text(text: str, to: Kind, zone: tzinfo) -> Any:  # noqa: ANN401 - one type a kind
    if to is not Kind.TIMESTAMP:
        return values.OF_TEXT[to](text)
    at = values.instant(text.replace(" ", "T", 1))
    if at is None or zone is UTC or values.names_its_zone(text):
        return at
    local = _moment(at)
    shift = local.replace(tzinfo=zone).utcoffset() if local else None
    return None if shift is None else at - int(shift.total_seconds()) * values.NS


def _as_text(kind: Kind, value: Any, zone: tzinfo) -> str | None:  # noqa: ANN401 - one type a kind
    match kind:
        case Kind.TIMESTAMP:
            return _written(value, zone)
        case Kind.DURATION:
            sign, length = ("-" if value < 0 else ""), abs(value)
            return f"{sign}{length // values.NS}{_fraction(length % values.NS)}s"
        case Kind.SEVERITY:
            return _NAMES.get(value, str(value))
        case Kind.BOOL:
            return "true" if value else "false"
        case Kind.DOUBLE:
            return str(int(value)) if abs(value) < _EXACT and value == int(value) else repr(float(value))
        case _:
            return str(value)


def _written(at: int, zone: tzinfo) -> str | None:
    """A time as GoogleSQL's CAST(timestamp AS STRING) writes it."""
    moment = _moment(at)
    if moment is None:
        return None
    try:
        local = moment.astimezone(zone)
    except OverflowError:  # the first and the last day that Python knows
        return None
    offset = local.strftime("%z")
    shift = offset[:3] if offset[3:] == "00" else f"{offset[:3]}:{offset[3:5]}"
    return f"{local.isoformat(' ', 'seconds')[:19]}{_fraction(at % values.NS)}{shift}"


def _fraction(nanos: int) -> str:
    """Nothing, three, six or nine digits."""
    digits = f"{nanos:09}"
    while digits.endswith("000"):
        digits = digits[:-3]
    return f".{digits}" if digits else ""


def _moment(at: int) -> datetime | None:
    try:
        return _EPOCH + timedelta(seconds=at // values.NS)
    except OverflowError:
        return None


# --- conditions ------------------------------------------------------------------------------------------


@lru_cache(maxsize=1024)
def _log_id(log_name: str) -> str:
    """The log id of a log name, folded; a project's logs have few names."""
    return fold(unquote(log_name.partition("/logs/")[2]))


def log_id(node: LogId) -> Predicate:
    """Whether the entry is of that log."""
    wanted = fold(node.log_id)

    def holds(entry: Entry) -> bool:
        name = entry.get("logName")
        return type(name) is str and len(name) <= _LONGEST_LOG_NAME and _log_id(name) == wanted

    return holds


def source(node: Source) -> Predicate:
    """Whether the entry's log belongs to that resource itself."""
    wanted = fold(node.resource)

    def holds(entry: Entry) -> bool:
        name = entry.get("logName")
        return type(name) is str and fold(name.partition("/logs/")[0]) == wanted

    return holds


def sample(node: Sample) -> Predicate:
    """Whether the entry is in the share: the same for the same value, always."""
    of, limit = values_of(node.field), node.fraction * _HASHES

    def holds(entry: Entry) -> bool:
        return any(_hash(value) <= limit for _, value in of(entry))

    return holds


def _hash(value: object) -> int:
    digest = blake2b(str(value).encode(errors="replace"), digest_size=8)
    return int.from_bytes(digest.digest())


def ip_in_net(node: IpInNet) -> Predicate:
    """Whether the field holds an address or a range inside the range."""
    of, network = values_of(node.field), values.addresses(node.network)

    def holds(entry: Entry) -> bool:
        return any(kind is Kind.STRING and _inside(value, network) for kind, value in of(entry))

    return holds


def _inside(text: str, network: values.Addresses | None) -> bool:
    held = values.addresses(text)
    if isinstance(held, IPv4Network) and isinstance(network, IPv4Network):
        return held.subnet_of(network)
    return isinstance(held, IPv6Network) and isinstance(network, IPv6Network) and held.subnet_of(network)

"""Functions of the language: a name and its arguments become a node, or a mistake that says how it is called.

Names are taken in any letter case. Source: "Logging query language", Functions. `cast` takes its time zone as
TIMEZONE(...) there, as TIME_ZONE(...) elsewhere: both are read.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rca.lql.errors import MistakeError, shown
from rca.lql.tree import (
    Cast,
    CastType,
    Condition,
    Field,
    IpInNet,
    LogId,
    Operand,
    RegexpExtract,
    Sample,
    Search,
    Source,
)
from rca.lql.values import addresses
from rca.lql.words import Word

CAST_WITH_ZONE = 'cast(timestamp, STRING, TIMEZONE("Europe/Zurich"))'

_SOURCE = re.compile(r"(?:projects|folders|organizations|billingAccounts)/[^/\s]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Zone:
    """`TIMEZONE("Europe/Zurich")`, which stands inside cast and nowhere else."""

    name: str
    at: int


Argument = Word | Condition | Operand | Zone
Made = Condition | Operand | Zone


def call(name: str, at: int, arguments: Sequence[Argument]) -> Made:
    """The node that a call makes; raises `MistakeError` where there is no such function or it is called otherwise."""
    known = _FUNCTIONS.get(name.lower())
    if known is None:
        usages = ", ".join(
            sorted({one.usage.partition("(")[0] for one in _FUNCTIONS.values()} - {"TIMEZONE"})
        )
        raise MistakeError(f'there is no function "{shown(name)}"', f"there are {usages}", at=at)
    if not known.fewest <= len(arguments) <= known.most:
        raise MistakeError(f"{name} takes other arguments", f"write {known.usage}", at=at)
    return known.make(arguments, at)


def _log_id(arguments: Sequence[Argument], at: int) -> LogId:
    return LogId(_text(arguments[0], "a log id", at), at)


def _source(arguments: Sequence[Argument], at: int) -> Source:
    resource = _text(arguments[0], "a resource", at)
    if not _SOURCE.fullmatch(resource):
        raise MistakeError(
            f'"{shown(resource)}" is no resource that logs belong to',
            "write source(projects/PROJECT_ID), or folders/, organizations/ or billingAccounts/ with an id",
            at=_place(arguments[0], at),
        )
    return Source(resource, at)


def _sample(arguments: Sequence[Argument], at: int) -> Sample:
    fraction = arguments[1]
    share = float(fraction.text()) if isinstance(fraction, Word) and fraction.number else 0.0
    if not 0.0 < share <= 1.0:
        raise MistakeError(
            "the share of a sample is above 0 and at most 1", "a tenth is 0.1", at=_place(fraction, at)
        )
    return Sample(_field(arguments[0], at), share, at)


def _ip_in_net(arguments: Sequence[Argument], at: int) -> IpInNet:
    network = _text(arguments[1], "a range of addresses", at)
    if addresses(network) is None:
        raise MistakeError(
            f'"{shown(network)}" is no IP address or range',
            'ranges are written "10.1.2.0/24" or "1:2::/48"',
            at=_place(arguments[1], at),
        )
    return IpInNet(_field(arguments[0], at), network, at)


def _search(arguments: Sequence[Argument], at: int) -> Search:
    query = arguments[-1]
    if not isinstance(query, Word) or not query.quoted:
        raise MistakeError(
            "what SEARCH looks for stands in quotes",
            'write SEARCH("words") or SEARCH(textPayload, "words")',
            at=_place(query, at),
        )
    return Search(_field(arguments[0], at) if len(arguments) > 1 else None, query.text(), at)


def _cast(arguments: Sequence[Argument], at: int) -> Cast:
    name = _text(arguments[1], "a type", at).upper()
    if name not in CastType.__members__:
        raise MistakeError(
            f'there is no type "{shown(name)}"',
            f"there are {', '.join(CastType)}",
            at=_place(arguments[1], at),
        )
    zone = arguments[2] if len(arguments) > 2 else None  # noqa: PLR2004 - the third argument is the option
    if zone is not None and not isinstance(zone, Zone):
        raise MistakeError(
            "the third argument of cast is a time zone",
            'write TIMEZONE("Europe/Zurich")',
            at=_place(zone, at),
        )
    return Cast(_operand(arguments[0], at), CastType(name), zone.name if zone else None, at)


def _regexp_extract(arguments: Sequence[Argument], at: int) -> RegexpExtract:
    pattern = arguments[1]
    if not isinstance(pattern, Word):
        raise MistakeError("a regular expression stands in quotes", at=_place(pattern, at))
    return RegexpExtract(_operand(arguments[0], at), pattern.pattern(), at)


def _zone(arguments: Sequence[Argument], at: int) -> Zone:
    return Zone(_text(arguments[0], "a time zone", at), at)


def _text(argument: Argument, what: str, at: int) -> str:
    """The text of an argument, quoted or not."""
    if isinstance(argument, Word):
        return argument.text()
    raise MistakeError(f"here stands {what}, as text in quotes", at=_place(argument, at))


def _field(argument: Argument, at: int) -> Field:
    if isinstance(argument, Word) and not argument.quoted:
        return argument.field()
    raise MistakeError("here stands the name of a field, without quotes", at=_place(argument, at))


def _operand(argument: Argument, at: int) -> Operand:
    return argument if isinstance(argument, Cast | RegexpExtract) else _field(argument, at)


def _place(argument: Argument, at: int) -> int:
    """Where an argument stands; a condition has no place of its own, so the call's is taken."""
    return getattr(argument, "at", at)


@dataclass(frozen=True, slots=True)
class _Function:
    usage: str
    make: Callable[[Sequence[Argument], int], Made]
    fewest: int
    most: int


_FUNCTIONS = {
    "log_id": _Function('log_id("run.googleapis.com/stdout")', _log_id, 1, 1),
    "source": _Function("source(projects/PROJECT_ID)", _source, 1, 1),
    "sample": _Function("sample(insertId, 0.1)", _sample, 2, 2),
    "ip_in_net": _Function('ip_in_net(httpRequest.remoteIp, "10.0.0.0/8")', _ip_in_net, 2, 2),
    "search": _Function('SEARCH("words") or SEARCH(textPayload, "words")', _search, 1, 2),
    "cast": _Function("cast(jsonPayload.count, INT64)", _cast, 2, 3),
    "regexp_extract": _Function('regexp_extract(textPayload, "took (\\\\d+) ms")', _regexp_extract, 2, 2),
    "timezone": _Function(CAST_WITH_ZONE, _zone, 1, 1),
    "time_zone": _Function(CAST_WITH_ZONE, _zone, 1, 1),
}

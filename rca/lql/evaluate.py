"""A tree into one function of the entry: each node becomes a closure, made once for all entries.

In: a tree. Out: whether an entry is what was asked. Raises `MistakeError` for fields that no entry has, patterns that
RE2 refuses, functions that make no sense on their field.
Decides what a comparison with something missing is: false for a payload's field or a label; for a field of LogEntry
itself the default counts. textPayload is "defined in the LogEntry type" and so has a default, too.
Source: "Logging query language", Boolean operators, Missing fields, Global restrictions.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rca.lql import functions, patterns
from rca.lql.anywhere import among, everywhere
from rca.lql.errors import MistakeError
from rca.lql.functions import Predicate
from rca.lql.matching import Asked, Check, json_check, raw_check, value_check
from rca.lql.reading import (
    MISSING,
    Entry,
    in_struct_of_audit_log,
    inside,
    known,
    present,
    repeated,
    values_below,
)
from rca.lql.schema import SCALARS, Kind, Place
from rca.lql.search import search
from rca.lql.tree import (
    And,
    Comparison,
    Condition,
    Field,
    IpInNet,
    LogId,
    Not,
    Operand,
    Operator,
    Or,
    Sample,
    Search,
    Source,
    Special,
    Term,
)
from rca.lql.values import DEFAULTS

_PAYLOADS = frozenset({Kind.STRUCT, Kind.PROTO})


def predicate(node: Condition) -> Predicate:
    """Whether an entry is what the tree asks for."""
    return _MAKERS[type(node)](node)


def _all(parts: Sequence[Predicate]) -> Predicate:
    if len(parts) == 1:
        return parts[0]

    def holds(entry: Entry) -> bool:
        """Whether every part holds for the entry; those after the first that does not are not asked."""
        for part in parts:  # noqa: SIM110 - all() with a generator takes twice as long, once for each entry
            if not part(entry):
                return False
        return True

    return holds


def _any(parts: Sequence[Predicate]) -> Predicate:
    if len(parts) == 1:
        return parts[0]

    def holds(entry: Entry) -> bool:
        """Whether a part holds for the entry; those after it are not asked."""
        for part in parts:  # noqa: SIM110 - as in _all
            if part(entry):
                return True
        return False

    return holds


def _not(part: Predicate) -> Predicate:
    return lambda entry: not part(entry)


def _alternatives(operands: Sequence[Condition]) -> list[Predicate]:
    """The parts of an OR. Comparisons of one field become one: it is fetched and folded once.

    That changes no answer: a list's elements are joined with OR as well. And where an entry has no payload of a
    kind, nothing below it is asked for: all of it is missing, and no comparison with it holds.
    """
    others: list[Predicate] = []
    fields: dict[Operand, list[Comparison]] = {}
    below: dict[str, list[Predicate]] = {}
    for part in operands:
        if not isinstance(part, Comparison):
            others.append(predicate(part))
        elif part.value is Special.PRESENT:
            _by_payload(part.operand, below, others).append(predicate(part))
        else:
            fields.setdefault(part.operand, []).append(part)
    for operand, parts in fields.items():
        _by_payload(operand, below, others).append(_compared(operand, parts))
    return [*(_where_present(key, _any(parts)) for key, parts in below.items()), *others]


def _by_payload(
    operand: Operand, below: dict[str, list[Predicate]], others: list[Predicate]
) -> list[Predicate]:
    """The list that a comparison belongs to: that of its payload, or else the others."""
    if not isinstance(operand, Field):
        return others
    place = functions.place_of(operand)
    return below.setdefault(place.keys[0], []) if place.kind in _PAYLOADS and len(place.keys) == 1 else others


def _where_present(key: str, part: Predicate) -> Predicate:
    return lambda entry: key in entry and part(entry)


def _compared(operand: Operand, comparisons: Sequence[Comparison]) -> Predicate:
    """Whether one of the comparisons of an operand holds."""
    for one in comparisons:
        if one.operator in {Operator.MATCHES, Operator.MATCHES_NOT} and isinstance(one.value, str):
            try:
                patterns.compiled(one.value)
            except patterns.PatternError as error:
                raise functions.pattern_mistake(error, one.value_at) from None
    asked = [(one.operator, one.value) for one in comparisons]
    if isinstance(operand, Field):
        return _field(operand, asked)
    of = functions.values_of(operand)
    if asked == [(Operator.HAS, Special.PRESENT)]:
        return lambda entry: bool(of(entry))
    accepts = value_check(functions.kind_of(operand), asked)
    return lambda entry: any(accepts(value) for _, value in of(entry))


def _field(field: Field, asked: Sequence[Asked]) -> Predicate:
    """Whether a field of the entry is accepted."""
    place = functions.place_of(field)
    if asked == [(Operator.HAS, Special.PRESENT)]:
        return present(place)
    if place.kind not in SCALARS:
        return _inside(place, asked) if place.inner else _whole(place, asked, field.at)
    check = raw_check(place.kind, asked)
    if place.repeated:
        several = repeated(place)
        return lambda entry: any(check(raw) for raw in several(entry))
    return _known(place.keys, check, missing=value_check(place.kind, asked)(DEFAULTS[place.kind]))


def _known(keys: tuple[str, ...], check: Check, *, missing: bool) -> Predicate:
    """Whether a field of LogEntry is accepted; the commonest of all nodes, so one call less where it can be."""
    if len(keys) == 1:
        (key,) = keys

        def holds_one(entry: Entry) -> bool:
            raw = entry.get(key)
            return missing if raw is None else check(raw)

        return holds_one
    fetch = known(keys)

    def holds(entry: Entry) -> bool:
        raw = fetch(entry)
        return missing if raw is None else check(raw)

    return holds


def _inside(place: Place, asked: Sequence[Asked]) -> Predicate:
    """Whether what lies below a map, a struct or a proto is accepted; what is missing is not."""
    proto = place.kind is Kind.PROTO and not in_struct_of_audit_log(place)
    check, fetch = json_check(asked, proto=proto), inside(place)

    def holds(entry: Entry) -> bool:
        raw = fetch(entry)
        return raw is not MISSING and check(raw)

    return holds


def _whole(place: Place, asked: Sequence[Asked], at: int) -> Predicate:
    """Whether an object of the schema has what `:` asks for."""
    if any(operator is not Operator.HAS for operator, _ in asked):
        raise MistakeError(
            f"{'.'.join(place.keys)} holds fields and has no value of its own",
            f"name one of its fields, or ask for any with {'.'.join(place.keys)}:text",
            at=at,
        )
    if place.kind is not Kind.MESSAGE:
        return _inside(place, asked)
    fetch = known(place.keys)
    holds = among([value for _, value in asked if isinstance(value, str)], every=False)
    return lambda entry: holds(values_below(fetch(entry), place.message))


def _parts(operands: Sequence[Condition], *, every: bool) -> list[Predicate]:
    """The parts of an AND or an OR; its terms become one part, and stand last: they look at all of an entry."""
    terms = [part.text for part in operands if isinstance(part, Term)]
    others = [part for part in operands if not isinstance(part, Term)]
    made = [predicate(part) for part in others] if every else _alternatives(others)
    return [*made, everywhere(terms, every=every)] if terms else made


_MAKERS: Mapping[type, Callable[[Any], Predicate]] = {
    And: lambda node: _all(_parts(node.operands, every=True)),
    Or: lambda node: _any(_parts(node.operands, every=False)),
    Not: lambda node: _not(predicate(node.operand)),
    Comparison: lambda node: _compared(node.operand, [node]),
    Term: lambda node: everywhere([node.text], every=True),
    Search: search,
    LogId: functions.log_id,
    Source: functions.source,
    Sample: functions.sample,
    IpInNet: functions.ip_in_net,
}
"""Every kind of condition."""

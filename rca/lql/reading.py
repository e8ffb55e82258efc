"""What an entry holds at a place: paths, lists on the way, and every value there is.

In: an entry and a place (rca.lql.schema). Out: functions that fetch what is there. Decides what "missing" is, how a
path goes through a list of objects, and that a protocol buffer's names are found in any spelling and its Any is
passed through. Nothing recurses: a payload may be as deep as JSON lets it.
Source: "Logging query language", Field path identifiers, Missing fields, Object and array types; "Troubleshoot
Logging query language": "the value field is automatically traversed".
"""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from rca.lql.matching import elements
from rca.lql.schema import Kind, Member, Place, by_json_name, plain, structs_of_audit_logs

Entry = Mapping[str, Any]
Fetch = Callable[[Entry], Any]


class _Missing:
    """The mark of what is not there: None is JSON's null."""


MISSING: Final = _Missing()


@lru_cache(maxsize=1024)
def known(keys: tuple[str, ...]) -> Fetch:
    """What lies at a field of LogEntry; None where there is none, null included."""
    if len(keys) == 1:
        (only,) = keys
        return lambda entry: entry.get(only)
    if len(keys) == 2:  # noqa: PLR2004 - most fields have one name or two
        outer, inner = keys

        def fetch_two(entry: Entry) -> Any:  # noqa: ANN401 - JSON
            message = entry.get(outer)
            return message.get(inner) if type(message) is dict else None

        return fetch_two

    def fetch(entry: Entry) -> Any:  # noqa: ANN401 - JSON
        value: Any = entry
        for key in keys:
            value = value.get(key) if isinstance(value, Mapping) else None
        return value

    return fetch


def repeated(place: Place) -> Callable[[Entry], list[Any]]:
    """The values of a field below a list, as of errorGroups.id."""
    outer, *inner = place.keys

    def fetch(entry: Entry) -> list[Any]:
        found = _spread(entry.get(outer), tuple(inner), _exact)
        return [one for one in elements(found) if one is not None]

    return fetch


@lru_cache(maxsize=1024)
def inside(place: Place) -> Fetch:
    """What lies below a map, a struct or a proto; `MISSING` where nothing does.

    A path through lists of objects gives a list of all that it reaches: any of it may hold.
    """
    root = known(place.keys)
    if place.kind is not Kind.PROTO:
        return _below(root, place.inner, _exact)
    first, rest = place.inner[:1], place.inner[1:]
    if in_struct_of_audit_log(place):
        return _below(_below(root, first, _loose), rest, _exact)
    within = _below(root, place.inner, _loose)
    return lambda entry: _unwrapped(within(entry))


def in_struct_of_audit_log(place: Place) -> bool:
    """Whether a path below protoPayload leads into JSON, where keys keep their letter case and text is text."""
    return len(place.inner) > 1 and plain(place.inner[0]) in structs_of_audit_logs()


Step = Callable[[dict[str, Any], str], Any]


def _below(root: Fetch, names: tuple[str, ...], step: Step) -> Fetch:
    """What lies at the names below a value."""
    if len(names) == 1 and step is _exact:
        (only,) = names

        def fetch_one(entry: Entry) -> Any:  # noqa: ANN401 - JSON
            value = root(entry)
            if type(value) is dict:
                return value.get(only, MISSING)
            return (_spread(value, names, step) or MISSING) if type(value) is list else MISSING

        return fetch_one

    def fetch(entry: Entry) -> Any:  # noqa: ANN401 - JSON
        value = root(entry)
        for depth, name in enumerate(names):
            if type(value) is dict:
                value = step(value, name)
            elif type(value) is list:
                return _spread(value, names[depth:], step) or MISSING
            else:
                return MISSING
        return MISSING if value is None and not names else value

    return fetch


def _spread(values: Any, names: tuple[str, ...], step: Step) -> list[Any]:  # noqa: ANN401 - JSON
    """All that the names reach from the objects of a list."""
    current = [values]
    for name in names:
        flat = (one for value in current for one in (elements(value) if type(value) is list else (value,)))
        current = [found for one in flat if type(one) is dict and (found := step(one, name)) is not MISSING]
    return current


def _exact(message: dict[str, Any], name: str) -> Any:  # noqa: ANN401 - JSON
    return message.get(name, MISSING)


def _loose(message: dict[str, Any], name: str) -> Any:  # noqa: ANN401 - JSON
    """The field of a protocol buffer, in any spelling; of an Any that JSON wraps, the field of what it holds."""
    if name in message:
        return message[name]
    wanted = plain(name)
    for key, value in message.items():
        if plain(key) == wanted:
            return value
    held = message.get("value") if "@type" in message else None
    if type(held) is not dict:
        return MISSING
    return held[name] if name in held else next((held[key] for key in held if plain(key) == wanted), MISSING)


def _unwrapped(value: Any) -> Any:  # noqa: ANN401 - JSON
    """What an Any holds that JSON writes as {"@type", "value"}; everything else as it is."""
    if type(value) is dict and len(value) == 2 and "@type" in value and "value" in value:  # noqa: PLR2004 - these two
        return value["value"]
    return value


def present(place: Place) -> Callable[[Entry], bool]:
    """Whether something is explicitly there, null included where JSON has nulls of its own."""
    if place.inner:
        within = inside(place)
        return lambda entry: within(entry) is not MISSING
    if place.repeated:
        several = repeated(place)
        return lambda entry: bool(several(entry))
    fetch = known(place.keys)
    if place.kind is Kind.MAP:
        return lambda entry: bool(fetch(entry))  # a map without keys is no map
    return lambda entry: fetch(entry) is not None


def values(entry: Entry) -> Iterator[tuple[Kind, Any]]:
    """Every scalar that an entry explicitly has, with its kind; values of payloads by the type that JSON gives them."""
    return values_below(entry, "LogEntry")


def values_below(message: Any, name: str) -> Iterator[tuple[Kind, Any]]:  # noqa: ANN401 - JSON
    """As `values`, of one message of the schema; a name that the schema has not is read as JSON."""
    waiting: list[tuple[Any, Member]] = [(message, Member("", Kind.MESSAGE, name))]
    while waiting:
        value, of = waiting.pop()
        if type(value) is list:
            waiting.extend((one, of) for one in value)
        elif of.message and isinstance(value, Mapping):
            named = by_json_name(of.message)
            waiting.extend((one, named.get(key, _UNKNOWN)) for key, one in value.items())
        elif type(value) is dict:
            waiting.extend((one, _UNKNOWN) for one in value.values())
        elif of.kind in _OPEN:
            if (kind := _KINDS.get(type(value))) is not None:
                yield kind, value
        elif value is not None:
            yield of.kind, value


_UNKNOWN = Member("", Kind.STRUCT)
_OPEN = frozenset({Kind.STRUCT, Kind.MAP, Kind.PROTO, Kind.MESSAGE})
_KINDS = {str: Kind.STRING, bool: Kind.BOOL, int: Kind.DOUBLE, float: Kind.DOUBLE}

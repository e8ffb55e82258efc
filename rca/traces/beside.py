"""What a payload says beside a stack trace: its exception's name, its message, which error held it.

In: the readings of an entry's fields, and its payload. Out: the same readings, named and put together. Decides by the
mapping that a stack stands in: `{"type": …, "message": …, "stack": …, "cause": {…}}`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from rca.model import Relation
from rca.traces.grammar import Reading

_TYPES = ("type", "class", "name", "exception_class", "error_class", "exc_type")
_MESSAGES = ("message", "msg", "error", "err")
_VALUES = ("panic", "error", "err", "errorVerbose", *_MESSAGES)
"""Go's loggers write what failed beside what they say of it."""
_CAUSES = frozenset({"cause", "Cause", "innerException", "InnerException"})
_MEMBERS = frozenset({"errors", "aggregateErrors", "InnerExceptions"})
_UNNAMED = frozenset({"", "Error", "error", "panic"})
"""What a stack says that does not say what failed: V8's for a subclass, Ruby's calls alone, Go's for any value."""

_DEEPEST = 6
_WIDEST = 200


class Told(NamedTuple):
    """One stack of an entry, and what it was read as."""

    stack: str
    language: str
    reading: Reading


class _Place(NamedTuple):
    """Where in a payload a stack stands."""

    stack: str
    beside: Mapping[str, Any]
    within: str | None
    """The stack of the error that holds this one, and how."""
    relation: Relation


def put_together(found: Sequence[Told], payload: Mapping[str, Any]) -> list[Told]:
    """Return the readings, named as the logger saw them; what an error holds comes before it, as its cause."""
    places = {
        place.stack: place
        for place in _places(payload, {told.stack for told in found}, None, Relation.ROOT, 0)
    }
    named = {told.stack: _named(told, places.get(told.stack)) for told in found}
    held: dict[str, list[Told]] = {}
    for stack, place in places.items():
        if place.within in named and stack in named:
            held.setdefault(place.within or "", []).append(named[stack])
    inner = {told.stack for tolds in held.values() for told in tolds}
    return [_holding(told, held, places, 0) for stack, told in named.items() if stack not in inner]


def _places(
    value: object, stacks: set[str], within: str | None, relation: Relation, depth: int
) -> Iterator[_Place]:
    """Where the stacks stand, the outermost first."""
    if depth > _DEEPEST or not isinstance(value, Mapping):
        return
    items = list(value.items())[:_WIDEST]
    own = next((text for _, inner in items if (text := _joined(inner)) in stacks), None)
    if own is not None:
        yield _Place(own, value, within, relation)
    for name, inner in items:
        if name in _CAUSES:
            yield from _places(inner, stacks, own, Relation.CAUSE, depth + 1)
        elif name in _MEMBERS and isinstance(inner, Sequence):
            for member in inner[:_WIDEST]:
                yield from _places(member, stacks, own, Relation.GROUP, depth + 1)
        else:
            yield from _places(inner, stacks, None, Relation.ROOT, depth + 1)


def _joined(value: object) -> str | None:
    """A stack as `Entry.stacks` has it: text, or a list of lines."""
    if isinstance(value, str):
        return value
    lines = isinstance(value, Sequence) and bool(value) and isinstance(value[0], str)
    return ("" if str(value[0]).endswith("\n") else "\n").join(map(str, value)) if lines else None  # type: ignore[index, call-overload] # `lines` says it is a sequence


def _named(told: Told, place: _Place | None) -> Told:
    """The reading, its last exception called what the fields beside the stack call it, where the stack does not."""
    last = told.reading.exceptions[-1]
    if place is None or last.type not in _UNNAMED:
        return told
    kind = next((name for key in _TYPES if _is_type(name := place.beside.get(key))), None)
    keys = _VALUES if told.language == "go" else _MESSAGES
    said = next((text for key in keys if isinstance(text := place.beside.get(key), str) and text), "")
    renamed = replace(
        last,
        type=kind if kind and last.type != "panic" else last.type,
        message=last.message or said.partition("\n")[0],
    )
    exceptions = (*told.reading.exceptions[:-1], renamed)
    complete = told.reading.complete or all(one.type for one in exceptions)
    return told._replace(reading=replace(told.reading, exceptions=exceptions, complete=complete))


def _is_type(name: object) -> bool:
    """A class's name, of Node or Ruby; a logger's name or a severity is none."""
    return (
        isinstance(name, str)
        and name[:1].isupper()
        and name.replace("::", "").replace(".", "").isidentifier()
    )


def _holding(
    told: Told, held: Mapping[str, Sequence[Told]], places: Mapping[str, _Place], depth: int
) -> Told:
    inner = held.get(told.stack, ()) if depth <= _DEEPEST else ()
    if not inner:
        return told
    before = [one for member in inner for one in _holding(member, held, places, depth + 1).reading.exceptions]
    known = {(one.type, one.message) for one in told.reading.exceptions}
    before = [one for one in before if (one.type, one.message) not in known]
    first, *rest = told.reading.exceptions
    relation = places[inner[0].stack].relation
    outer = (replace(first, relation=relation if before else first.relation), *rest)
    return told._replace(reading=replace(told.reading, exceptions=(*before, *outer)))

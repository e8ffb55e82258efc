"""Stack traces that a structured entry carries in its fields.

In: one entry. Out: the readings of its fields, each exception once. Decides which of an entry's several tellings to
keep, and reads the tracebacks that structlog writes as JSON rather than as text.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rca.model import Entry, ExceptionInfo, Relation
from rca.traces.beside import Told, put_together
from rca.traces.frames import frame
from rca.traces.grammar import Grammar, Reading

_DEEPEST = 4
_WIDEST = 200
"""How far a payload is searched: deeper and wider ones are data."""


def readings(entry: Entry, grammars: Sequence[Grammar]) -> tuple[tuple[str, Reading], ...]:
    """Return (language, reading) for each trace in an entry's fields; one that another contains is left out."""
    told = [Told(stack, *one) for stack in entry.stacks if (one := read(stack, grammars)) is not None]
    if told and entry.payload:
        told = put_together(told, entry.payload)
    found = [(one.language, one.reading) for one in told]
    if not found and entry.payload:
        found.extend(("python", reading) for reading in _structured(entry.payload, 0))
    kept: list[tuple[str, Reading]] = []
    for language, reading in sorted(found, key=lambda one: -len(one[1].exceptions)):
        known = {(error.type, error.message) for _, other in kept for error in other.exceptions}
        if not {(error.type, error.message) for error in reading.exceptions} <= known:
            kept.append((language, reading))
    return tuple(kept)


def read(text: str, grammars: Sequence[Grammar]) -> tuple[str, Reading] | None:
    """Return (language, reading) of the first trace in a text, by the first language that finds one."""
    return next(
        ((grammar.name, told) for grammar in grammars if (told := grammar.read(text)) is not None), None
    )


def _structured(value: object, depth: int) -> Iterator[Reading]:
    """Yield the tracebacks of structlog's `dict_tracebacks`: a list of stacks, the one that was logged first.

    Source: structlog, `structlog.tracebacks.ExceptionDictTransformer`.
    """
    if depth > _DEEPEST:
        return
    if isinstance(value, Mapping):
        for inner in list(value.values())[:_WIDEST]:
            yield from _structured(inner, depth + 1)
    elif isinstance(value, Sequence) and not isinstance(value, str | bytes) and value:
        stacks = [stack for stack in value[:_WIDEST] if isinstance(stack, Mapping) and "exc_type" in stack]
        if len(stacks) == len(value[:_WIDEST]):
            yield _stacked(stacks)


def _stacked(stacks: Sequence[Mapping[str, Any]]) -> Reading:
    chain = []
    for at, stack in enumerate(stacks):
        told_by_cause = bool(stacks[at + 1].get("is_cause")) if at + 1 < len(stacks) else None
        relation = {None: Relation.ROOT, True: Relation.CAUSE, False: Relation.CONTEXT}[told_by_cause]
        frames = [one for one in stack.get("frames") or () if isinstance(one, Mapping)]
        chain.append(
            ExceptionInfo(
                type=str(stack["exc_type"]),
                message=str(stack.get("exc_value", "")),
                frames=tuple(
                    frame(
                        str(one.get("filename", "")),
                        _line(one.get("lineno")),
                        str(one.get("name", "")) or None,
                        _code(one),
                    )
                    for one in frames
                ),
                relation=relation,
            )
        )
    return Reading(tuple(reversed(chain)), complete=True)


def _line(value: object) -> int | None:
    """BigQuery gives a payload's numbers back as floats."""
    return int(value) if isinstance(value, int | float) and float(value).is_integer() else None


def _code(one: Mapping[str, Any]) -> str | None:
    return str(one["line"]).strip() if one.get("line") else None

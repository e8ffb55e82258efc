"""A JSON payload -> what it says: message, level, logger, the stack traces in its fields.

In: the jsonPayload mapping of one entry, of any logger's making. Out: plain values.
Decides which field is which by fields.toml, and what counts as a stack trace.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from typing import Any

import orjson

from rca.model import Severity
from rca.normalize.dialects import severity_named
from rca.normalize.plain import plain

_FIELDS: dict[str, list[str]] = tomllib.loads(
    (files(__package__) / "fields.toml").read_text(encoding="utf-8")
)
_Paths = tuple[tuple[str, tuple[str, ...]], ...]


def _paths(name: str) -> _Paths:
    return tuple((field, tuple(field.split("."))) for field in _FIELDS[name])


_MESSAGE, _LEVEL, _LEVEL_NUMBER, _LOGGER = map(_paths, ("message", "level", "python_level", "logger"))
_STACK_NAMES = frozenset(_FIELDS["stack"]) | {field.rpartition(".")[2] for field in _FIELDS["stack"]}

_PINO = ((60, Severity.CRITICAL), (50, Severity.ERROR), (40, Severity.WARNING), (30, Severity.INFO))
_PYTHON = ((50, Severity.CRITICAL), (40, Severity.ERROR), (30, Severity.WARNING), (20, Severity.INFO))

# What shows that text is a stack trace: Python, Node, Java and .NET, Go, Ruby, Rust, Elixir, PHP. Each alternative
# is tried at a fixed first character, so reading stays linear.
_TRACE = re.compile(
    r"""
    Traceback[ ]\(most[ ]recent[ ]call[ ]last\)
    | \n[ \t]*(?:[|+][ ])?[ \t]*File[ ]"[^"\n]{1,400}",[ ]line[ ][0-9]
    | \n[ \t]+at[ ][^ \n]
    | \nCaused[ ]by:[ ]
    | goroutine[ ][0-9]{1,9}[ ]\[
    | \n[ \t]+[^\s:]{1,400}\.go:[0-9]
    | :[0-9]{1,9}:in[ ][`']
    | panicked[ ]at[ ]
    | \*\*[ ]\([A-Z]
    | \n[ ]{0,8}\#0[ ]
    """,
    re.VERBOSE,
)
_NAMES_EXCEPTION = re.compile(r"[A-Za-z_][\w.$]{0,200}(?:Error|Exception|Interrupt|Exit|Timeout|Group)\b")
_SHORTEST_TRACE = 12
_DEEPEST = 5
_MOST_VALUES = 2000  # fields looked at in one payload
_DUMP_LIMIT = 4000


def _first(payload: Mapping[str, Any], paths: _Paths) -> Iterator[object]:
    """Values at the paths that hold one, in order."""
    for field, path in paths:
        value: Any = payload.get(field)
        if value is None and len(path) > 1:
            value = payload
            for part in path:
                value = value.get(part) if isinstance(value, Mapping) else None
        if value is not None and value != "":
            yield value


def said_in(payload: Mapping[str, Any]) -> str:
    """The message of a JSON line as logged; where no field holds one, the payload itself as JSON."""
    for value in _first(payload, _MESSAGE):
        if isinstance(value, str):
            return value
        if isinstance(value, bool | int | float):
            continue
        if isinstance(value, Mapping) and isinstance(inner := value.get("message"), str) and inner:
            return inner
    return dumped(payload) if payload else ""


def dumped(value: object) -> str:
    """Any JSON value as text, its beginning; empty for one that nests too deep to be shown."""
    try:
        return orjson.dumps(value).decode()[:_DUMP_LIMIT]
    except TypeError:  # orjson's only error: nested too deeply, or not UTF-8
        return ""


def level_of(payload: Mapping[str, Any]) -> Severity | None:
    """The severity that a payload's own level field states; None where it has none."""
    for value in _first(payload, _LEVEL):
        if isinstance(value, str):
            if (named := severity_named(value)) is not None:
                return named
            if value.isascii() and value.isdigit() and len(value) <= 2:  # noqa: PLR2004 - pino's numbers have two digits
                return _on_scale(int(value), _PINO)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            return _on_scale(value, _PINO)
    for value in _first(payload, _LEVEL_NUMBER):
        if isinstance(value, int | float) and not isinstance(value, bool):
            return _on_scale(value, _PYTHON)
    return None


def _on_scale(number: float, scale: tuple[tuple[int, Severity], ...]) -> Severity | None:
    """Source: pino docs, `level` 10 trace to 60 fatal; Python's logging levels. Under 10 it is neither."""
    if not 10 <= number <= 100:  # noqa: PLR2004
        return None
    return next((severity for at_least, severity in scale if number >= at_least), Severity.DEBUG)


def logger_in(payload: Mapping[str, Any]) -> str | None:
    """The logger's name, where a field holds one."""
    return next((value for value in _first(payload, _LOGGER) if isinstance(value, str)), None)


def stacks_in(payload: Mapping[str, Any], said: str) -> tuple[str, ...]:
    """The stack traces in a payload's fields, in its order, each once, as plain text; `said` is not repeated."""
    found: list[str] = []
    left = [_MOST_VALUES]
    for value in payload.values():
        kind = type(value)
        if (kind is str and len(value) >= _SHORTEST_TRACE) or kind is dict or kind is list:
            break
    else:
        return ()
    for stack in _stacks(payload, _DEEPEST, left):
        if stack != said and (text := plain(stack)) not in found and text != plain(said):
            found.append(text)
    return tuple(found)


def _stacks(values: Mapping[str, Any], depth: int, left: list[int]) -> Iterator[str]:
    """What looks like a stack trace below `values`, `depth` levels down, while values are `left` to look at."""
    for name, value in values.items():
        left[0] -= 1
        if left[0] < 0:
            return
        if isinstance(value, str):
            if len(value) >= _SHORTEST_TRACE and _is_stack(name, value):
                yield value
        elif isinstance(value, Mapping):
            yield from _stacks(value, depth - 1, left) if depth else ()
        elif isinstance(value, list) and value:
            yield from _listed(name, value, depth, left)


def _listed(name: str, values: list[Any], depth: int, left: list[int]) -> Iterator[str]:
    """A trace as a list of lines, of frames, or one in each of several errors."""
    if isinstance(values[0], str):
        joined = ("" if values[0].endswith("\n") else "\n").join(map(str, values))
        if _is_stack(name, joined):
            yield joined
    elif (told := _from_frames(values)) is not None:
        yield told
    elif depth:
        for value in values:
            if isinstance(value, Mapping):
                yield from _stacks(value, depth - 1, left)


def _is_stack(name: str, text: str) -> bool:
    if ("\n" in text or "\\n" in text) and _TRACE.search(plain(text)) is not None:
        return True
    return name in _STACK_NAMES and _NAMES_EXCEPTION.match(text) is not None


def _from_frames(stacks: Sequence[Any]) -> str | None:
    """Structured tracebacks as Python would have printed them; None where the list is something else.

    Source: structlog, `structlog.tracebacks.ExceptionDictTransformer`: [{exc_type, exc_value, is_cause,
    frames: [{filename, lineno, name}]}], the exception that was caught first, then what it came from.
    """
    told: list[str] = []
    for stack in reversed(stacks):
        if not isinstance(stack, Mapping) or not isinstance(frames := stack.get("frames"), list):
            return None
        lines = ["Traceback (most recent call last):"]
        for frame in frames:
            if isinstance(frame, Mapping):
                place = (
                    f'  File "{frame.get("filename")}", line {frame.get("lineno")}, in {frame.get("name")}'
                )
                lines.append(place)
                if isinstance(code := frame.get("line"), str) and code.strip():
                    lines.append(f"    {code.strip()}")
        lines.append(f"{stack.get('exc_type')}: {stack.get('exc_value')}")
        told.append("\n".join(lines))
        if stack is not stacks[0]:
            # `is_cause` stands on the stack that is the cause of the one before it in the list
            told.append(
                "\nThe above exception was the direct cause of the following exception:\n"
                if stack.get("is_cause")
                else "\nDuring handling of the above exception, another exception occurred:\n"
            )
    return "\n".join(told) if told else None

"""One input of a reader -> another that is still nearly of its form.

In: bytes, and how the fuzzer itself would change them. Out: bytes. Decides how often lines are moved and values of JSON
exchanged for odd ones, rather than bytes: a changed byte mostly breaks JSON, and what lies behind its parser stays
unseen.
"""

import json
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

Mutate = Callable[[bytes, int], bytes]

_ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 1.5, 1e308, -1e-308, 2**31, 2**53, 2**63, 2**64, 10**400, float("inf"), float("nan"),
    "", " ", "0", "-1", "1e999", "NaN", "\x00", "\ud83d", "\u202e\u200b", "\r\n", "é" * 40, "x" * 3000, "\\", "'\"`",
    "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z", "1970-01-01T00:00:00+23:59", "2026-02-30T25:61:61Z",
    "2026-03-04T05:06:07.123456789Z", "2026-03-04", "1e9s", "-5s", "0.000000001s", "99999999999999999999s",
    [], {}, [[]], {"": ""}, [None], [1, "a", {}], {"a": {"b": {"c": []}}},
)  # fmt: skip
_PIECES = ("", "\n", " ", "\ud800", "0", "9" * 30, ":")
_DEEP = 40


def changed(data: bytes, limit: int, random: Random, mutate: Mutate, seeds: Sequence[bytes]) -> bytes:
    """An input that is another, no longer than `limit`."""
    draw = random.random()
    if draw < 0.4:
        return bytes(mutate(data, limit))
    made = _json_changed(data, random) if draw < 0.75 else None
    if made is None:
        made = _lines_changed(data, random, seeds)
    if random.random() < 0.1:
        made = bytes(mutate(made[:limit], limit))
    return made[:limit]


def _lines_changed(data: bytes, random: Random, seeds: Sequence[bytes]) -> bytes:
    """Lines doubled, left out, exchanged, cut, joined, run together or taken from another input."""
    lines = data.split(b"\n")
    for _ in range(random.randint(1, 4)):
        at, other = random.randrange(len(lines)), random.randrange(len(lines))
        way = random.randrange(8)
        if way == 0:
            lines.insert(at, lines[other])
        elif way == 1 and len(lines) > 1:
            del lines[at]
        elif way == 2:
            lines[at], lines[other] = lines[other], lines[at]
        elif way == 3:
            cut = random.randrange(len(lines[at]) + 1)
            lines[at] = lines[at][:cut] if random.random() < 0.5 else lines[at][cut:]
        elif way == 4:
            lines[at] += random.choice((b" ", b"", b"\t", b"|", b",")) + lines[other]
        elif way == 5:
            lines[at] = random.choice((b"  ", b"\t", b"> ", b"- ", b"| ", b"# ", b"\x1b[31m")) + lines[at]
        elif way == 6 and lines[at]:
            begin = random.randrange(len(lines[at]))
            piece = lines[at][begin : begin + random.randint(1, 12)]
            lines[at] = lines[at][:begin] + piece * random.choice((2, 3, 50, 400)) + lines[at][begin:]
        elif seeds:
            told = random.choice(seeds).split(b"\n")
            begin = random.randrange(len(told))
            lines[at:at] = told[begin : begin + random.randint(1, 8)]
    return b"\n".join(lines)


def _json_changed(data: bytes, random: Random) -> bytes | None:
    """The document, or one of its lines, with a value or a key exchanged; None where neither is JSON."""
    try:
        return _written(_exchanged(json.loads(data), random, 0))
    except (ValueError, RecursionError):
        lines = data.split(b"\n")
    at = random.randrange(len(lines))
    try:
        lines[at] = _written(_exchanged(json.loads(lines[at]), random, 0))
    except (ValueError, RecursionError):
        return None
    return b"\n".join(lines)


def _written(value: Any) -> bytes:  # noqa: ANN401 - any JSON value
    return json.dumps(value, ensure_ascii=True).encode()


def _exchanged(value: Any, random: Random, depth: int) -> Any:  # noqa: ANN401 - any JSON value in, the same out
    """The value with another somewhere in it, or another in its place."""
    if depth > _DEEP or not isinstance(value, dict | list) or not value or random.random() < 0.08:
        if isinstance(value, str) and value and random.random() < 0.4:
            at = random.randrange(len(value))
            return value[:at] + random.choice((*_PIECES, value)) + value[at + 1 :]
        return random.choice(_ODD)
    return (_list_changed if isinstance(value, list) else _object_changed)(value, random, depth)


def _list_changed(value: Any, random: Random, depth: int) -> Any:  # noqa: ANN401 - as above
    at, way = random.randrange(len(value)), random.random()
    if way < 0.15:
        return [*value[:at], *value[at + 1 :]]
    if way < 0.3:
        return [*value, value[at]]
    return [*value[:at], _exchanged(value[at], random, depth + 1), *value[at + 1 :]]


def _object_changed(value: Any, random: Random, depth: int) -> Any:  # noqa: ANN401 - as above
    way, key = random.random(), random.choice(list(value))
    rest = {name: one for name, one in value.items() if name != key}
    if way < 0.12:
        return rest
    if way < 0.2:
        other = random.choice(list(value))
        return {**value, key: value[other], other: value[key]}
    if way < 0.25:
        return {
            **rest,
            random.choice(("", key + key, key.upper(), "timestamp", "tests", "entries")): value[key],
        }
    return {**value, key: _exchanged(value[key], random, depth + 1)}

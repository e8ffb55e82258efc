"""What closes a WebSocket, what logs, which names stand for a close code: the patterns of `words.toml`, by name."""

import re
import tomllib
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

_LONGEST = 200
"""Letters of a name; longer ones are data."""


@cache
def table() -> dict[str, Any]:
    """The shipped words."""
    text = files(__package__).joinpath("words.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def _pattern(kind: str) -> re.Pattern[str]:
    return re.compile(table()[kind]["pattern"])


@lru_cache(maxsize=1 << 15)
def is_a(kind: str, name: str) -> bool:
    """Whether a name is one of a kind of `words.toml`: "closing", "levels", "loggers", …."""
    return _pattern(kind).search(name[-_LONGEST:]) is not None


def may_close(name: str, given: Sequence[int | str]) -> bool:
    """Whether a call of that name, or an object without one, can be a close: named so, or given a code and a text."""
    keys = [at for at in given if isinstance(at, str)]
    coded = any(is_a("code_keys", key) and key != "reason" for key in keys)
    if is_a("endings", name):  # `raise WebSocketDisconnect(code=…)` tells of an end, and makes none
        return False
    return bool(given) and (is_a("closing", name) or (coded and any(is_a("text_keys", key) for key in keys)))


def code_named(dotted: str) -> int | None:
    """The close code that a library's constant stands for: `status.WS_1011_INTERNAL_ERROR`; None for other names."""
    *owners, name = dotted[-_LONGEST:].split(".")
    if name == "value" and owners:
        *owners, name = owners
    if carried := _pattern("code_names").match(name):
        return int(carried[1])
    if owners and is_a("code_owners", owners[-1]):
        code = table()["codes"].get(name)
        return int(code) if code is not None else None
    return None


def names_of_code(code: int) -> tuple[str, ...]:
    """How source can spell a close code without its digits."""
    return tuple(name for name, number in table()["codes"].items() if number == code)

"""A text -> the same without secrets: by their shape, by their check sum, by the name beside them."""

import json
import tomllib
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from rca.redact import columns, drawn, escaped, lines, named, numbers, shapes
from rca.redact.masks import Masks

_ROUNDS = 8
"""A mask can bring two halves of another secret together; in practice the second round finds nothing."""

_DEEP = 4
"""Addresses within addresses, whose signs were escaped as often."""


def mask(text: str, masks: Masks | None = None) -> str:
    """Return text with every secret in it replaced by its mask; masking it again changes nothing.

    `masks` carries the numbering from text to text; without it the text is numbered on its own.
    """
    masks = masks or Masks()
    return masks.of("private_key", text) if lines.alone(text) else _masked(text, masks, _DEEP)


def _masked(text: str, masks: Masks, deep: int) -> str:
    names = names_of(masks.ids)
    for _ in range(_ROUNDS):
        before = text
        text = shapes.masked(text, masks.of)
        text = numbers.masked(text, masks.of)
        text = columns.masked(text, lambda name: names_a_secret(name, masks.ids), masks.of)
        text = drawn.masked(text, names, masks.of)
        text = named.masked(text, names, masks.of)
        if text == before:
            break
    return escaped.masked(text, lambda plain: _masked(plain, masks, deep - 1)) if deep else text


@lru_cache(maxsize=1 << 12)  # a service logs some hundred names, again and again
def names_a_secret(name: str, ids: tuple[str, ...]) -> bool:
    """Whether any value of that name is one."""
    pair = json.dumps({name: "hunter-2-hunter"}, ensure_ascii=False)
    return named.masked(pair, names_of(ids), Masks(ids=ids).of) != pair


@cache
def names_of(ids: tuple[str, ...]) -> named.Names:
    """The names of `names.toml`, and those of ids that the user wants masked."""
    return named.compiled(_tables(), ids)


@cache
def _tables() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "names.toml").read_text(encoding="utf-8"))

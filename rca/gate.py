"""Which texts can hold a match of any of some patterns, told in one pass.

In: patterns of Python's `re`, and a text. Out: whether looking for them one by one is worth it. Decides by RE2, which
reads a text once whatever the number of patterns; where it reads a text or a pattern otherwise than Python does, the
gate is open.
"""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache

from rca.lql.patterns import PatternError, compiled

_BOUNDARY = re.compile(r"(?<!\\)((?:\\\\)*)\\b")
_NOT_BEHIND = re.compile(r"\(\?<!\[(?:[^\]\\]|\\.){1,40}\]\)|\(\?<!\\?\w\)")
_ODD = re.compile(r"[^\x01-\x0a\x0c\x0d\x20-\x7f]|\n\Z")
"""Of these Python's `\\w`, `\\s` and `$` take more than RE2's: all letters, odd blanks, a last line break."""

_KEPT = 1 << 9
"""Texts: a service says most of its lines again and again."""


def gate(patterns: Iterable[str]) -> Callable[[str], bool]:
    """A function that says of a text whether it may hold a match; False is sure."""
    union = "|".join(f"(?:{pattern})" for pattern in patterns)
    try:
        # Word's bounds, and what must not stand before, are dropped: what matches with them matches without.
        search = compiled(_BOUNDARY.sub(r"\1", _NOT_BEHIND.sub("", union))).search
    except PatternError:
        return lambda _text: True

    @lru_cache(maxsize=_KEPT)
    def may_hold(text: str) -> bool:
        if not (text.isascii() and text.isprintable()) and _ODD.search(text) is not None:
            return True
        return search(text.encode()) is not None

    return may_hold
